// The socket.io 2 client with the events of Rasa's widget.
// Arguments: URL SESSION.
const {print, lines, fail} = require('./lines');
const io = require('socket.io-client-2');
const [url, session] = process.argv.slice(2);

const socket = io(new URL('/rasa', url).href, {transports: ['websocket'], reconnection: false});
socket.on('connect', () => socket.emit('session_request', {session_id: session}));
socket.on('session_confirm', () => print({open: true}));
socket.on('bot_uttered', (m) => print({bot: m.text}));
socket.on('connect_error', fail);
socket.on('disconnect', () => process.exit(0));
lines((say) => socket.emit('user_uttered', {message: say, session_id: session}), () => socket.close());
