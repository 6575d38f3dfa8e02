// The keyboard: what the dialog "Keys" lists. Letters are taken by their place on
// the keyboard, since Alt makes other signs of them on some systems.

import { $ } from './dom.js';

const press = (id) => {
  const button = $(id);
  if (button && !button.hidden && !button.closest('[hidden]')) button.click();
};

const writes = (el) => el.matches('input, textarea, select, [contenteditable]');

export function listen({ queue, talk }) {
  $('help').addEventListener('click', () => $('help-dialog').showModal());
  document.addEventListener('keydown', (e) => {
    if (document.querySelector('dialog[open]') || e.ctrlKey || e.metaKey) return;
    if (e.key === 'Escape') {
      queue.focus();
      return;
    }
    if (e.key === '?' && !writes(e.target)) {
      e.preventDefault();
      $('help-dialog').showModal();
      return;
    }
    if (!e.altKey) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(e.code);
    const act = digit ? () => queue.openMine(Number(digit[1]) - 1) : {
      ArrowDown: () => queue.step(1),
      ArrowUp: () => queue.step(-1),
      KeyT: () => press('take'),
      KeyM: () => talk.compose(),
      KeyP: () => press('pass'),
      KeyR: () => press('return'),
    }[e.code];
    if (!act) return;
    e.preventDefault();
    act();
  });
}
