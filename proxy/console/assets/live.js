// The line over which changes arrive. It comes back by itself.

import { me } from './api.js';

const first = 500;
const most = 10000;

// watch keeps a WebSocket open. onState gets 'connecting', 'live' or 'lost';
// onChange gets {kind, session}.
export function watch({ onState, onChange }) {
  let wait = first;
  const connect = () => {
    const url = new URL('/api/v1/events', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => {
      wait = first;
      onState('live');
    });
    socket.addEventListener('message', (e) => onChange(JSON.parse(e.data)));
    socket.addEventListener('close', () => {
      onState('lost');
      // A browser does not say why an upgrade was refused; asking who we
      // are leads to the log-in page when we are nobody any more.
      me().catch(() => {});
      setTimeout(connect, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, most);
    });
  };
  onState('connecting');
  connect();
}

// settle returns a function that runs job soon, once, however often it is
// called meanwhile, and never twice at the same time.
export function settle(job, delay = 120) {
  let planned = false;
  let running = false;
  let again = false;
  const run = async () => {
    planned = false;
    running = true;
    try {
      await job();
    } finally {
      running = false;
      if (again) {
        again = false;
        plan();
      }
    }
  };
  const plan = () => {
    if (running) again = true;
    else if (!planned) {
      planned = true;
      setTimeout(run, delay);
    }
  };
  return plan;
}
