// The agents' page: a list, a conversation, and a line that says what
// changed. What is open stands in the address (#session), so it survives a
// reload and the back button works.

import * as api from './api.js';
import { $, setText } from './dom.js';
import { listen } from './keys.js';
import { settle, watch } from './live.js';
import { Queue } from './queue.js';
import { Talk } from './talk.js';

const me = document.body.dataset.name;
const speaks = 'speaks' in document.body.dataset;

const tell = {
  done: (text) => say($('notice'), text, 6000),
  fault: (text) => say($('alert'), text, 10000),
};

const timers = new Map();

function say(box, text, ms) {
  clearTimeout(timers.get(box));
  box.textContent = text;
  timers.set(box, setTimeout(() => { box.textContent = ''; }, ms));
}

const opened = () => {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
};

const queue = new Queue(me, (session) => { location.hash = encodeURIComponent(session); });

const talk = new Talk({
  me,
  speaks,
  tell,
  onLeave: (text) => {
    setText($('nothing-text'), text);
    tell.done(text);
    leave();
  },
  onChange: () => refreshQueue(),
});

const refreshQueue = settle(async () => {
  try {
    queue.show(await api.handoffs());
  } catch (err) {
    if (err.status !== 401 && err.status !== 0) tell.fault([err.message, err.hint].filter(Boolean).join('. '));
  }
});

const refreshTalk = settle(() => talk.refresh());

function refreshAll() {
  refreshQueue();
  refreshTalk();
}

async function route() {
  const session = opened();
  document.body.classList.toggle('reading', session !== '');
  queue.mark(session);
  await talk.open(session);
}

// leave goes back to the list, with the keyboard on it.
function leave() {
  history.pushState(null, '', location.pathname);
  route();
  queue.focus();
}

window.addEventListener('hashchange', route);
document.querySelector('.skip').addEventListener('click', (e) => {
  e.preventDefault();
  talk.compose();
});
$('back').addEventListener('click', leave);
listen({ queue, talk });
$('logout').addEventListener('submit', () => sessionStorage.clear());

watch({
  onState: (state) => {
    $('line').dataset.state = state;
    setText($('line'), { live: 'live', connecting: 'connecting', lost: 'connection lost, coming back' }[state]);
    if (state === 'live') refreshAll();
  },
  onChange: ({ kind, session }) => {
    if (kind === 'typing') {
      if (session === talk.session) talk.writing();
      return;
    }
    if (kind === 'turn' && session !== talk.session) queue.news(session);
    refreshQueue();
    if (kind !== 'queue' && session === talk.session) refreshTalk();
  },
});

// What an event did not tell, because a laptop slept, a slow poll does.
setInterval(() => { if (!document.hidden) refreshAll(); }, 20000);
window.addEventListener('online', refreshAll);
document.addEventListener('visibilitychange', () => { if (!document.hidden) refreshAll(); });

refreshQueue();
route();
