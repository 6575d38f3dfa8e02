// The real socket.io client with the events of Rasa's widget. It takes lines
// {"say": TEXT} on stdin and prints lines {"bot": TEXT, …} for what arrives.
// Arguments: URL SESSION CREDENTIAL. The URL may say ?by=polling or ?by=both, else
// it is a WebSocket from the start.
const {io} = require('socket.io-client');
const [url, session, credential] = process.argv.slice(2);
const print = (o) => process.stdout.write(JSON.stringify(o) + '\n');

const by = {polling: ['polling'], both: ['polling', 'websocket']}[new URL(url).searchParams.get('by')] || ['websocket'];
const socket = io(url, {
  transports: by, reconnection: false, extraHeaders: {Authorization: `Bearer ${credential}`},
});
socket.on('connect', () => socket.emit('session_request', {session_id: session}));
socket.on('session_confirm', () => print({open: true}));
socket.on('bot_uttered', (m) => print({bot: m.text, agent: m.metadata && m.metadata.agent, raw: JSON.stringify(m)}));
socket.on('connect_error', (e) => { print({error: e.message}); process.exit(1); });
socket.on('disconnect', (reason) => { print({close: reason}); process.exit(0); });

require('readline').createInterface({input: process.stdin}).on('line', (line) => {
  const {say} = JSON.parse(line);
  socket.emit('user_uttered', {message: say, customData: {language: 'en'}, session_id: session}, () => print({ack: true}));
}).on('close', () => socket.close());
