// Settings as they are, as they were and as they are proposed. Quick changes of one control are one step back.

const ONE_MOVE_MS = 700;

export class History {
  constructor(proposed, loudness, notes, changed) {
    this.proposed = { settings: proposed, loudness, amounts: {}, loaded: null, words: [], notes };
    this.now = structuredClone(this.proposed);
    this.past = [];
    this.future = [];
    this.changed = changed;
  }

  /** Changes the settings; `control` names what was moved. */
  change(control, edit) {
    const same = control !== undefined && control === this.control && performance.now() - this.at < ONE_MOVE_MS;
    if (!same) this.past.push(structuredClone(this.now));
    [this.control, this.at, this.future] = [control, performance.now(), []];
    edit(this.now);
    this.changed();
  }

  undo() {
    this.travel(this.past, this.future);
  }

  redo() {
    this.travel(this.future, this.past);
  }

  travel(from, to) {
    if (!from.length) return;
    to.push(this.now);
    this.now = from.pop();
    this.control = undefined;
    this.changed();
  }
}
