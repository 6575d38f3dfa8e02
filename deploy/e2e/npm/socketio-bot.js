// A bot behind socket.io with the events of Rasa's channel. PORT says where it
// listens.
const {Server} = require('socket.io');

const io = new Server({serveClient: false});
io.on('connection', (socket) => {
  socket.on('session_request', (m) => socket.emit('session_confirm', (m && m.session_id) || socket.id));
  socket.on('user_uttered', (m, ack) => {
    const say = (text, more) => socket.emit('bot_uttered', {text, ...more});
    if (/parcel/i.test(m.message)) {
      say('Order 1182 was sent on 3 May.', {quick_replies: [{content_type: 'text', title: 'Track it', payload: '/track'}]});
    } else if (/fee/i.test(m.message)) {
      say("I can't help with that fee of 12.50.");
    } else if (m.message === '/human_handoff') { // Rasa's intent: people answer from here on
      say('Mia here. Which parcel?');
    } else {
      say('Sorry, I did not get that.');
    }
    if (typeof ack === 'function') ack('ok');
  });
});
io.listen(Number(process.env.PORT));
console.log('ready');
