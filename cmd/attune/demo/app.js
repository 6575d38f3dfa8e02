// The page of `attune demo`: a chat widget of the plainest kind, and a player
// for three conversations. It speaks {"text":…,"session":…} over a WebSocket
// and knows nothing about Attune.

const $ = (id) => document.getElementById(id);
const log = $('log'), state = $('state'), box = $('say');
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
const rest = (ms) => new Promise((done) => setTimeout(done, ms));

const config = await (await fetch('config.json')).json();
const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
const address = `${scheme}://${location.hostname}:${config.port}/chat`;

// The conversation outlives a reload of the page, in this tab.
let session = sessionStorage.getItem('session');
let history = JSON.parse(sessionStorage.getItem('history') || '[]');

// --- what stands in the log

function show(m) {
  const at = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const item = document.createElement('div');
  if (m.note) {
    item.className = 'note';
    item.textContent = m.note;
  } else {
    item.className = m.from;
    const who = document.createElement('span');
    who.className = 'who';
    who.textContent = { you: 'You', bot: 'Bot', attune: 'Bot (words of Attune)', agent: `${m.name}, a person` }[m.from];
    const bubble = document.createElement('p');
    bubble.className = 'bubble';
    bubble.textContent = m.text;
    item.append(who, bubble);
    if (m.own) {
      const own = document.createElement('p');
      own.className = 'own';
      const words = document.createElement('q');
      words.textContent = m.own;
      own.append('The bot wanted to say: ', words);
      item.append(own);
    }
  }
  log.append(item);
  if (at || m.from === 'you') log.scrollTop = log.scrollHeight;
}

function add(m) {
  history.push(m);
  if (history.length > 200) history = history.slice(-200);
  sessionStorage.setItem('history', JSON.stringify(history));
  show(m);
}

const dots = document.createElement('div');
dots.className = 'dots';
dots.textContent = '• • •';
dots.setAttribute('aria-hidden', 'true');
let waiting;
function think(on) {
  clearTimeout(waiting);
  if (!on) return dots.remove();
  log.append(dots);
  log.scrollTop = log.scrollHeight;
  waiting = setTimeout(() => dots.remove(), 6000); // nobody may answer, as while a person is being called
}

// --- the socket

let socket, tries = 0, retry;
let arrived = 0; // messages received: what the player waits for
const unsent = [];

function connect() {
  clearTimeout(retry);
  const ws = new WebSocket(address);
  socket = ws;
  ws.onopen = () => {
    tries = 0;
    state.textContent = 'Connected';
    ws.send(JSON.stringify({ hello: history.length === 0, session }));
    while (unsent.length) ws.send(unsent.shift());
  };
  ws.onmessage = (e) => {
    if (ws === socket) receive(e.data);
  };
  ws.onclose = () => {
    if (ws !== socket) return; // let go on purpose
    const wait = Math.min(10, 0.5 * 2 ** tries++);
    state.textContent = 'Connection lost, trying again…';
    retry = setTimeout(connect, wait * 1000 * (0.7 + 0.6 * Math.random()));
  };
}

function receive(data) {
  let m;
  try { m = JSON.parse(data); } catch { return; }
  if (typeof m.text !== 'string') return;
  think(false);
  arrived++;
  if (m.agent) {
    stop('A person is here. Go on typing yourself.');
    add({ from: 'agent', name: typeof m.agent === 'string' ? m.agent : 'Agent', text: m.text });
  } else if (typeof m.said === 'string') {
    add({ from: 'bot', text: m.text, own: m.said === m.text ? '' : m.said });
  } else {
    add({ from: 'attune', text: m.text });
  }
}

function send(text) {
  const message = JSON.stringify({ text, session });
  add({ from: 'you', text });
  think(true);
  if (socket.readyState === WebSocket.OPEN) socket.send(message);
  else unsent.push(message);
}

function afresh() {
  session = 'demo-' + Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('');
  history = [];
  unsent.length = 0;
  sessionStorage.setItem('session', session);
  sessionStorage.setItem('history', '[]');
  log.replaceChildren();
  think(false);
  const old = socket;
  socket = undefined;
  old?.close(1000);
  state.textContent = 'Connecting…';
  connect();
}

// --- the player

let playing = 0; // counts up; a player whose number is old stops

function stop(note) {
  if (!document.querySelector('[aria-pressed=true]')) return;
  playing++;
  for (const b of $('stories').children) b.setAttribute('aria-pressed', 'false');
  box.value = '';
  if (note) add({ note });
}

async function play(story, button) {
  stop();
  const me = ++playing;
  const mine = () => me === playing;
  button.setAttribute('aria-pressed', 'true');
  $('watch').textContent = story.watch;
  const greeted = arrived;
  afresh();
  await answered(greeted, 4000, mine);
  for (const line of story.says) {
    await type(line, mine);
    if (!mine()) return;
    box.value = '';
    const before = arrived;
    send(line);
    const heard = await answered(before, 8000, mine);
    if (!mine()) return;
    if (!heard) return stop('Nobody answers just now. Look into the console: somebody may be waiting there.');
    await rest(config.pause);
    if (!mine()) return;
  }
  stop();
}

async function type(line, mine) {
  if (calm || !config.pause) return;
  for (let i = 1; i <= line.length && mine(); i++) {
    box.value = line.slice(0, i);
    await rest(22);
  }
}

async function answered(before, limit, mine) {
  for (const until = Date.now() + limit; Date.now() < until && mine();) {
    if (arrived > before) return true;
    await rest(50);
  }
  return false;
}

for (const story of config.stories) {
  const b = document.createElement('button');
  b.type = 'button';
  b.id = 'play-' + story.id;
  b.textContent = story.title;
  b.setAttribute('aria-pressed', 'false');
  b.onclick = () => (b.getAttribute('aria-pressed') === 'true' ? stop() : play(story, b));
  $('stories').append(b);
}

$('form').onsubmit = (e) => {
  e.preventDefault();
  const text = box.value.trim();
  if (!text) return;
  stop();
  box.value = '';
  send(text);
};
$('afresh').onclick = () => {
  stop();
  $('watch').textContent = '';
  afresh();
  box.focus();
};
$('originals').onchange = (e) => log.classList.toggle('plain', !e.target.checked);

if (session) {
  history.forEach(show);
  connect();
} else {
  afresh();
}
