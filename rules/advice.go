package rules

import (
	"regexp"
	"strings"
	"sync"
)

// Most findings know where they arise what the author probably meant, and say so. The others are about a shape that is
// always mended in the same way, whatever the key; their advice stands here, by the message.

// shapes are how mappings, lists and texts of a pack are written, by key.
var shapes = map[string]string{
	"offer": "offer: {score: 5}", "escalate": "escalate: {score: 8}", "scoring": "scoring: {half_life: 4, offer: {score: 5}, escalate: {score: 8}}",
	"bands": "bands: {calm: 0, uneasy: 2, upset: 5}", "always": "always: {asks-for-person: escalate}", "phrases": `phrases: {yes: ["yes", "yes please"]}`,
	"ask": "connect: {accept: [yes], decline: [no], then: escalate}", "given": "given: {agents.available: 0}", "near": "near: {phrases: [LIST, LIST], words: 6}",
	"match": "match: {phrases: [LIST]}", "overrides": "overrides: {pack: NAME, digest: DIGEST, why: TEXT}", "approved": "approved: {by: NAME, until: 2027-01-31}",
	"expect": "expect: {decision: offer}", "conversation": "[{customer: TEXT}, {bot: TEXT}]", "id": "id: a-short-name", "until": "until: 2027-01-31, the last day on which it is said",
	"text": "text: MESSAGE", "turns": "turns: [{customer: TEXT}, {bot: TEXT}, {expect: {decision: offer}}]", "share": "share: 10%", "target": "target: 80%",
	"tests": "- {name: TEXT, turns: [{customer: TEXT}, {expect: {decision: none}}]}", "pack": "pack: NAME and further keys, each on a line of its own, with a space behind the colon",
	"steps": "steps: [{say: [TEXT]}, {do: escalate}]", "signals": "- id: NAME, and the other keys below it", "feel": "feel: [understood]",
	"imports": "imports: [NAME]", "say": "say: [TEXT, TEXT]", "message": `msg.offer: ["Shall I bring a colleague in?"]`,
}

// advices are looked through in order; what stands in brackets may be used as $1, or as a key of shapes: {1}.
var advices = sync.OnceValue(func() []advice {
	out := make([]advice, 0, len(advicesByMessage))
	for _, a := range advicesByMessage {
		out = append(out, advice{regexp.MustCompile(a[0]), a[1]})
	}
	return out
})

type advice struct {
	message *regexp.Regexp
	hint    string
}

// advise names the likely fix of a finding that knows none itself.
func advise(message string) string {
	for _, a := range advices() {
		found := a.message.FindStringSubmatchIndex(message)
		if found == nil {
			continue
		}
		hint := string(a.message.ExpandString(nil, a.hint, message, found))
		if !strings.Contains(hint, "{1}") {
			return hint
		}
		if shape, known := shapes[message[found[2]:found[3]]]; known {
			return "write it as " + strings.Replace(hint, "{1}", shape, 1)
		}
	}
	return ""
}

