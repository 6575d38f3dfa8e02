// A bot on botbuilder behind a stand-in for the Direct Line service, which is a
// closed one: conversations, activities, and a stream that shows every activity,
// the customer's own ones too. It knows no CORS. PORT says where it listens.
const {answer} = require('./lines');
const {randomUUID} = require('crypto');
const express = require('express');
const {WebSocketServer} = require('ws');
const {ActivityHandler, CloudAdapter, ConfigurationBotFrameworkAuthentication} = require('botbuilder');

const port = Number(process.env.PORT);
const bot = new ActivityHandler();
bot.onMessage((context, next) => context.sendActivity(answer(context.activity.text)).then(next));
const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({}));

const streams = new Map(); // by conversation: sockets
const counts = new Map();
const show = (conversation, activity) => {
  const n = counts.get(conversation) || 0;
  counts.set(conversation, n + 1);
  activity = {...activity, id: `${conversation}|${String(n).padStart(7, '0')}`, conversation: {id: conversation}, timestamp: new Date().toISOString()};
  for (const ws of streams.get(conversation) || []) ws.send(JSON.stringify({activities: [activity], watermark: String(n)}));
  return activity;
};

const app = express();
app.use(express.json());
app.post('/api/messages', (req, res) => adapter.process(req, res, (context) => bot.run(context)));
app.post('/v3/directline/conversations', (req, res) => {
  const id = `conv-${randomUUID().slice(0, 8)}`;
  const streamUrl = `ws://${req.headers.host}/v3/directline/conversations/${id}/stream?watermark=-&t=token`;
  res.status(201).json({conversationId: id, token: 'token', expires_in: 1800, streamUrl});
});
app.post('/v3/directline/conversations/:id/activities', (req, res) => {
  const activity = show(req.params.id, req.body);
  res.json({id: activity.id});
  fetch(`http://127.0.0.1:${port}/api/messages`, {
    method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({...activity, channelId: 'directline', recipient: {id: 'bot'}, serviceUrl: `http://127.0.0.1:${port}`}),
  });
});
const said = (req, res) => res.json({id: show(req.params.id, req.body).id});
app.post('/v3/conversations/:id/activities', said);
app.post('/v3/conversations/:id/activities/:to', said);

const server = app.listen(port, '127.0.0.1', () => console.log('ready'));
new WebSocketServer({server}).on('connection', (ws, req) => {
  const id = req.url.split('/')[4];
  streams.set(id, [...(streams.get(id) || []), ws]);
});
