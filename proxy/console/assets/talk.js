// The open conversation: what it shows and what the agent may do.

import * as api from './api.js';
import { showCard } from './card.js';
import { $, setText, toggle } from './dom.js';
import { Log } from './log.js';
import { askWhere } from './passing.js';
import { Replies } from './replies.js';
import { isMine, language, title, verdicts } from './words.js';

const typingEvery = 3000; // between two signs that we write, ms
const writingFor = 6000; // how long a sign that the customer writes holds, ms

const draftKey = (session) => `attune.draft.${session}`;

export class Talk {
  #me;
  #speaks;
  #tell;
  #session = '';
  #conv = null;
  #typed = 0; // when the customer was last told that we write
  #writing = null; // timer of the customer's sign
  #replies = null;
  #log = new Log($('log'), $('newer'));

  // tell shows messages: {done(text), fault(text)}. onLeave is called when
  // the conversation is left, with what to say.
  constructor({ me, speaks, tell, onLeave, onChange }) {
    this.#me = me;
    this.#speaks = speaks;
    this.#tell = tell;
    this.onLeave = onLeave;
    this.onChange = onChange;
    if (speaks) this.#wire();
  }

  get session() {
    return this.#session;
  }

  // open shows a conversation; an empty session shows none.
  async open(session) {
    if (session === this.#session) return;
    this.#session = session;
    this.#conv = null;
    this.#typed = 0;
    this.#quiet();
    this.#log.clear();
    $('open').hidden = true;
    $('nothing').hidden = Boolean(session);
    if (session) await this.refresh();
  }

  // refresh asks for the conversation again and shows it.
  async refresh() {
    const session = this.#session;
    if (!session) return;
    try {
      const conv = await api.conversation(session);
      if (session === this.#session) this.#show(conv);
    } catch (err) {
      if (session !== this.#session) return;
      if (err.status === 404) this.#ended();
      else if (err.status !== 401) this.#fault(err);
    }
  }

  // compose puts the keyboard into the text box, when there is one.
  compose() {
    if (this.#speaks && !$('composer').hidden) $('words').focus();
    else $('talk').focus();
  }

  // writing shows for a moment that the customer is writing.
  writing() {
    setText($('writing'), 'The customer is writing');
    clearTimeout(this.#writing);
    this.#writing = setTimeout(() => this.#quiet(), writingFor);
  }

  #quiet() {
    clearTimeout(this.#writing);
    setText($('writing'), '');
  }

  #show(conv) {
    const fresh = this.#conv === null;
    if (!fresh && conv.turns.length > this.#conv.turns.length && conv.turns.at(-1).role === 'customer') this.#quiet();
    this.#conv = conv;
    this.#replies?.speak(conv.language ?? '');
    const mine = isMine(conv, this.#me);
    $('open').hidden = false;
    $('nothing').hidden = true;
    setText($('open-title'), title(conv.reason));
    setText($('open-about'), [conv.desk, conv.language && language(conv.language), conv.channel].filter(Boolean).join(' · '));
    setText($('open-state'), this.#standing(conv, mine));
    toggle($('open-state'), 'data-crisis', conv.crisis && !conv.agent);
    toggle($('open-state'), 'data-mine', mine);
    this.#controls({ take: !conv.agent, hold: mine, aside: this.#asideFor(conv, mine) });
    showCard(conv);
    this.#log.show(conv, this.#me);
    if (fresh && this.#speaks) this.#restore();
  }

  #standing(conv, mine) {
    if (mine) return 'with you';
    if (conv.agent) return `with ${conv.agent}`;
    if (conv.crisis) return 'crisis, waiting';
    return conv.callback ? 'waits to be called back' : 'waiting';
  }

  #asideFor(conv, mine) {
    if (mine) return '';
    if (conv.agent) return `${conv.agent} has this conversation. You can read along.`;
    return this.#speaks ? 'Read it first, then take over. The customer is told when you do.' : 'You can read along.';
  }

  #controls({ take, hold, aside }) {
    setText($('aside-text'), aside);
    $('aside').hidden = aside === '';
    if (!this.#speaks) return;
    $('take').hidden = !take;
    $('return').hidden = !hold;
    $('pass').hidden = !hold;
    $('close').hidden = !hold;
    $('composer').hidden = !hold;
  }

  #ended() {
    if (this.#conv === null) {
      this.onLeave('This conversation has ended.');
      return;
    }
    setText($('open-state'), 'ended');
    this.#controls({ take: false, hold: false, aside: 'This conversation has ended.' });
  }

  #wire() {
    for (const b of document.querySelectorAll('[data-verdict]')) {
      b.textContent = verdicts[b.dataset.verdict] ?? b.dataset.verdict;
      b.addEventListener('click', () => this.#leave(b, () => api.resolve(this.#session, b.dataset.verdict), 'Closed. Thank you, that helps the rules.'));
    }
    $('take').addEventListener('click', () => this.#do($('take'), async () => {
      try {
        await api.claim(this.#session);
      } finally {
        await this.refresh();
      }
      this.compose();
    }));
    $('pass').addEventListener('click', async () => {
      await this.#do($('pass'), async () => {
        const to = await askWhere(this.#conv, this.#me);
        if (to === null) return;
        await api.transfer(this.#session, to);
        sessionStorage.removeItem(draftKey(this.#session));
        this.onLeave(to.to ? `Passed on, for ${to.to}.` : 'Passed on.');
      });
      if (document.activeElement === document.body) $('pass').focus();
    });
    $('return').addEventListener('click', () => this.#leave($('return'), () => api.giveBack(this.#session), 'Back with the bot.'));
    const words = $('words');
    this.#replies = new Replies(this.#me, words, $('replies'));
    $('composer').addEventListener('submit', (e) => {
      e.preventDefault();
      this.#send();
    });
    // Not the key but what it would do: an Enter that ends a composition, as
    // in Japanese, makes no line break.
    let shift = false;
    words.addEventListener('keydown', (e) => { shift = e.shiftKey; });
    words.addEventListener('beforeinput', (e) => {
      if (e.inputType === 'insertLineBreak' && !shift) {
        e.preventDefault();
        if (!this.#replies.busy) this.#send();
      }
    });
    words.addEventListener('input', () => {
      sessionStorage.setItem(draftKey(this.#session), words.value);
      if (words.value !== '' && !words.value.startsWith('/') && Date.now() - this.#typed > typingEvery) {
        this.#typed = Date.now();
        api.typing(this.#session).catch(() => {}); // only a sign
      }
    });
  }

  // restore brings back what was half written.
  #restore() {
    $('words').value = sessionStorage.getItem(draftKey(this.#session)) ?? '';
  }

  #send() {
    const words = $('words');
    const text = words.value.trim();
    const session = this.#session;
    const button = $('composer').querySelector('button');
    if (text === '' || button.disabled) return;
    words.value = '';
    words.focus();
    this.#do(button, async () => {
      try {
        await api.say(session, text);
        sessionStorage.removeItem(draftKey(session));
      } catch (err) {
        // Not a word is lost: neither the refused ones nor those typed since.
        if (session === this.#session) words.value = [text, words.value].filter(Boolean).join('\n');
        throw err;
      }
      await this.refresh();
    });
  }

  #leave(button, job, said) {
    this.#do(button, async () => {
      await job();
      sessionStorage.removeItem(draftKey(this.#session));
      this.onLeave(said);
    });
  }

  // do runs a job of a button, which cannot be pressed again meanwhile.
  async #do(button, job) {
    if (button.disabled) return;
    button.disabled = true;
    try {
      await job();
    } catch (err) {
      if (err.status !== 401) this.#fault(err);
      await this.refresh();
      if (document.activeElement === document.body) $('talk').focus();
    } finally {
      button.disabled = false;
      this.onChange();
    }
  }

  #fault(err) {
    if (err.by) this.#tell.fault(`${err.by} has this conversation.`);
    else this.#tell.fault([err.message, err.hint].filter(Boolean).join('. '));
  }
}
