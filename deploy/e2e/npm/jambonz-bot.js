// An IVR application on jambonz's SDK. PORT says where it listens.
const {answer} = require('./lines');
const http = require('http');
const {createEndpoint} = require('@jambonz/node-client-ws');

const server = http.createServer();
const makeService = createEndpoint({server});
makeService({path: '/'}).on('session:new', (session) => {
  const ask = (text) => session.say({text}).gather({input: ['speech'], actionHook: '/said'});
  session.on('/said', (e) => ask(answer(e.speech.alternatives[0].transcript)).reply());
  ask('Welcome.').send();
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
