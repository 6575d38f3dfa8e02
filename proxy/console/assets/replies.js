// Canned replies: "/" at the beginning of a message brings a list, words behind
// it narrow it down, Enter or Tab takes one.

import * as api from './api.js';
import { h } from './dom.js';

export class Replies {
  #me;
  #words;
  #box;
  #locale = null;
  #all = [];
  #shown = [];
  #at = 0;
  #taking = false; // the key that took a reply is still down
  #closed = false; // Escape was pressed for what stands there

  constructor(me, words, box) {
    this.#me = me;
    this.#words = words;
    this.#box = box;
    words.addEventListener('input', () => {
      this.#closed = false;
      this.#show();
    });
    words.addEventListener('blur', () => this.#hide());
    words.addEventListener('keydown', (e) => this.#keys(e));
    words.addEventListener('keyup', () => { this.#taking = false; });
  }

  // speak sets the language of the replies.
  async speak(locale) {
    if (locale === this.#locale) return;
    this.#locale = locale;
    const { replies } = await api.replies(locale).catch(() => ({ replies: [] }));
    if (locale === this.#locale) this.#all = replies;
  }

  // busy tells that Enter is not for the message.
  get busy() {
    return this.#taking || !this.#box.hidden;
  }

  #show() {
    const text = this.#words.value;
    if (this.#closed || !/^\/[^\n]*$/.test(text)) {
      this.#hide();
      return;
    }
    const wanted = text.slice(1).trim().toLowerCase();
    this.#shown = this.#all.filter((r) => r.key.startsWith(wanted) || (wanted !== '' && r.text.toLowerCase().includes(wanted)));
    this.#at = 0;
    this.#draw();
  }

  #draw() {
    this.#box.replaceChildren(...this.#shown.map((r, n) => h('div', {
      role: 'option', id: `reply-${n}`, class: 'reply', 'aria-selected': String(n === this.#at),
      onmousedown: (e) => {
        e.preventDefault(); // the keyboard stays in the text
        this.#take(n);
      },
    }, h('b', {}, `/${r.key}`), h('span', { dir: 'auto' }, this.#fill(r.text)))));
    const any = this.#shown.length > 0;
    this.#box.hidden = !any;
    if (any) {
      this.#words.setAttribute('aria-activedescendant', `reply-${this.#at}`);
      this.#box.children[this.#at].scrollIntoView({ block: 'nearest' });
    } else this.#words.removeAttribute('aria-activedescendant');
  }

  #hide() {
    this.#shown = [];
    this.#draw();
  }

  #keys(e) {
    if (this.#box.hidden) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (move) {
      this.#at = (this.#at + move + this.#shown.length) % this.#shown.length;
      this.#draw();
    } else if ((e.key === 'Enter' || e.key === 'Tab') && !e.shiftKey && !e.isComposing) {
      this.#taking = true;
      this.#take(this.#at);
    } else if (e.key === 'Escape') {
      this.#closed = true;
      this.#hide();
      e.stopPropagation(); // it does not also leave the conversation
    } else return;
    e.preventDefault();
  }

  #take(n) {
    const text = this.#fill(this.#shown[n].text);
    this.#words.value = text;
    this.#words.dispatchEvent(new Event('input', { bubbles: true }));
    this.#words.setSelectionRange(text.length, text.length);
  }

  #fill(text) {
    return text.replaceAll('{agent}', this.#me);
  }
}
