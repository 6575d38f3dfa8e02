// A small diff of two texts by words, and the search for quoted words.

// Above this many comparisons a diff would be slow and unreadable: then all
// of it counts as changed.
const limit = 250000;

// diff returns parts {kind: 'same' | 'gone' | 'new', text} in reading order.
export function diff(before, after) {
  const a = split(before);
  const b = split(after);
  if (a.length * b.length > limit) return join([['gone', before], ['new', after]]);
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] = a[i] === b[j]
        ? table[(i + 1) * width + j + 1] + 1
        : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  const out = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push(['same', a[i++]]);
      j++;
    } else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) out.push(['gone', a[i++]]);
    else out.push(['new', b[j++]]);
  }
  while (i < a.length) out.push(['gone', a[i++]]);
  while (j < b.length) out.push(['new', b[j++]]);
  return join(out);
}

// split cuts a text into words, each with the blanks that follow it.
const split = (text) => text.match(/^\s+|\S+\s*/gu) ?? [];

function join(pairs) {
  const out = [];
  for (const [kind, text] of pairs) {
    const last = out.at(-1);
    if (last?.kind === kind) last.text += text;
    else out.push({ kind, text });
  }
  return out;
}

// spot cuts a text at the given words: parts {hit, text}, where hits are the
// words as they stand in the text, whatever their case.
export function spot(text, words) {
  const wanted = (words ?? []).filter(Boolean).sort((x, y) => y.length - x.length).map(escape);
  if (wanted.length === 0) return [{ hit: false, text }];
  return text.split(new RegExp(`(${wanted.join('|')})`, 'giu'))
    .map((part, n) => ({ hit: n % 2 === 1, text: part }))
    .filter((part) => part.text !== '');
}

const escape = (word) => word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
