// What every widget script shares: it takes lines {"say": TEXT} on stdin and
// prints a line for what arrives: {"open": true}, {"bot": TEXT}, {"error": …}.
const print = (o) => process.stdout.write(JSON.stringify(o) + '\n');

// lines calls say with every text to be said, and close at the end of stdin.
const lines = (say, close) => {
  require('readline').createInterface({input: process.stdin})
    .on('line', (line) => say(JSON.parse(line).say))
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
