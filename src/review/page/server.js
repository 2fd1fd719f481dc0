// Talks to the program: the token comes from the address, every answer is checked, sound lies behind its JSON.

const token = location.hash.slice(1);
export const client = crypto.randomUUID();

export class Refused extends Error {
  constructor(status, text) {
    super(text || `the program answered ${status}`);
    this.status = status;
  }
}

async function ask(path, body) {
  const headers = { 'X-Automaster-Token': token, 'X-Automaster-Page': client };
  const options = body === undefined ? { headers } : { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused(0, 'the program has ended; start it again and open the address that it prints');
  }
  if (!answer.ok) throw new Refused(answer.status, await answer.text());
  return answer;
}

const json = async (path, body) => (await ask(path, body)).json();

/** JSON and samples that belong together; nothing where a newer request took the place of this one. */
async function sound(path, body) {
  const answer = await ask(path, body);
  if (answer.status === 204) return undefined;
  const bytes = await answer.arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const channel = (c) => new Float32Array(bytes, 4 + length + 4 * c * head.frames, head.frames);
  return { ...head, samples: Array.from({ length: head.channels }, (_, c) => channel(c)) };
}

export const state = () => json('/api/state');
export const desk = () => json('/api/desk');
export const preview = (sequence, start_s, wanted) => sound('/api/preview', { client, sequence, start_s, wanted });
export const figures = async (sequence) => {
  const answer = await ask('/api/figures', { client, sequence });
  return answer.status === 204 ? undefined : answer.json();
};
export const codec = (sequence, coding) => sound('/api/codec', { client, sequence, coding });
export const plan = (text) => json('/api/plan', { text });
export const original = (which, start_s) => sound(`/api/${which}`, { start_s });
export const words = (text, wanted) => json('/api/words', { text, wanted });
export const save = (wanted) => json('/api/save', wanted);
export const render = (wanted) => json('/api/render', wanted);
export const cancel = () => json('/api/cancel', {});
export const reportAddress = () => `/report?token=${token}`;

addEventListener('pagehide', () => {
  const headers = { 'X-Automaster-Token': token, 'Content-Type': 'application/json' };
  fetch('/api/goodbye', { method: 'POST', keepalive: true, headers, body: JSON.stringify({ client }) }).catch(() => {});
});

// A page that the browser kept and shows again has said goodbye: it begins anew.
addEventListener('pageshow', (event) => event.persisted && location.reload());
