// The page: asks for the desk, plays, shows, and sends every change to be rendered. A preview is shown as current only if
// it was made of the settings that the page has now.

import { amount, card, make, scaled } from './cards.js';
import { CodecEars } from './codec.js';
import * as delta from './delta.js';
import { History } from './history.js';
import * as pictures from './pictures.js';
import { Plans } from './plans.js';
import { Player, heardLufs } from './player.js';
import * as scale from './scale.js';
import * as server from './server.js';

const at = (id) => document.getElementById(id);
const VERSIONS = { a: 'mix', b: 'master', c: 'reference', d: 'difference' };
const FIGURES = [
  ['loudness', 'loudness_lufs', 'LUFS'],
  ['true peak', 'true_peak_dbtp', 'dBTP'],
  ['loudest 3 s', 'max_short_term_lufs', 'LUFS'],
  ['punch (PSR)', 'psr_lu', 'LU'],
  ['width', 'width_db', 'dB'],
];

/** Marks that get a button; all of them are drawn. */
const MARKS = 12;

let desk, history, plans, player, cards, coded;
let start = 0;
let sequence = 0;
let shown = 0;
let asked;
const sounds = {};

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function begin() {
  for (;;) {
    const state = await server.state();
    at('step').textContent = state.step;
    at('done').value = state.done;
    if (state.error) throw new Error(state.error);
    if (state.ready) break;
    await sleep(250);
  }
  desk = await server.desk();
  document.title = `${desk.mix.name} - review`;
  at('title').textContent = desk.reference ? `${desk.mix.name}, to sound like ${desk.reference.name}` : desk.mix.name;
  at('heard').replaceChildren(...desk.heard.map((line) => make('li', { textContent: line })));
  at('places').textContent = `The plan goes to ${desk.plan_file}, the master to ${desk.output}.`;
  history = new History(desk.proposed, desk.loudness_lufs, desk.notes, changed);
  plans = new Plans(history);
  player = new Player();
  coded = new CodecEars(desk.codecs, at('ears'), at('coded'), player, () => (shown === sequence ? sequence : undefined));
  at('marks').append(...desk.marks.slice(0, MARKS).map(mark));
  cards = Object.fromEntries(desk.stages.map((stage) => [stage.id, card(stage, history)]));
  at('cards').append(...Object.values(cards).map((c) => c.node));
  if (!desk.reference) document.querySelector('[data-version="reference"]').disabled = true;
  at('waiting').hidden = true;
  at('desk').hidden = false;
  window.review = { player, history, desk, sounds, shown: () => shown === sequence };
  controls();
  if (desk.reference) server.original('reference', desk.reference.loudest_s).then((sound) => arrived('reference', sound)).catch(failed);
  await choose(desk.mix.loudest_s);
  requestAnimationFrame(frame);
  watch();
}

/** Chooses the section of the mix. */
async function choose(seconds) {
  const length = Math.min(desk.section_s, desk.mix.seconds);
  start = Math.min(Math.max(0, seconds), desk.mix.seconds - length);
  const [low, high] = [0, desk.mix.seconds - length];
  for (const [name, value] of Object.entries({ valuemin: low, valuemax: high, valuenow: start })) at('wave').setAttribute(`aria-${name}`, value.toFixed(1));
  at('wave').setAttribute('aria-valuetext', `from ${scale.time(start)}`);
  stale();
  player.drop('master');
  player.drop('coded');
  const asked = start;
  const sound = await server.original('mix', start);
  if (asked !== start) return;
  start = sound.start_s;
  arrived('mix', sound);
  if (player.playing) await player.seek(0);
  else player.offset = 0;
  await preview();
}

function arrived(name, sound) {
  sounds[name] = sound;
  player.set(name, sound);
  show();
}

function stale() {
  sequence += 1;
  at('now').classList.add('stale');
  at('now').setAttribute('aria-busy', 'true');
  at('status').textContent = 'rendering this section with your settings …';
}

/** A button to where something is wrong. */
function mark({ what, start_s, end_s }) {
  const button = make('button', { type: 'button', textContent: `${scale.time(start_s)} ${what}` });
  button.onclick = () => choose((start_s + end_s - Math.min(desk.section_s, desk.mix.seconds)) / 2).catch(failed);
  return make('li', {}, button);
}

