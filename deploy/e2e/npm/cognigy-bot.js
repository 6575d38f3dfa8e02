// A stand-in for a Cognigy endpoint on socket.io 2: every output wants to be
// acknowledged, and a turn ends with finalPing. PORT says where it listens.
const {answer} = require('./lines');
const io = require('socket.io-2')(Number(process.env.PORT), {serveClient: false});

io.on('connection', (socket) => {
  socket.emit('endpoint-ready');
  socket.on('processInput', (m) => {
    const text = answer(m.text);
    const data = {text, data: {_cognigy: {_webchat: {message: {text, quick_replies: []}}}}, source: 'bot', traceId: 't-1'};
    socket.emit('output', {type: 'output', data}, () => socket.emit('finalPing', {type: 'regular'}));
  });
});
console.log('ready');
