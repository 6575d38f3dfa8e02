// The SockJS client over its WebSocket transport. Arguments: URL SESSION.
const {print, lines, fail} = require('./lines');
const SockJS = require('sockjs-client');
const [url, session] = process.argv.slice(2);

const sock = new SockJS(`${url}chat`, null, {transports: ['websocket']});
sock.onopen = () => print({open: true});
sock.onmessage = (m) => { for (const reply of JSON.parse(JSON.parse(m.data).content)) print({bot: reply.text}); };
sock.onclose = (e) => { if (e.code === 1000) process.exit(0); fail(`closed with ${e.code}`); };
lines((say) => sock.send(JSON.stringify({type: 'CHAT', content: JSON.stringify({message: say, session_id: session})})), () => sock.close());