var advicesByMessage = [...][2]string{
	// What a key holds.
	{`^an ask expires after`, `write expires: 1 turn`},
	{`\blacks "(\w+)"$`, `{1}`},
	{`\blacks "(\w+)"$`, `write $1: TEXT`},
	{`^(?:an? |the )?"?([\w-]+)"? (?:is|has) (?:a mapping|a list|empty|no turns|a share|text|no text)`, `{1}`},
	{`^an? \w*\s?(ask|conversation|pack|message|id)\b`, `{1}`},
	{`is a mapping of names, not`, `write NAME: VALUE below it, one name a line`},
	{`is a mapping, not`, `write its keys below it, indented, or as {KEY: VALUE}`},
	{`is a list of mappings, not of`, `every item has keys of its own: - KEY: VALUE, and the other keys below it`},
	{`is a list of texts`, `write each text in quotes, like ["yes", "yes please"]`},
	{`is a list, not`, `write it as [ITEM, ITEM], or with a dash before each item`},
	{`the id of a message is text`, `name one message; its texts stand under messages`},
	{`is text, not nothing$`, `write something behind the colon`},
	{`^"(?:an id|the name of a \w+)" is text, not`, `write one word, like a-short-name`},
	{`^"([^"]+)" is text, not`, `write $1: TEXT`},
	{`^"calms" is half or a number`, `write calms: half, or calms: 2`},
	{`^"([^"]+)" is true or false$`, `write $1: true, without quotes`},
	{`^"(share|target)" is a share`, `{1}`},
	{`^"([^"]+)" is a share`, `write $1: "<= 10%"`},
	{`"?([\w.-]+)"? is (?:a|a whole) number from (\S+) to (\S+)$`, `no less than $2 and no more than $3, in digits`},
	{`is a whole number$`, `leave out what stands behind the point`},
	{`is (?:a number|text or a number)$`, `write digits, like 2 or 0.5`},
	{`^"?([\w.-]+)"? is one of ([^,]+),`, `for example $1: $2`},
	{`^approved lacks`, `write it as approved: {by: NAME, until: 2027-01-31}`},
	{`has no examples$`, `write examples: [{in: TEXT, out: TEXT}, {in: TEXT, unchanged: true}]`},
	{`^an example has either`, `write out: TEXT for what the reply becomes, or unchanged: true where it stays as it is`},
	{`^steps is empty$`, `write steps: [{say: [TEXT]}], or take the key out`},
	{`replaces part of the reply`, `write place: before or place: after to add to the reply, or leave out from: customer`},

	// Scores.
	{`lies below offer`, `raise the one or lower the other: a person is offered before one is fetched`},
	{`^bands ascend`, `write the bands from the calmest up, like {calm: 0, uneasy: 2, upset: 5}`},
	{`^the first band`, `write calm: 0 before the others`},

	// Lists, patterns, messages.
	{`^the list "?\S+"? is empty$|^an empty list of phrases`, `write at least one pattern into it`},
	{`^importing .* closes a circle$`, `take one of the imports out`},
	{`contains itself$`, `take it out of one of the lists that lead to it`},
	{`with its lists written out|with its lists written`, `shorten the lists it names, or write two patterns`},
	{`pattern is longer than`, `split it into several patterns`},
	{`has no word that every match must hold$`, `write a word beside it that is always there`},
	{`matches without any word$|^pattern has no words$`, `write at least one word outside [ ]`},
	{`^empty alternative`, `take one of the | out`},
	{`closes the`, `every ( [ < { is closed by its own ) ] > }`},
	{`closes nothing$`, `take it out, or open it before`},
	{`' is not closed$|" is not closed$`, `write the closing bracket`},
	{`^brackets with nothing inside`, `write something between them, or take them out`},
	{`^brackets are nested`, `name a part of it under phrases and write <NAME> for it`},
	{`^a list without a name`, `write <NAME>, the name of a list under phrases`},
	{`^a capture without a name`, `write {NAME}, or ... for words that need no name`},
	{`^the name of a (?:list|capture)`, `join its words by -`},
	{`^a capture is \{name\}`, `leave the type out, or write {NAME:number}`},
	{`is not part of the phrase grammar`, `take it out: signs between words do not count, ... stands for any words`},
	{`^an emoji is a phrase by itself`, `write it as a pattern of its own, like ["thanks", "👍"]`},
	{`^a variant of .* says nothing`, `write a sentence, or take it out`},
	{`^message .* has no text`, `write [TEXT] behind it, or take it out`},

	// Packs together.
	{`a rule of its own$`, `change the rule itself`},
	{`overrides itself in a circle`, `take one of the overrides out`},

	// Conditions. What the expression language itself finds is in its own words.
	{`not enough arguments to call (?:fired|count)|to call (?:fired|count)$`, `fired('id', 3) is whether it fired in 3 customer turns, count('id') how often in all`},
	{`to call open$`, `write desk.open('support')`},
	{`is not callable$`, `take the brackets out`},
	{`type number\[int\]|\(mismatched types group`, `write the whole name, like bot.failures or feeling.angry`},
	{`^in takes|^the list holds|in array$|invalid operation: in `, `write x in ['a', 'b'] for texts, x in [1, 2] for numbers`},
	{`error parsing regexp`, `the syntax is RE2, as in path matches '^/billing'`},
	{`^matches takes`, `write it as in path matches '^/billing'`},
	{`invalid operation: (?:contains|startsWith|matches|endsWith)`, `only texts have a beginning: path startsWith '/billing'`},
	{`mismatched types`, `numbers are held against numbers, texts against texts in single quotes`},
	{`both sides of \?:`, `make both a number, both a text, or both true or false`},
	{`^unexpected token EOF`, `something is missing behind the last word`},
	{`^unexpected token Operator\("="\)`, `"is" is written ==`},
	{`condition is text or a mapping`, `write when: "score >= 5", or when: {score: ">= 5"}`},
	{`is not true or false|not true or false \(|invalid operation|unexpected token|does not fit between`, `a condition compares, like score >= 5 && channel == 'text'`},

	// Detectors.
	{`has no parameter .*; it takes (.+)$`, `use $1, or leave it out`},
	{`takes no parameters`, `leave it out`},
	{`reads the turns of the (\w+), this rule`, `write from: $1, or use another detector`},

	// Examples and tests.
	{`^a conversation ends with the turn`, `take out what stands behind the last customer, bot or event`},
	{`^expect stands after the turn`, `move it behind the turn it is about`},
	{`" (?:does not fire|fires) on this example$`, `'attune rules explain TEXT' shows what it is taken for and why`},
	{`^test .*, turn \d+`, `mend the rules, or expect what they do`},

	// YAML.
	{`^alias .* has no anchor before it`, `write &NAME at what it stands for, or write it out here`},
	{`^YAML tags`, `take the word with the ! out`},
	{`^nested more than`, `take levels out; nothing in a pack needs so many`},
	{`keys without a value$|a mapping with more than`, `split the pack`},
	{`^the file cannot be read as YAML`, `begin with a pack of 'attune rules init' and add to it`},

	// Advice about what compiles.
	{`says too little:`, `write a sentence that a colleague understands`},
	{`same sentence as what it does`, `say what a customer has from it, or what happens without it`},
	{`is used nowhere$|is put nowhere$`, `take it out, or name it where it is needed`},
	{`has expired and does nothing`, `take it out, or set a later day`},
	{`has run out, so it is no longer said`, `have it approved again, or take the words out`},
	{`no text of more than a letter`, `write a word or sign into it that is always there`},
}
