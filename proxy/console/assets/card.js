// The card: why this person waits, in one glance.

import { $, h, setText } from './dom.js';
import { clock, feelings, points } from './words.js';

const full = 8; // a bar is full at the score that brings in a person

export function showCard(conv) {
  setText($('card-why'), conv.why || 'Not recorded.');
  setText($('card-reason'), conv.reason || '–');
  setText($('card-score'), `score ${points(conv.score)}`);
  showFeelings(conv.feelings ?? {});
  setText($('card-goal'), conv.goal || 'Not clear yet.');
  list($('card-notes'), conv.notes, (n) => [h('b', {}, `${n.by === 'customer' ? 'The customer' : n.by}, ${clock(n.at)}`), n.text]);
  list($('card-words'), conv.words, (w) => h('span', { dir: 'auto', lang: conv.language || null }, w));
  list($('card-tried'), conv.tried, (t) => t);
  list($('card-facts'), conv.facts, (f) => f);
  list($('card-promises'), conv.promises, (p) => `${p.text} (due ${clock(p.due)})`);
}

function list(ul, items, show) {
  ul.parentElement.hidden = !items?.length;
  ul.replaceChildren(...(items ?? []).map((item) => h('li', {}, show(item))));
}

function showFeelings(felt) {
  const box = $('card-feelings');
  const top = Math.max(full, ...Object.values(felt));
  if (!box.firstChild) {
    box.append(...feelings.flatMap(([name, about]) => [
      h('span', { title: about, id: `feeling-${name}` }, name),
      h('span', { class: 'meter', role: 'meter', 'data-feeling': name, 'aria-labelledby': `feeling-${name}`, 'aria-valuemin': '0' }, h('i')),
      h('span', { class: 'figure', 'aria-hidden': 'true' }),
    ]));
  }
  for (const [name] of feelings) {
    const n = felt[name] ?? 0;
    const meter = box.querySelector(`.meter[data-feeling="${name}"]`);
    meter.setAttribute('aria-valuemax', top);
    meter.setAttribute('aria-valuenow', points(n));
    meter.firstChild.style.width = `${(100 * n) / top}%`;
    setText(meter.nextSibling, points(n));
    for (const el of [meter.previousSibling, meter.nextSibling]) el.classList.toggle('none', n === 0);
  }
}
