// The transcript. Turns only grow at the end, so each is drawn once and
// redrawn only when it changed; a screen reader hears the new ones.

import { h } from './dom.js';
import { diff, spot } from './diff.js';
import { clock, eventText } from './words.js';

const names = { customer: 'Customer', bot: 'Bot', attune: 'Attune' };

export class Log {
  #box;
  #newer;
  #drawn = []; // what each child was drawn from
  #follow = true; // the end is in view, and stays there

  constructor(box, newer) {
    this.#box = box;
    this.#newer = newer;
    newer.addEventListener('click', () => this.#end());
    box.addEventListener('scroll', () => {
      this.#follow = this.#atEnd();
      if (this.#follow) newer.hidden = true;
    }, { passive: true });
    // The text box below comes, goes and grows.
    new ResizeObserver(() => { if (this.#follow) this.#end(); }).observe(box);
  }

  // clear makes room for another conversation, silently.
  clear() {
    this.#drawn = [];
    this.#box.replaceChildren();
    this.#newer.hidden = true;
    this.#follow = true;
  }

  // show draws the turns of a conversation.
  show({ turns, words, language }, me) {
    const fresh = this.#drawn.length === 0;
    // The first drawing is not news.
    this.#box.setAttribute('aria-busy', String(fresh));
    const grown = turns.length > this.#drawn.length;
    turns.forEach((turn, n) => {
      const is = JSON.stringify([turn, words]);
      if (this.#drawn[n] === is) return;
      const el = draw(turn, words, language, me);
      if (n < this.#drawn.length) this.#box.children[n].replaceWith(el);
      else this.#box.append(el);
      this.#drawn[n] = is;
    });
    while (this.#box.children.length > turns.length) this.#box.lastChild.remove();
    this.#drawn.length = turns.length;
    requestAnimationFrame(() => this.#box.setAttribute('aria-busy', 'false'));
    const last = turns.at(-1);
    if (this.#follow || (grown && last.role === 'agent' && last.agent === me)) this.#end();
    else if (grown) this.#newer.hidden = false;
  }

  #atEnd() {
    return this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < 60;
  }

  #end() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#newer.hidden = true;
  }
}

function draw(turn, words, language, me) {
  if (turn.role === 'event') return h('div', { class: 'turn from-event' }, eventText(turn));
  const who = turn.role === 'agent' ? speaker(turn.agent, me) : names[turn.role] ?? turn.role;
  const sent = turn.sent || turn.text;
  const changed = !turn.late && sent !== turn.text && turn.text !== '';
  const parts = changed ? diff(turn.text, sent) : [];
  const text = { dir: 'auto', lang: language || null };
  return h('div', { class: `turn from-${known(turn.role)}${turn.late ? ' late' : ''}` },
    h('div', { class: 'turn-who' },
      h('b', {}, turn.late ? `${who}, too late: not sent` : who),
      turn.at ? h('time', { datetime: turn.at }, clock(turn.at)) : null),
    h('div', { class: 'turn-text', ...text }, changed ? side(parts, 'new', 'ins') : quoted(turn, turn.late ? turn.text : sent, words)),
    changed ? h('div', { class: 'turn-wrote', ...text }, h('b', {}, 'The bot wrote: '), side(parts, 'gone', 'del')) : null,
    turn.rules?.length ? h('div', { class: 'turn-rules' }, turn.rules.map((id) => h('span', { class: 'chip', title: 'rule that changed the reply' }, id))) : null,
    turn.signals?.length ? h('div', { class: 'turn-rules' }, turn.signals.map((id) => h('span', { class: 'chip', title: 'signal that fired' }, id))) : null);
}

const known = (role) => (['customer', 'bot', 'agent', 'attune'].includes(role) ? role : 'event');

const speaker = (agent, me) => (agent === me ? 'You' : agent || 'Agent');

// side shows one of the two texts of a diff.
function side(parts, kind, tag) {
  return parts.filter((p) => p.kind === 'same' || p.kind === kind).map((p) => (p.kind === kind ? h(tag, {}, p.text) : p.text));
}

function quoted(turn, text, words) {
  if (turn.role !== 'customer') return text;
  return spot(text, words).map((p) => (p.hit ? h('mark', {}, p.text) : p.text));
}
