// The client library of Rails, with the browser's two globals it looks at.
// Arguments: URL SESSION.
const {print, lines, fail} = require('./lines');
globalThis.addEventListener = globalThis.removeEventListener = () => {};
globalThis.document = {visibilityState: 'visible'};
const {createConsumer, adapters} = require('@rails/actioncable/app/assets/javascripts/actioncable.js');
adapters.WebSocket = require('ws');
const [url, session] = process.argv.slice(2);

const consumer = createConsumer(`${url}cable`);
const channel = consumer.subscriptions.create({channel: 'ChatChannel', pubsub_token: session}, {
  connected() { print({open: true}); },
  rejected() { fail('rejected'); },
  received(m) { if (m.sender === 'bot') print({bot: m.body}); },
});
lines((say) => channel.perform('speak', {message: say}), () => { consumer.disconnect(); process.exit(0); });
