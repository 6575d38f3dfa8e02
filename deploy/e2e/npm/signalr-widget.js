// Microsoft's SignalR client. Arguments: URL SESSION.
const {print, lines, fail} = require('./lines');
const {HubConnectionBuilder, HttpTransportType, LogLevel} = require('@microsoft/signalr');
const [url, session] = process.argv.slice(2);

const hub = new HubConnectionBuilder()
  .withUrl(`${url}chathub?session=${session}`, {transport: HttpTransportType.WebSockets})
  .configureLogging(LogLevel.None).build();
hub.on('ReceiveMessage', (user, text) => { if (user === 'bot') print({bot: text}); });
hub.onclose(() => process.exit(0));
hub.start().then(() => print({open: true}), fail);
lines((say) => hub.invoke('SendMessage', 'ana', say).catch(fail), () => hub.stop());
