// A card a stage, a control a parameter: all from the registry.

import * as scale from './scale.js';

export const make = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};

/** The value of a parameter: as set, or neutral. */
export const valueOf = (settings, param) => settings[param.id] ?? param.default;

/** Sets a parameter; neutral values are not kept, as in a plan file. */
export function put(settings, param, value) {
  if (value === param.default) delete settings[param.id];
  else settings[param.id] = value;
}

/** Whether a decision's parameter, or group of parameters, covers an id. */
const covers = (decision, id) => id === decision || id.startsWith(`${decision}.`);

/** Parameters of a stage that its amount scales: the moves that are proposed, but not what limits the file. */
export const scaled = (stage) =>
  stage.id === 'limiter' ? [] : stage.params.filter((p) => p.kind !== 'switch' && p.kind !== 'choice' && stage.reasons.some((r) => covers(r.param, p.id)));

/** A person's note on a setting: a field that opens where it is asked for, or where something is noted. */
function noteOn(param, history) {
  const button = make('button', { type: 'button', className: 'note', textContent: '✎', title: `${param.name}: note` });
  const field = make('input', { type: 'text', className: 'noted', maxLength: 500, placeholder: 'note', hidden: true });
  button.setAttribute('aria-label', `${param.name}: note`);
  button.setAttribute('aria-expanded', 'false');
  field.setAttribute('aria-label', `note on ${param.name}`);
  const show = (open) => {
    field.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  };
  button.onclick = () => {
    show(field.hidden);
    if (!field.hidden) field.focus();
  };
  field.onchange = () =>
    history.change(`note ${param.id}`, ({ notes }) => {
      const text = field.value.trim();
      if (text) notes[param.id] = text;
      else delete notes[param.id];
    });
  const update = () => {
    const text = history.now.notes[param.id] ?? '';
    if (document.activeElement !== field) field.value = text;
    if (text) show(true);
  };
  return { button, field, update };
}

function control(param, history) {
  const set = (value) => history.change(param.id, ({ settings }) => put(settings, param, value));
  const name = make('span', { className: 'name', textContent: param.name, title: `${param.doc} (${param.id})` });
  const back = make('button', { type: 'button', className: 'back', textContent: '↺', title: `${param.name}: back to proposed` });
  back.setAttribute('aria-label', `${param.name}: back to proposed`);
  back.onclick = () => set(valueOf(history.proposed.settings, param));
  const note = noteOn(param, history);
  const row = make('div', { className: 'param' });
  row.dataset.param = param.id;
  let show;
  if (param.kind === 'switch') {
    const box = make('input', { type: 'checkbox', className: 'span' });
    box.setAttribute('aria-label', param.name);
    box.onchange = () => set(Number(box.checked));
    show = (value) => (box.checked = value >= 0.5);
    row.append(name, box, note.button, back);
  } else if (param.kind === 'choice') {
    const options = param.choices.map((choice, i) => make('option', { value: i, textContent: choice.replaceAll('_', ' ') }));
    const list = make('select', { className: 'span' }, ...options);
    list.setAttribute('aria-label', param.name);
    list.onchange = () => set(Number(list.value));
    show = (value) => (list.value = value);
    row.append(name, list, note.button, back);
  } else {
    const slider = make('input', { type: 'range', min: 0, max: 1, step: 'any' });
    const number = make('input', { type: 'number', min: param.min, max: param.max, step: 'any' });
    slider.setAttribute('aria-label', param.name);
    number.setAttribute('aria-label', `${param.name} in ${param.unit || 'its unit'}`);
    slider.oninput = () => set(scale.value(param, Number(slider.value)));
    const text = (value) => Number(value.toPrecision(4));
    number.onchange = () => {
      if (Number.isFinite(number.valueAsNumber)) set(scale.clamp(param, number.valueAsNumber));
      // What stands in the field is what is used, also while it is being written in.
      number.value = text(valueOf(history.now.settings, param));
    };
    show = (value) => {
      // Where a loudness is promised, the drive is whatever gives it.
      slider.disabled = number.disabled = param.id === 'limiter.drive_db' && history.now.loudness !== null;
      row.title = slider.disabled ? 'Set by the loudness; clear the loudness to set the drive by hand.' : '';
      slider.value = scale.place(param, value);
      slider.setAttribute('aria-valuetext', scale.text(param, value));
      if (document.activeElement !== number) number.value = text(value);
    };
    row.append(name, slider, number, make('small', { textContent: param.unit }), note.button, back);
  }
  let drawn;
  const update = () => {
    const value = valueOf(history.now.settings, param);
    const key = JSON.stringify([value, history.now.loudness === null, history.now.notes[param.id]]);
    if (key === drawn) return;
    drawn = key;
    show(value);
    row.classList.toggle('changed', value !== valueOf(history.proposed.settings, param));
    note.update();
  };
  row.append(note.field);
  update();
  return { row, update };
}