/** Something was changed; a note alone is not heard. */
function changed() {
  if (JSON.stringify(plans.wanted) !== asked) {
    stale();
    preview();
  }
  for (const each of Object.values(cards)) each.update();
  overview();
}

async function preview() {
  const mine = sequence;
  asked = JSON.stringify(plans.wanted);
  try {
    const sound = await server.preview(mine, start, plans.wanted);
    if (!sound || mine !== sequence) return;
    // Heard first: what it measures is told once it is known, and until then what stands there is marked as old.
    shown = mine;
    sounds.master = sound;
    player.set('master', sound);
    meters();
    const { waiting_ms, chain_ms, measuring_ms } = sound.took;
    at('status').textContent = 'This section as it would be in the master, being measured …';
    at('status').title = `waited ${waiting_ms.toFixed(0)} ms, chain ${chain_ms.toFixed(0)} ms, loudness in ${measuring_ms.toFixed(0)} ms`;
    coded.listen();
    const measured = await server.figures(mine);
    if (!measured || mine !== sequence) return;
    sound.figures = measured.figures;
    at('now').classList.remove('stale');
    at('now').setAttribute('aria-busy', 'false');
    at('status').textContent = 'This section as it would be in the master.';
    show();
  } catch (error) {
    asked = undefined;
    if (mine === sequence) failed(error);
  }
}

function failed(error) {
  at('status').textContent = error.message;
  at('step').textContent = error.message;
}

/** Figures, spectra and meters of what has arrived. */
function show() {
  const cell = (name, key) => {
    const value = sounds[name]?.[key] ?? sounds[name]?.figures?.[key];
    return make('td', { className: name, textContent: value === undefined ? '' : value.toFixed(1) });
  };
  const rows = FIGURES.map(([title, key, unit]) => {
    const head = make('th', { scope: 'row' }, `${title} `, make('small', { textContent: unit }));
    return make('tr', {}, head, ...['mix', 'master', 'reference'].map((name) => cell(name, key)));
  });
  at('figures').tBodies[0].replaceChildren(...rows);
  const line = (name, more) => sounds[name]?.figures && { name, levels: sounds[name].figures.mid_dbfs, lufs: heardLufs(sounds[name]), ...more };
  const lines = [line('reference', { dashed: true }), line('mix'), line('master', { thick: true })].filter(Boolean);
  if (lines.length) pictures.spectrum(at('spectrum'), desk.frequencies_hz, lines);
  meters();
}

/** What each stage did. */
function meters() {
  const all = sounds.master?.meters ?? [];
  pictures.gain(at('gain'), all.find((m) => m.stage === 'limiter')?.gains[0]?.trace_db ?? []);
  for (const [stage, each] of Object.entries(cards)) each.measured(all.find((m) => m.stage === stage)?.gains);
}

/** What is changed against what is proposed, and the steps back. */
function overview() {
  at('delta').replaceChildren(...delta.lines(desk, history));
  at('undo').disabled = !history.past.length;
  at('redo').disabled = !history.future.length;
  at('loudness').value = history.now.loudness?.toFixed(1) ?? '';
  const amounts = desk.stages.filter((s) => scaled(s).length).map((s) => history.now.amounts[s.id] ?? 100);
  if (amounts.every((a) => a === amounts[0])) at('amount').value = amounts[0] ?? 100;
  at('amount-text').textContent = `${at('amount').value} %`;
}

function hear(name) {
  if (name !== 'difference' && !sounds[name]) return;
  player.hear(name);
  for (const button of document.querySelectorAll('[data-version]')) button.setAttribute('aria-checked', String(button.dataset.version === name));
}

const toggle = () => (player.playing ? player.pause() : player.play());

