// Building elements. Text always goes in as text, never as markup: nothing
// in these pages assigns HTML, and the content security policy forbids it.

// h makes an element. Children are nodes or text; null and undefined are
// left out. Attributes that are null, undefined or false are left out too.
export function h(tag, attrs, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') el.className = value;
    else if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined));
  return el;
}

// $ finds an element by id; null where the role has no such control.
export const $ = (id) => document.getElementById(id);

// setText changes a text only when it differs, so that live regions speak
// only of news.
export function setText(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

// toggle sets or removes an attribute without a value.
export function toggle(el, name, on) {
  el.toggleAttribute(name, Boolean(on));
}
