// The console's own API, as functions.

// Refusal is an answer that is not a success: status, error, hint, by.
export class Refusal extends Error {
  constructor(status, body) {
    super(body.error ?? 'not available');
    this.status = status;
    this.hint = body.hint ?? '';
    this.by = body.by ?? '';
  }
}

const base = '/api/v1/';

async function call(path, options) {
  let answer;
  try {
    answer = await fetch(base + path, options);
  } catch {
    throw new Refusal(0, { error: 'Attune does not answer', hint: 'Check the network; nothing was lost here.' });
  }
  if (answer.status === 401) {
    location.assign('/console/login');
    throw new Refusal(401, { error: 'logged out' });
  }
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, body);
  return body;
}

const post = (path, body) => call(path, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body ?? {}),
});

const one = (session) => `handoffs/${encodeURIComponent(session)}`;

export const me = () => call('me');
export const handoffs = () => call('handoffs');
export const conversation = (session) => call(one(session));
export const claim = (session) => post(`${one(session)}/claim`);
export const say = (session, text) => post(`${one(session)}/say`, { text });
export const giveBack = (session) => post(`${one(session)}/return`);
export const transfer = (session, to) => post(`${one(session)}/transfer`, to);
export const typing = (session) => post(`${one(session)}/typing`);
export const desks = () => call('desks');
export const replies = (locale) => call(`replies?locale=${encodeURIComponent(locale)}`);
export const resolve = (session, verdict) => post(`${one(session)}/resolve`, { verdict });
