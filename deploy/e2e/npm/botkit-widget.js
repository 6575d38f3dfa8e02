// A widget that speaks Botkit's web protocol over the ws library. It takes
// lines {"say": TEXT} on stdin and prints lines {"bot": TEXT, …} for what
// arrives. Arguments: URL USER CREDENTIAL.
const WebSocket = require('ws');
const [url, user, credential] = process.argv.slice(2);
const print = (o) => process.stdout.write(JSON.stringify(o) + '\n');

const ws = new WebSocket(url, {headers: {Authorization: `Bearer ${credential}`}});
ws.on('open', () => {
  print({open: true});
  ws.send(JSON.stringify({type: 'hello', user, channel: 'socket', user_profile: null}));
});
ws.on('message', (data) => {
  const m = JSON.parse(data);
  if (m.type === 'message') print({bot: m.text, agent: m.agent, raw: data.toString()});
});
ws.on('close', (code) => { print({close: code}); process.exit(0); });
ws.on('error', (e) => { print({error: e.code || 'error'}); process.exit(1); });

require('readline').createInterface({input: process.stdin}).on('line', (line) => {
  const {say} = JSON.parse(line);
  ws.send(JSON.stringify({type: 'message', text: say, user, channel: 'socket'}));
}).on('close', () => ws.close(1000));
