// The waiting list: groups of rows, kept by session so that focus stays.

import { $, h, setText } from './dom.js';
import { feelings, isMine, points, title, waited } from './words.js';

const long = 5 * 60 * 1000; // a wait worth a second look

export class Queue {
  #me;
  #rows = new Map(); // session -> row
  #skew = 0; // server's clock minus ours, ms
  #open = '';
  #order = '';
  #news = new Set(); // sessions in which something was said unseen
  #mine = []; // sessions of ours, as they stand
  #list = $('queue-list');

  // onOpen is called with the session of a chosen row.
  constructor(me, onOpen) {
    this.#me = me;
    this.onOpen = onOpen;
    this.#list.addEventListener('keydown', (e) => this.#keys(e));
    setInterval(() => this.#tick(), 5000);
  }

  // show puts an answer of GET handoffs on the page.
  show({ now, handoffs }) {
    this.#skew = new Date(now) - Date.now();
    const groups = [
      ['', handoffs.filter((s) => !s.agent)],
      ['With you', handoffs.filter((s) => s.agent && isMine(s, this.#me))],
      ['With others', handoffs.filter((s) => s.agent && !isMine(s, this.#me))],
    ];
    const seen = new Set(handoffs.map((s) => s.session));
    for (const session of this.#rows.keys()) if (!seen.has(session)) this.#rows.delete(session);
    this.#mine = groups[1][1].map((s) => s.session);
    for (const session of this.#news) if (!seen.has(session)) this.#news.delete(session);
    for (const s of handoffs) this.#row(s);
    this.#arrange(groups.filter(([, list]) => list.length > 0));
    const waiting = groups[0][1];
    setText($('queue-count'), waiting.length === 0 ? 'nobody' : `${waiting.length} ${waiting.length === 1 ? 'person' : 'people'}`);
    $('queue-empty').hidden = handoffs.length > 0;
    const open = waiting.length + this.#mine.filter((session) => this.#news.has(session)).length;
    document.title = open > 0 ? `(${open}) Attune` : 'Attune';
    this.#tick();
    this.#stops();
  }

  // mark shows which conversation is open.
  mark(session) {
    this.#open = session;
    if (this.#news.delete(session)) this.#rows.get(session)?.el.querySelector('.row-new')?.remove();
    this.#stops();
  }

  // news notes that something was said unseen; ours show it with the next list.
  news(session) {
    if (this.#news.has(session)) return;
    this.#news.add(session);
    const row = this.#rows.get(session);
    if (row) row.was = '';
  }

  // step opens the conversation before or behind the open one, round and round.
  step(by) {
    const all = this.#all();
    if (all.length === 0) return;
    const at = all.findIndex((el) => el.dataset.session === this.#open);
    const to = at < 0 ? Math.min(by, 0) : at + by;
    this.onOpen(all[(to + all.length) % all.length].dataset.session);
  }

  // openMine opens one of ours, by its place.
  openMine(n) {
    if (this.#mine[n]) this.onOpen(this.#mine[n]);
  }

  // focus puts the keyboard on the open row, or the first.
  focus() {
    (this.#rows.get(this.#open)?.el ?? this.#all()[0])?.focus();
  }

  // arrange lays the rows out again only when their order changed: moving an
  // element takes the focus from it.
  #arrange(groups) {
    const is = JSON.stringify(groups.map(([name, list]) => [name, list.map((s) => s.session)]));
    if (this.#order === is) return;
    this.#order = is;
    const focused = document.activeElement;
    const held = this.#list.contains(focused);
    this.#list.replaceChildren(...groups.map(([name, list]) => h('section', {},
      name ? h('h2', {}, name) : null,
      h('ul', {}, list.map((s) => h('li', {}, this.#rows.get(s.session).el))))));
    if (held) (focused.isConnected ? focused : this.#all()[0])?.focus();
  }

  // row draws what a row says when that changed.
  #row(s) {
    let row = this.#rows.get(s.session);
    if (!row) {
      const el = h('button', { type: 'button', class: 'row', 'data-session': s.session, onclick: () => this.onOpen(s.session) });
      row = { el, was: '' };
      this.#rows.set(s.session, row);
    }
    row.since = new Date(s.since).getTime();
    const is = JSON.stringify(s);
    if (row.was === is) return;
    row.was = is;
    row.wait = h('span', { class: 'row-wait' });
    row.el.toggleAttribute('data-crisis', Boolean(s.crisis));
    row.el.replaceChildren(
      h('span', { class: 'row-line' },
        isMine(s, this.#me) && this.#news.has(s.session) ? h('span', { class: 'row-new', role: 'img', 'aria-label': 'new message' }) : null,
        h('span', { class: 'row-name' }, title(s.reason)), row.wait),
      h('span', { class: 'row-last', dir: 'auto', lang: s.language || null }, s.last ? `“${s.last}”` : ''),
      h('span', { class: 'row-why' }, s.why),
      h('span', { class: 'chips' }, this.#chips(s)));
  }

  #chips(s) {
    const felt = feelings.map(([name]) => [name, s.feelings?.[name] ?? 0])
      .filter(([, n]) => n >= 1).sort((a, b) => b[1] - a[1]).slice(0, 2);
    return [
      s.crisis ? h('span', { class: 'chip', 'data-mark': 'crisis' }, 'crisis') : null,
      s.for && !s.agent ? h('span', { class: 'chip', 'data-mark': 'for' }, s.for === this.#me ? 'for you' : `for ${s.for}`) : null,
      s.callback ? h('span', { class: 'chip', 'data-mark': 'callback' }, 'call back') : null,
      ...felt.map(([name, n]) => h('span', { class: 'chip', 'data-feeling': name }, `${name} ${points(n)}`)),
      s.agent && !isMine(s, this.#me) ? h('span', { class: 'chip' }, `with ${s.agent}`) : null,
      s.desk ? h('span', { class: 'chip' }, s.desk) : null,
      s.channel === 'voice' ? h('span', { class: 'chip' }, 'voice') : null,
    ];
  }

  #tick() {
    for (const { wait, since } of this.#rows.values()) {
      const ms = Date.now() + this.#skew - since;
      setText(wait, waited(ms));
      wait.toggleAttribute('data-long', ms > long);
    }
  }

  #all() {
    return [...this.#list.querySelectorAll('.row')];
  }

  // stops makes one row, the open or first one, reachable with Tab; arrows
  // reach the others.
  #stops() {
    const all = this.#all();
    const focused = all.includes(document.activeElement) ? document.activeElement : null;
    const stop = focused ?? this.#rows.get(this.#open)?.el ?? all[0];
    for (const el of all) {
      el.tabIndex = el === stop ? 0 : -1;
      if (el.dataset.session === this.#open) el.setAttribute('aria-current', 'true');
      else el.removeAttribute('aria-current');
    }
  }

  #keys(e) {
    const all = this.#all();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
    if (to === undefined || at < 0) return;
    e.preventDefault();
    all[Math.min(Math.max(to, 0), all.length - 1)].focus();
    this.#stops();
  }
}
