// A Botkit bot as its documentation shows one: it knows two things and
// refuses or misunderstands the rest. PORT says where it listens.
const {Botkit} = require('botkit');
const {WebAdapter} = require('botbuilder-adapter-web');

const controller = new Botkit({adapter: new WebAdapter({})});

controller.on('hello', (bot, m) => bot.reply(m, 'Hi there'));
controller.on('welcome_back', (bot, m) => bot.reply(m, 'Welcome back'));
controller.hears(/parcel/i, 'message', (bot, m) =>
  bot.reply(m, {text: 'Order 1182 was sent on 3 May.', quick_replies: [{title: 'Track it', payload: 'track 1182'}]}));
controller.hears(/fee/i, 'message', (bot, m) => bot.reply(m, "I can't help with that fee of 12.50."));
controller.hears(/^track/i, 'message', (bot, m) => bot.reply(m, 'It is in Cork.'));
controller.on('attune_note', async (_, m) => console.log(`note: ${m.text}`));
controller.on('message', (bot, m) => bot.reply(m, 'Sorry, I did not get that.'));
controller.ready(() => console.log('ready'));
