// What every widget script shares: it takes lines {"say": TEXT} on stdin and
// prints a line for what arrives: {"open": true}, {"bot": TEXT}, {"error": …}.
// Some are told {"back": WORD} too, when whoever was handed the conversation has
// done with it, and print {"handoff": …} when they are handed it.
const print = (o) => process.stdout.write(JSON.stringify(o) + '\n');

// lines calls say with every text to be said, back with every word of how a
// handoff ended, and close at the end of stdin.
const lines = (say, close, back) => {
  require('readline').createInterface({input: process.stdin})
    .on('line', (line) => {
      const o = JSON.parse(line);
      if (o.back) back(o.back);
      else say(o.say);
    })
    .on('close', close);
};

// fail says what went wrong and ends the script.
const fail = (e) => { print({error: String((e && e.message) || e)}); process.exit(1); };

// answer is what every bot script replies.
const answer = (text) => {
  if (/parcel/i.test(text)) return 'Order 1182 was sent on 3 May.';
  if (/fee/i.test(text)) return "I can't help with that fee of 12.50.";
  return 'Sorry, I did not get that.';
};

module.exports = {print, lines, fail, answer};
