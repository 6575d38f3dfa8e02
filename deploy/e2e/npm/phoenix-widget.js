// Phoenix's JavaScript client. Arguments: URL SESSION.
const {print, lines, fail} = require('./lines');
const WebSocket = require('ws');
const {Socket} = require('phoenix');
const [url, session] = process.argv.slice(2);

const socket = new Socket(`${url}socket`, {transport: WebSocket, reconnectAfterMs: () => 1e9});
socket.onError(fail);
socket.onClose(() => process.exit(0));
socket.connect();
const channel = socket.channel(`room:${session}`, {});
channel.on('shout', (m) => { if (m.type === 'reply') print({bot: m.body}); });
channel.join().receive('ok', () => print({open: true})).receive('error', fail);
lines((say) => channel.push('shout', {body: say}), () => socket.disconnect());
