// A bot behind socket.io 2 (Engine.IO 3), in a namespace of its own, with the
// events of Rasa's channel. PORT says where it listens.
const {answer} = require('./lines');
const io = require('socket.io-2')(Number(process.env.PORT), {serveClient: false});

io.of('/rasa').on('connection', (socket) => {
  socket.on('session_request', (m) => socket.emit('session_confirm', m.session_id));
  socket.on('user_uttered', (m) => socket.emit('bot_uttered', {text: answer(m.message)}));
});
console.log('ready');