function controls() {
  overview();
  at('play').onclick = toggle;
  for (const button of document.querySelectorAll('[data-version]')) button.onclick = () => hear(button.dataset.version);
  at('matched').onchange = () => ((player.matched = at('matched').checked), player.levels());
  at('loop').onchange = () => player.setLoop(at('loop').checked);
  at('loudest').onclick = () => choose(desk.mix.loudest_s).catch(failed);
  at('ears').onchange = () => {
    player.setEars(at('ears').value);
    coded.listen();
  };
  at('undo').onclick = () => history.undo();
  at('redo').onclick = () => history.redo();
  at('proposed').onclick = () => history.change('all back', (now) => Object.assign(now, structuredClone({ ...history.proposed, notes: now.notes })));
  at('amount').oninput = () => history.change('amount', (now) => amount(now, history, desk.stages, at('amount').valueAsNumber));
  at('loudness').onchange = () => {
    const lufs = at('loudness').valueAsNumber;
    history.change('loudness', (now) => (now.loudness = Number.isFinite(lufs) ? Math.min(-3, Math.max(-40, lufs)) : null));
  };
  at('words').onsubmit = (event) => {
    event.preventDefault();
    say();
  };
  const length = () => Math.min(desk.section_s, desk.mix.seconds);
  at('wave').onclick = (event) => choose((event.offsetX / at('wave').clientWidth) * desk.mix.seconds - length() / 2).catch(failed);
  at('wave').onkeydown = (event) => {
    const step = { ArrowLeft: -5, ArrowRight: 5, PageUp: 20, PageDown: -20 }[event.key];
    if (step) event.preventDefault(), choose(start + step).catch(failed);
  };
  at('save').onclick = () => act(() => plans.save());
  at('load').onchange = () => at('load').files[0] && act(load);
  at('render').onclick = () => act(async () => (await server.render(plans.planned), ''));
  at('cancel').onclick = () => act(async () => (await server.cancel(), 'stopping …'));
  addEventListener('keydown', keys);
  addEventListener('resize', show);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
}

function keys(event) {
  if (event.target.matches('input[type="number"], input[type="text"], select')) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === 'z' || key === 'y') event.preventDefault(), key === 'y' || event.shiftKey ? history.redo() : history.undo();
    return;
  }
  if (event.altKey) return;
  if (key === ' ' && !event.target.matches('button, summary, input')) event.preventDefault(), toggle();
  else if (VERSIONS[key]) hear(VERSIONS[key]);
  else if (key === 'l') at('loudest').click();
  else if (key === 'm') at('matched').click();
}

/** Does what is said in words; until it is done, nothing else is said. */
async function say() {
  const [said, button, focused] = [at('said'), at('words').querySelector('button'), document.activeElement];
  if (button.disabled) return;
  button.disabled = said.readOnly = true;
  try {
    at('moved').textContent = await plans.say(said.value);
  } catch (error) {
    at('moved').textContent = error.message;
  } finally {
    button.disabled = said.readOnly = false;
    // A button that is disabled loses the focus.
    if (document.activeElement === document.body) focused.focus();
  }
}

async function load() {
  at('load').disabled = true;
  try {
    return await plans.load(at('load').files[0]);
  } finally {
    at('load').value = '';
    at('load').disabled = false;
  }
}

async function act(work) {
  at('result').className = '';
  try {
    at('result').textContent = await work();
  } catch (error) {
    at('result').className = 'bad';
    at('result').textContent = error.message;
  }
  await look();
}

let wasRunning = false;

/** How far the render is. */
async function look() {
  const { render } = await server.state();
  at('cancel').hidden = at('rendering').hidden = !render.running;
  at('render').disabled = render.running;
  at('rendering').value = render.done;
  if (render.running) at('result').textContent = `rendering, ${Math.round(100 * render.done)} %`;
  if (wasRunning && !render.running) {
    at('result').className = render.error ? 'bad' : '';
    at('result').textContent = render.error ?? `${render.headline} ${render.file}`;
  }
  if (render.file && !render.running) {
    at('report').href = server.reportAddress();
    at('report').hidden = false;
  }
  wasRunning = render.running;
}

/** Shows the program that the page is there, and follows a render, also of another tab. */
async function watch() {
  for (;;) {
    try {
      await look();
    } catch (error) {
      failed(error);
    }
    await sleep(wasRunning ? 250 : 1500);
  }
}

function frame() {
  requestAnimationFrame(frame);
  const length = Math.min(desk.section_s, desk.mix.seconds);
  pictures.wave(at('wave'), desk.mix.trace, desk.marks, desk.mix.seconds, start, length, player.position);
  at('position').textContent = scale.time(start + player.position);
  at('play').textContent = player.playing ? 'Pause' : 'Play';
}

begin().catch((error) => {
  at('step').textContent = error.status === 403 ? 'Open the address that automaster printed, with all that follows the #.' : error.message;
  at('done').hidden = true;
});
