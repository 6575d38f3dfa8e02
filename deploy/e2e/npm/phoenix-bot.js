// A stand-in for a Phoenix endpoint, serializer 2.0.0. PORT says where it
// listens.
const {answer} = require('./lines');
const {WebSocketServer} = require('ws');

new WebSocketServer({port: Number(process.env.PORT), host: '127.0.0.1'}, () => console.log('ready')).on('connection', (ws) => {
  ws.on('message', (data) => {
    const [join, ref, topic, event, payload] = JSON.parse(data);
    const send = (...m) => ws.send(JSON.stringify(m));
    if (event === 'phx_join' || event === 'heartbeat' || event === 'shout') send(join, ref, topic, 'phx_reply', {status: 'ok', response: {}});
    if (event !== 'shout') return;
    send(null, null, topic, 'shout', {body: payload.body, type: 'customer', id: `c${ref}`});
    send(null, null, topic, 'shout', {body: answer(payload.body), type: 'reply', id: `b${ref}`});
  });
});
