// The client library of Cognigy. Arguments: URL SESSION.
const {print, lines, fail} = require('./lines');
const {SocketClient} = require('@cognigy/socket-client');
const [url, session] = process.argv.slice(2);

const client = new SocketClient(url, 'a-url-token', {
  userId: 'u1', sessionId: session, channel: 'test', forceWebsockets: true, reconnection: false, enableInnerSocketHandshake: false,
});
client.on('output', (m) => print({bot: m.text}));
client.on('error', fail);
client.connect().then(() => print({open: true}), fail);
lines((say) => client.sendMessage(say), () => { client.disconnect(); process.exit(0); });
