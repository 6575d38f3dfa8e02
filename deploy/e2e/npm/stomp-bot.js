// A stand-in for a broker with a bot behind it, STOMP 1.2 with content-length.
// PORT says where it listens.
const {answer} = require('./lines');
const {WebSocketServer} = require('ws');

let n = 0;
const wss = new WebSocketServer({
  port: Number(process.env.PORT), host: '127.0.0.1', handleProtocols: (offered) => (offered.has('v12.stomp') ? 'v12.stomp' : false),
}, () => console.log('ready'));
wss.on('connection', (ws) => {
  let subscription = '';
  ws.on('message', (data) => {
    const text = data.toString();
    const command = text.slice(0, text.indexOf('\n'));
    const header = (name) => (text.match(new RegExp(`\n${name}:([^\n]*)`)) || [])[1];
    const send = (...lines) => ws.send(lines.join('\n') + '\0');
    if (command === 'CONNECT') send('CONNECTED', 'version:1.2', 'heart-beat:0,0', '', '');
    if (command === 'SUBSCRIBE') subscription = header('id');
    if (command === 'SUBSCRIBE' || header('receipt')) send('RECEIPT', `receipt-id:${header('receipt')}`, '', '');
    if (command !== 'SEND') return;
    const said = JSON.parse(text.slice(text.indexOf('\n\n') + 2, text.lastIndexOf('\0')));
    const body = JSON.stringify({type: 'CHAT', sender: 'bot', content: answer(said.content), note: 'ü'});
    send('MESSAGE', 'destination:/user/queue/reply', 'content-type:application/json', `subscription:${subscription}`,
      `message-id:m-${++n}`, `content-length:${Buffer.byteLength(body)}`, '', body);
  });
});
