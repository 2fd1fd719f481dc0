// What the person changed, said and noted, against what is proposed; every line with its way back.

import { make, put, valueOf } from './cards.js';
import * as scale from './scale.js';

export const LOUDNESS = 'delivery.loudness_lufs';
const lufs = (value) => (value === null || value === undefined ? 'as the drive gives' : `${value.toFixed(1)} LUFS`);

function line(text, strong, back) {
  const item = make('li', {}, text, make('b', { textContent: strong }));
  if (back) {
    const button = make('button', { type: 'button', textContent: 'back' });
    button.setAttribute('aria-label', `${text.split(':')[0]}: back to proposed`);
    button.onclick = back;
    item.append(button);
  }
  return item;
}

/** The lines of the panel. */
export function lines(desk, history) {
  const { now, proposed } = history;
  const params = desk.stages.flatMap((stage) => stage.params.map((param) => ({ stage, param })));
  const changed = params.filter(({ param }) => valueOf(now.settings, param) !== valueOf(proposed.settings, param));
  const moves = changed.map(({ stage, param }) => {
    const [old, value] = [proposed, now].map(({ settings }) => scale.text(param, valueOf(settings, param)));
    const back = () => history.change(param.id, ({ settings }) => put(settings, param, valueOf(proposed.settings, param)));
    return line(`${stage.name}, ${param.name}: ${old} → `, value, back);
  });
  if (now.loudness !== proposed.loudness) {
    const back = () => history.change('loudness', (settings) => (settings.loudness = proposed.loudness));
    moves.unshift(line(`Loudness: ${lufs(proposed.loudness)} → `, lufs(now.loudness), back));
  }
  const said = now.words.map((text) => line('You said: ', text));
  const names = new Map(params.map(({ stage, param }) => [param.id, `${stage.name}, ${param.name}`]));
  const notes = Object.entries(now.notes).map(([id, text]) =>
    line(`Note on ${names.get(id) ?? 'Loudness'}: `, text, () => history.change(`note ${id}`, (all) => delete all.notes[id])),
  );
  return [...moves, ...said, ...notes];
}
