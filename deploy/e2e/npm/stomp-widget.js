// The STOMP client for browsers and Node. Arguments: URL SESSION.
const {print, lines, fail} = require('./lines');
Object.assign(globalThis, {WebSocket: require('ws')});
const {Client} = require('@stomp/stompjs');
const [url, session] = process.argv.slice(2);

const client = new Client({
  brokerURL: `${url}ws`, connectHeaders: {login: session, passcode: 'p:w'}, reconnectDelay: 0, heartbeatIncoming: 0, heartbeatOutgoing: 0,
});
client.onConnect = () => {
  client.watchForReceipt('r-0', () => print({open: true}));
  client.subscribe('/user/queue/reply', (m) => print({bot: JSON.parse(m.body).content}), {receipt: 'r-0'});
};
client.onStompError = client.onWebSocketError = fail;
client.onWebSocketClose = () => process.exit(0);
client.activate();
lines((say) => client.publish({
  destination: '/app/sendMessage', headers: {'content-type': 'application/json'}, body: JSON.stringify({type: 'CHAT', content: say, sender: 'ana'}),
}), () => client.deactivate());