export function card(stage, history) {
  const bypass = stage.params.find((p) => p.id === `${stage.id}.bypass`);
  const on = make('input', { type: 'checkbox' });
  on.onchange = () => history.change(`${stage.id}.bypass`, ({ settings }) => put(settings, bypass, Number(!on.checked)));
  const back = make('button', { type: 'button', textContent: 'Back to proposed' });
  back.setAttribute('aria-label', `${stage.name}: back to proposed`);
  back.onclick = () =>
    history.change(`${stage.id} back`, (now) => {
      for (const param of stage.params) put(now.settings, param, valueOf(history.proposed.settings, param));
      delete now.amounts[stage.id];
    });
  const reasons = stage.reasons.map((r) => {
    const item = make('li', {}, make('b', { textContent: r.text }), make('span', { className: 'why', textContent: ` ${r.why}` }));
    if (r.held_back) item.append(make('span', { className: 'why', textContent: '; ' }), make('span', { className: 'held', textContent: r.held_back }));
    return item;
  });
  const meter = make('p', { className: 'meter' });
  const node = make('article', { className: 'card', id: `stage-${stage.id}` });
  node.append(
    make('header', {}, make('h3', {}, make('label', {}, on, ` ${stage.name}`)), back),
    make('p', { className: 'why', textContent: stage.doc }),
    make('ul', { className: 'moves' }, ...reasons),
    meter,
  );
  const updates = [];
  const moves = scaled(stage);
  if (moves.length) {
    const slider = make('input', { type: 'range', min: 0, max: 150, step: 1 });
    const output = make('output');
    slider.setAttribute('aria-label', `${stage.name}: amount`);
    slider.oninput = () => history.change(`${stage.id} amount`, (now) => amount(now, history, [stage], Number(slider.value)));
    node.append(make('label', { className: 'wide' }, 'amount ', slider, output));
    updates.push(() => {
      slider.value = history.now.amounts[stage.id] ?? 100;
      output.textContent = `${slider.value} %`;
    });
  }
  // What is proposed is at hand; all else is made when somebody looks for it.
  const rest = stage.params.filter((p) => p !== bypass);
  const isProposed = (p) => p.id in history.proposed.settings;
  const proposed = rest.filter(isProposed);
  const fold = (title, params, open) => {
    if (!params.length) return;
    const details = make('details', {}, make('summary', { textContent: title }));
    const fill = () => {
      if (details.childElementCount > 1) return;
      for (const param of params) {
        const made = control(param, history);
        details.append(made.row);
        updates.push(made.update);
      }
    };
    details.ontoggle = fill;
    if (open) fill();
    details.open = open;
    node.append(details);
  };
  fold(`${proposed.length} proposed ${proposed.length === 1 ? 'setting' : 'settings'}`, proposed, proposed.length > 0 && proposed.length <= 8);
  fold(`${rest.length - proposed.length} neutral ${rest.length - proposed.length === 1 ? 'setting' : 'settings'}`, rest.filter((p) => !isProposed(p)), false);
  const update = () => {
    on.checked = valueOf(history.now.settings, bypass) < 0.5;
    node.classList.toggle('off', !on.checked);
    back.disabled = stage.params.every((p) => valueOf(history.now.settings, p) === valueOf(history.proposed.settings, p));
    updates.forEach((u) => u());
  };
  const measured = (gains) => {
    const words = (gains ?? []).filter((g) => Math.abs(g.min_db) > 0.04 || Math.abs(g.max_db) > 0.04);
    meter.textContent = words.map((g) => `${g.name.replaceAll('_', ' ')} ${g.min_db.toFixed(1)} to ${g.max_db.toFixed(1)} dB`).join(', ');
  };
  update();
  return { node, update, measured };
}

/** Scales what is proposed for some stages: 0 leaves it out, 100 is as proposed. */
export function amount(now, history, stages, percent) {
  for (const stage of stages) {
    now.amounts[stage.id] = percent;
    for (const param of scaled(stage)) {
      const full = valueOf(history.proposed.settings, param);
      put(now.settings, param, scale.clamp(param, param.default + (percent / 100) * (full - param.default)));
    }
  }
}
