// Passing a conversation on: to another desk, to a colleague, with a note.

import * as api from './api.js';
import { $, h } from './dom.js';

// askWhere opens the dialog. It resolves to {desk, to, note}, or to null when
// nothing shall be done.
export async function askWhere(conv, me) {
  const { desks, agents } = await api.desks();
  const pick = (select, list, none) => select.replaceChildren(
    h('option', { value: '' }, none), ...list.map((name) => h('option', { value: name }, name)));
  pick($('pass-desk'), desks.filter((d) => d !== conv.desk), conv.desk ? `${conv.desk}, as now` : 'as now');
  pick($('pass-agent'), agents.filter((a) => a !== me), 'whoever is free');
  $('pass-note').value = '';
  const dialog = $('pass-dialog');
  dialog.returnValue = '';
  dialog.showModal();
  $('pass-desk').focus();
  await new Promise((done) => { dialog.addEventListener('close', done, { once: true }); });
  if (dialog.returnValue !== 'pass') return null;
  return { desk: $('pass-desk').value, to: $('pass-agent').value, note: $('pass-note').value.trim() };
}
