// A stand-in for an ASP.NET Core hub: it negotiates, completes invocations,
// echoes what was said and answers, all in one message. PORT says where it
// listens.
const {answer} = require('./lines');
const http = require('http');
const {WebSocketServer} = require('ws');

const server = http.createServer((req, res) => {
  if (req.method !== 'POST' || !req.url.startsWith('/chathub/negotiate')) return res.writeHead(404).end();
  const availableTransports = [{transport: 'WebSockets', transferFormats: ['Text', 'Binary']}];
  res.writeHead(200, {'Content-Type': 'application/json'});
  return res.end(JSON.stringify({negotiateVersion: 1, connectionId: 'c1', connectionToken: 't1', availableTransports}));
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
const record = (o) => JSON.stringify(o) + '\x1e';
new WebSocketServer({server}).on('connection', (ws) => {
  ws.on('message', (data) => {
    let out = '';
    for (const text of data.toString().split('\x1e').filter(Boolean)) {
      const m = JSON.parse(text);
      if (m.protocol) out += '{}\x1e';
      if (m.type === 6) out += record({type: 6});
      if (m.type !== 1) continue;
      if (m.invocationId !== undefined) out += record({type: 3, invocationId: m.invocationId, result: null});
      const [user, said] = m.arguments;
      out += record({type: 1, target: 'ReceiveMessage', arguments: [user, said]});
      out += record({type: 1, target: 'ReceiveMessage', arguments: ['bot', answer(said)]});
    }
    if (out) ws.send(out);
  });
});
