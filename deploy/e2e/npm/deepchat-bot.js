// A bot for the deep-chat component. PORT says where it listens.
const {answer} = require('./lines');
const {WebSocketServer} = require('ws');

new WebSocketServer({port: Number(process.env.PORT), host: '127.0.0.1'}, () => console.log('ready')).on('connection', (ws) => {
  ws.on('message', (data) => ws.send(JSON.stringify({text: answer(JSON.parse(data).messages.at(-1).text)})));
});
