// A stand-in for an ASP.NET Core hub: it completes invocations, echoes what was
// said and answers, all in one message. PORT says where it listens.
const {answer} = require('./lines');
const {WebSocketServer} = require('ws');

const record = (o) => JSON.stringify(o) + '\x1e';
new WebSocketServer({port: Number(process.env.PORT), host: '127.0.0.1'}, () => console.log('ready')).on('connection', (ws) => {
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
