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
    for (const s of handoffs) this.#row(s);
    this.#arrange(groups.filter(([, list]) => list.length > 0));
    const waiting = groups[0][1];
    setText($('queue-count'), waiting.length === 0 ? 'nobody' : `${waiting.length} ${waiting.length === 1 ? 'person' : 'people'}`);
    $('queue-empty').hidden = handoffs.length > 0;
    document.title = waiting.length > 0 ? `(${waiting.length}) Attune` : 'Attune';
    this.#tick();
    this.#stops();
  }

  // mark shows which conversation is open.
  mark(session) {
    this.#open = session;
    this.#stops();
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
    row.el.replaceChildren(
      h('span', { class: 'row-line' }, h('span', { class: 'row-name' }, title(s.reason)), row.wait),
      h('span', { class: 'row-last', dir: 'auto', lang: s.language || null }, s.last ? `“${s.last}”` : ''),
      h('span', { class: 'row-why' }, s.why),
      h('span', { class: 'chips' }, this.#chips(s)));
  }

  #chips(s) {
    const felt = feelings.map(([name]) => [name, s.feelings?.[name] ?? 0])
      .filter(([, n]) => n >= 1).sort((a, b) => b[1] - a[1]).slice(0, 2);
    return [
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
