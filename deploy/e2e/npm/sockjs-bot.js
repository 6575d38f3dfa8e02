// A bot behind SockJS with the messages of rasa-webchat: JSON in JSON in JSON.
// PORT says where it listens.
const {answer} = require('./lines');
const http = require('http');

const chat = require('sockjs').createServer({prefix: '/chat', log: () => {}});
chat.on('connection', (conn) => conn.on('data', (text) => {
  const said = JSON.parse(JSON.parse(text).content);
  conn.write(JSON.stringify({type: 'CHAT', content: JSON.stringify([{text: answer(said.message), quick_replies: []}]), sender: 'bot'}));
}));
const server = http.createServer();
chat.installHandlers(server);
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
