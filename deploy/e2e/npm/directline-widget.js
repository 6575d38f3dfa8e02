// A page on botframework-directlinejs, which speaks by HTTP and hears over a
// socket. Arguments: URL SESSION SECRET.
const {print, lines, fail} = require('./lines');
global.XMLHttpRequest = require('xhr2');
global.WebSocket = require('ws');
const {ConnectionStatus, DirectLine} = require('botframework-directlinejs');
const [url, , secret] = process.argv.slice(2);

const from = {id: 'dl_user1', name: 'Sam'};
const line = new DirectLine({secret, domain: `${url}v3/directline`, webSocket: true});
let n = 0;
const post = (activity) => line.postActivity({from, channelData: {clientActivityID: `a${++n}`}, ...activity}).subscribe({error: fail});
line.connectionStatus$.subscribe((status) => {
  if (status === ConnectionStatus.Online) print({open: true});
  if (status === ConnectionStatus.FailedToConnect) fail('no connection');
});
line.activity$.subscribe({
  next: (a) => {
    if (a.type === 'message' && a.from.id !== from.id) print({bot: a.text});
    if (a.type === 'event' && a.name === 'handoff.initiate') print({handoff: a.value});
  },
  error: fail,
});
lines((text) => post({type: 'message', text}), () => process.exit(0), (state) => post({type: 'event', name: 'handoff.status', value: {state}}));
