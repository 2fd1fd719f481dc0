// The plan that the settings are: said in words, loaded, saved; and a question before what is not saved is lost.

import * as server from './server.js';

/** Longest file that is read as a plan; the program takes a little more, as it gets longer on the way. */
const LONGEST_BYTES = 900_000;

export class Plans {
  constructor(history) {
    this.history = history;
    this.kept = this.held;
    const stay = (event) => this.held !== this.kept && event.preventDefault();
    addEventListener('beforeunload', stay);
    // A page that the browser kept begins anew when it is shown again: its person has chosen to leave it already.
    addEventListener('pagehide', () => removeEventListener('beforeunload', stay));
  }

  /** What is heard, and what it began with. */
  get wanted() {
    const { settings, loudness, loaded, words } = this.history.now;
    return { settings, loudness_lufs: loudness, loaded, words };
  }

  /** With all that goes into the plan but is not heard. */
  get planned() {
    return { ...this.wanted, notes: this.history.now.notes, when: new Date().toISOString() };
  }

  /** All that a saved plan would hold, whatever was set first. */
  get held() {
    const { settings, loudness, loaded, words, notes } = this.history.now;
    return JSON.stringify([Object.entries(settings).sort(), loudness, loaded, words, Object.entries(notes).sort()]);
  }

  /** Asks the program about what is set. Where that was changed before the answer came, the answer is about something else. */
  async ask(question) {
    const before = this.held;
    const answer = await question();
    if (this.held !== before) throw new Error('something was changed meanwhile, so nothing was done; try it again');
    return answer;
  }

  /** Does what is said; gives what was moved, in words. */
  async say(text) {
    const { settings, loudness_lufs, moved } = await this.ask(() => server.words(text, this.wanted));
    this.history.change(undefined, (now) => Object.assign(now, { settings, loudness: loudness_lufs, words: [...now.words, text] }));
    return moved;
  }

  /** Goes on with the plan of a file: its text is read here and sent, so that the program opens no path. One step to undo. */
  async load(file) {
    if (file.size > LONGEST_BYTES) throw new Error(`${file.name} is too long for a plan`);
    const { settings, loudness_lufs, notes, loaded, changed, other_mix } = await this.ask(async () => server.plan(await file.text()));
    this.history.change(undefined, (now) => Object.assign(now, { settings, loudness: loudness_lufs, notes, loaded, words: [], amounts: {} }));
    const count = changed.length === 1 ? '1 setting differs' : `${changed.length} settings differ`;
    return `${file.name}: ${count} from what is proposed${other_mix ? `; it was made for another mix, ${other_mix}` : ''}`;
  }

  async save() {
    const { held } = this;
    const file = await server.save(this.planned);
    this.kept = held;
    return `saved: ${file}`;
  }
}
