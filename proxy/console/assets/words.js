// How things are named and how long they took, for people.

export const feelings = [
  ['frustrated', 'effort without progress'],
  ['angry', 'loud, blaming, threatening'],
  ['dominated', 'exit refused, forced through menus'],
  ['ignored', 'repeating themselves, unanswered, looped'],
  ['unfulfilled', 'the goal is open and the bot cannot reach it'],
];

export const verdicts = {
  needed: 'Needed',
  'too-early': 'Too early',
  'too-late': 'Too late',
  'wrong-desk': 'Wrong desk',
};

const events = {
  dtmf: 'Pressed a key',
  no_input: 'Said nothing',
  no_match: 'Was not understood',
  barge_in: 'Spoke over the bot',
  reconnect: 'Came back',
  silence: 'Went quiet',
};

// title makes a heading of a rule id: asks-for-person, Asks for person.
export function title(id) {
  const words = (id || 'handoff').replaceAll(/[-_.]+/g, ' ');
  return words[0].toUpperCase() + words.slice(1);
}

export function eventText(turn) {
  const name = events[turn.event] ?? title(turn.event);
  return [name, turn.value, turn.text].filter(Boolean).join(': ');
}

// waited tells how long ago a time was.
export function waited(ms) {
  const minutes = Math.floor(ms / 60000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}

// language names a language in the reader's own.
export function language(tag) {
  try {
    return new Intl.DisplayNames([], { type: 'language' }).of(tag);
  } catch {
    return tag; // not a tag
  }
}

export function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

export function points(n) {
  return String(Math.round((n ?? 0) * 10) / 10);
}

// isMine tells whether an agent of this name has the conversation.
export const isMine = (s, me) => s.agent === me;
