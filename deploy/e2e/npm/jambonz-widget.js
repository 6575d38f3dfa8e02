// A platform that plays jambonz's part of a call: it hands over what the caller
// said and wants the verbs within five seconds. Arguments: URL SESSION.
const {print, lines, fail} = require('./lines');
const WebSocket = require('ws');
const [url, call] = process.argv.slice(2);

let queue; // the verb that has put the caller into one
const ws = new WebSocket(url, ['ws.jambonz.org'], {perMessageDeflate: false});
let n = 0;
let open = false;
const waits = new Set(); // ids of what has no answer yet
const send = (type, more) => {
  const msgid = `m${++n}`;
  waits.add(msgid);
  ws.send(JSON.stringify({type, msgid, call_sid: call, ...more}));
};
ws.on('open', () => send('session:new', {data: {call_sid: call, direction: 'inbound', from: '+441632960001', to: '+441632960002', call_status: 'trying'}}));
ws.on('message', (data) => {
  const m = JSON.parse(data);
  if (m.type === 'ack' && !waits.delete(m.msgid)) fail(`a second answer to ${m.msgid}, or one to nothing`);
  for (const verb of m.data || []) {
    if (verb.verb === 'enqueue') print({handoff: queue = verb});
    if (verb.verb !== 'say') continue;
    if (!open) {
      open = true;
      print({open: true});
    } else {
      print({bot: verb.text});
    }
  }
});
ws.on('error', fail);
ws.on('close', () => process.exit(0));
lines((say) => send('verb:hook', {
  hook: '/said',
  data: {call_sid: call, reason: 'speechDetected', speech: {language_code: 'en-GB', is_final: true, alternatives: [{confidence: 0.93, transcript: say}]}},
}), () => ws.close(), (result) => send('verb:hook', {
  hook: queue.actionHook,
  data: {call_sid: call, queue_sid: 'q1', queue_result: result, queue_time: 3, queue_size: 0, queue_position: 0},
}));
