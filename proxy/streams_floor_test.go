package proxy

import (
	"strings"
	"testing"
	"time"

	"attune/proxy/session"
)

// offering is a pack that offers a person, acknowledges, and adds.
const offering = `
pack: offering
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3, bands: {calm: 0}}
signals:
  - id: fallback
    what: The bot did not understand.
    why: It counts.
    from: bot
    match: {text: "I did not get that"}
    failure: true
    examples: {fires: ["I did not get that."], silent: ["I got that."]}
  - id: praise
    what: A word of the bot that counts.
    why: To count.
    from: bot
    match: {phrases: ["(splendid)"]}
    points: 2
    examples: {fires: ["Splendid."], silent: ["Fine."]}
rewrites:
  - id: refusal
    what: A refusal gets a way out.
    why: A dead end feels like being dominated.
    move: soften
    match: {text: "I can't help with {what}"}
    steps:
      - say: ["I can't help with {what}, but a colleague can. Shall I connect you?"]
        adds: [offer]
        needs: "agents.available >= 0"
        asks: connect
      - do: escalate
    examples: [{in: "I can't help with that.", out: "I can't help with that, but a colleague can. Shall I connect you?"}, {in: "I can help.", unchanged: true}]
  - id: acknowledge
    what: Take up what is lost.
    why: Somebody read it.
    move: acknowledge
    from: customer
    match: {text: "my {thing} never arrived"}
    say: ["So your {thing} did not come."]
    adds: [fact]
    examples:
      - {in: "I look.", before: [{customer: "my parcel never arrived"}], out: "So your parcel did not come. I look."}
      - {in: "I look.", unchanged: true}
asks:
  connect: {accept: ["(yes)"], decline: ["(no)"], then: escalate, expires: 1 turn}
escalations:
  - {id: two, what: Offer after two failures., why: People prefer a person., when: "bot.failures >= 2", do: offer, asks: connect, desk: support, say: {default: msg.offer, busy: msg.offer}}
messages:
  msg.offer: ["Would you rather talk to a colleague?"]
  handoff.requested: ["I fetch somebody."]
  handoff.closed: ["I fetch somebody."]
tests:
  - name: two
    turns: [{bot: "I did not get that."}, {bot: "I did not get that."}, {expect: {decision: offer}}]
`

func add(texts ...string) []string {
	var out []string
	for i, text := range texts {
		out = append(out, event{Type: "add", ID: "a", N: i, Text: text}.line())
	}
	return out
}

func done(text string) string { return event{Type: "done", ID: "a", Text: text}.line() }

// seen is the text the widget saw, message by message.
func (p *script) seen(want ...string) {
	p.t.Helper()
	var got []string
	for _, e := range events(p.t, p.saw) {
		got = append(got, e.Type+": "+e.Text)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		p.t.Errorf("the widget sees\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	p.saw = nil
}

func TestAQuestionOfOursInAStreamIsAnswered(t *testing.T) {
	p := play(t, reading(t, wires), offering)
	p.bot(add("Well. I can't", " help with that.", " Is", " there more?")...)
	p.seen("add: Well. I can't", "add:  help with that, but a colleague can. Shall I connect you?", "add:  Is", "add:  there more?")
	// The customer does not wait for the end.
	p.customer(event{Type: "said", Text: "yes"}.line())
	p.told()
	p.seen("whole: I fetch somebody.")
	if n := p.count("attune_asks_total", "ask=connect", "outcome=accepted"); n != 1 {
		t.Errorf("accepted %v times", n)
	}
	// What still comes is not shown, and the widget is not left in the middle.
	p.bot(add(" I can't help with this.")...)
	p.bot(done("Well. I can't help with that. Is there more? I can't help with this."))
	p.seen("done: Well. I can't help with that, but a colleague can. Shall I connect you? Is there more?")
	want := `bot: Well. I can't help with that. Is there more? -> Well. I can't help with that, but a colleague can. Shall I connect you? Is there more?
customer: yes
attune: I fetch somebody.
bot:  I can't help with this. (late)`
	if got := p.story(); got != want {
		t.Errorf("the story is\n%s\nwant\n%s", got, want)
	}
	p.rests()
}

func TestAStreamIsJudgedOnce(t *testing.T) {
	p := play(t, reading(t, wires), offering)
	p.bot(add("Splendid", ". I did", " not get that.", " Splendid.")...)
	p.bot(done("Splendid. I did not get that. Splendid."))
	for name, want := range map[string]float64{"rule=praise": 1, "rule=fallback": 1} {
		if n := p.count("attune_signals_total", name); n != want {
			t.Errorf("%s fired %v times, want %v", name, n, want)
		}
	}
	// The second failure is answered by an offer behind the reply, in the last piece that has not left.
	p.saw = nil
	p.bot(event{Type: "so_far", ID: "b", Text: "I did"}.line(), event{Type: "so_far", ID: "b", Text: "I did not get that."}.line())
	p.bot(event{Type: "done", ID: "b", Text: "I did not get that."}.line())
	p.seen("so_far: I did", "so_far: I did not get that.", "done: I did not get that. Would you rather talk to a colleague?")
	p.rests()

	// Where every piece has left it is said apart, behind the end.
	p.open()
	p.bot(event{Type: "whole", Text: "I did not get that."}.line())
	p.saw = nil
	p.bot(add("I did", " not get that.")...)
	p.bot(done("I did not get that."))
	p.seen("add: I did", "add:  not get that.", "done: I did not get that.", "whole: Would you rather talk to a colleague?")
	p.rests()
}

// An offer stands in one piece only, though another one comes behind it that says nothing.
func TestAnOfferIsMadeOnce(t *testing.T) {
	p := play(t, reading(t, relay), offering)
	p.bot(token("I did not get that.", "true"))
	p.saw = nil
	p.bot(token("I can't", "false"), token(" help", "false"), token(" with that.", "false"), token("", "true"))
	p.sees(token("I can't", "false"), token(" help", "false"), token(" with that, but a colleague can. Shall I connect you?", "false"), token("", "true"))
	p.rests()
	p.open()
	p.bot(token("I did not get that.", "true"))
	p.saw = nil
	p.bot(token("I did not get that", "false"), token(". I can't", "false"), token("", "false"), token("", "true"))
	p.sees(token("I did not get that", "false"), token(". I can't. Would you rather talk to a colleague?", "false"), token("", "false"), token("", "true"))
	p.rests()
}

// What the bot does without words keeps its place among its words.
func TestWordlessMessagesKeepTheirPlace(t *testing.T) {
	const language, end = `{"type":"language","ttsLanguage":"es-ES"}`, `{"type":"end"}`
	p := play(t, shipped(t, "twilio-conversationrelay"), tone)
	p.bot(token("I can't", "false"), language, token(" help", "false"), `{"type":"unheard-of"}`, end)
	p.sees(`{"type":"unheard-of"}`)
	p.wait(maxHold)
	p.sees(token("I can't", "false"), language, token(" help", "false"), end)
	p.rests()
}

// A turn end ends what was not ended otherwise.
func TestATurnEndEndsStreams(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	p.bot(add("I can't", " help with that.")...)
	p.bot(event{Type: "over"}.line())
	p.seen("add: What is beyond me", "add:  is that, since I can't help with it.", "over: ")
	p.rests()
}

// After an interruption a final says no more than was heard.
func TestFinalOfAnInterruptedStream(t *testing.T) {
	p := play(t, reading(t, strings.Replace(wires, "frames:", "frames:\n  - {dir: up, kind: interrupt, when: [\"$.type == stop\"], flush: down}", 1)), tone)
	p.bot(add("Well. I can't", " help")...)
	p.bot(event{Type: "add", ID: "b", Text: "One. Two"}.line())
	p.saw = nil
	p.customer(event{Type: "stop"}.line())
	p.bot(done("Well. I can't help"), event{Type: "done", ID: "b", Text: "One. Two"}.line())
	p.seen("done: One. Two")
	if got, want := p.story(), "bot: One. Two"; got != want {
		t.Errorf("story %q, want %q", got, want)
	}
	p.rests()
}

func TestWhatComesFirstIsSaidFirst(t *testing.T) {
	p := play(t, reading(t, wires), offering)
	p.customer(event{Type: "said", Text: "my parcel never arrived"}.line())
	p.bot(add("I look", " into", " it.")...)
	p.seen()
	p.bot(add(" A moment")...)
	p.seen("add: So your parcel did not come. I look", "add:  into", "add:  it.", "add:  A moment")
	p.bot(done("I look into it. A moment"))
	p.seen("done: So your parcel did not come. I look into it. A moment")
	if n := p.count("attune_rewrites_total", "rule=acknowledge", "outcome=applied"); n != 1 {
		t.Errorf("acknowledged %v times", n)
	}
	p.rests()
}

// A rewrite that would escalate does, whether or not its sentence has left.
func TestWhatIsDoneInsteadOfSaid(t *testing.T) {
	for _, late := range []bool{false, true} {
		p := play(t, reading(t, wires), offering)
		p.bot(event{Type: "whole", Text: "I can't help with that."}.line())
		p.customer(event{Type: "said", Text: "and this"}.line())
		p.saw = nil
		p.bot(add("I can't", " help")...)
		if late {
			p.wait(time.Second)
		}
		p.bot(add(" with this.", " Is", " it so?")...)
		p.bot(done("I can't help with this. Is it so?"))
		p.seen("add: I can't", "add:  help", "add:  with this.", "add:  Is", "add:  it so?", "done: I can't help with this. Is it so?", "whole: I fetch somebody.")
		if n := p.count("attune_decisions_total", "decision=escalate"); n != 1 {
			t.Errorf("late %v: escalated %v times", late, n)
		}
	}
}

func TestFloorChangesInTheMiddle(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	p.bot(add("One. I can't", " help")...)
	p.seen()
	p.floor(session.Agent) // nothing of it was seen
	p.bot(add(" with that.", " Really.")...)
	p.bot(done("One. I can't help with that. Really."))
	p.seen()
	if got, want := p.story(), "bot: One. I can't help with that. Really. (late)"; got != want {
		t.Errorf("story %q, want %q", got, want)
	}
	p.floor(session.Bot)
	p.bot(add("Two.", " Three")...)
	p.floor(session.Agent)
	p.bot(add(" four.")...)
	p.floor(session.Bot) // not even now: it would go on in the middle
	p.bot(add(" Five.")...)
	p.bot(done("Two. Three four. Five."))
	p.seen("add: Two.", "add:  Three", "done: Two. Three")
	if n := p.count("attune_late_frames_dropped_total"); n != 2 {
		t.Errorf("%v late, want each stream once", n)
	}
	p.bot(add("Six.")...)
	p.seen("add: Six.")
	p.rests()
}

func TestStreamsHaveABound(t *testing.T) {
	p := play(t, reading(t, wires), tone, func(c *Config) { c.Limits.Message = 4 << 10 })
	p.bot(add("I can't help with that. Fine.", strings.Repeat(" more", 500))...)
	p.saw = nil
	text := "I can't help with that. Fine." + strings.Repeat(" more", 500)
	for range 4 {
		p.bot(add(strings.Repeat(" more", 500))...)
		text += strings.Repeat(" more", 500)
	}
	p.bot(add(" I can't help", " with this.")...)
	p.seen("add: "+strings.Repeat(" more", 500), "add: "+strings.Repeat(" more", 500), "add: "+strings.Repeat(" more", 500), "add: "+strings.Repeat(" more", 500),
		"add:  I can't help", "add:  with this.") // not held any more
	if kept := p.b.streams[0].text.Len() + p.b.streams[0].tail.Len(); kept > 4<<10 {
		t.Errorf("%d bytes are kept", kept)
	}
	p.bot(event{Type: "done", ID: "a", Text: "I can't help with that. Fine. Etc."}.line())
	p.seen("done: What is beyond me is that, since I can't help with it. Fine. Etc.")
	p.rests()
	for i := range 100 {
		p.bot(event{Type: "add", ID: "k" + strings.Repeat("x", i), Text: "I can't"}.line())
	}
	if n := len(p.b.streams); n > maxStreams {
		t.Errorf("%d streams at a time", n)
	}
	p.rests()
}

// What waits has a bound too, however much a message carries beside its words.
func TestWhatWaitsHasABound(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	for i := range 6 {
		p.bot(strings.Replace(event{Type: "add", ID: "a", N: i, Text: " I can't help with"}.line(), "{", `{"pad":"`+strings.Repeat("x", 60<<10)+`",`, 1))
		waiting := 0
		for _, w := range p.b.waiting {
			waiting += len(w.data)
		}
		if waiting > maxHeld {
			t.Fatalf("%d bytes wait", waiting)
		}
	}
	if len(p.saw) < 5 {
		t.Errorf("%d messages have left", len(p.saw))
	}
	p.rests()
}

func TestDeadlinesOfTheProtocol(t *testing.T) {
	p := play(t, reading(t, `
profile: hurried
framing: raw
frames:
  - {dir: up, kind: message, text: ["$.said"], reply_deadline: 1s}
  - {dir: down, kind: message, when: ["$.whole == true"], text: ["$.text"], ack_deadline: 200ms}
  - {dir: down, kind: delta, when: ["$.quick == true"], text: ["$.text"], ack_deadline: 200ms, stream: {end_when: ["$.last == true"]}}
  - {dir: down, kind: delta, text: ["$.text"], stream: {end_when: ["$.last == true"]}}
`), tone)
	p.bot(`{"text":"I can't","quick":true}`)
	p.wait(200*time.Millisecond - 1)
	p.sees()
	p.wait(1)
	p.sees(`{"text":"I can't","quick":true}`)
	p.bot(`{"text":".","last":true}`)
	p.sees(`{"text":".","last":true}`)
	p.bot(`{"text":"I can't"}`, `{"text":"!","quick":true,"whole":true}`) // behind a piece of another stream
	p.wait(200 * time.Millisecond)
	p.sees(`{"text":"I can't"}`, `{"text":"!","quick":true,"whole":true}`)
	p.bot(`{"text":".","last":true}`)
	p.sees(`{"text":".","last":true}`)
	p.customer(`{"said":"hello"}`)
	p.wait(300 * time.Millisecond)
	p.bot(`{"text":"I can't"}`)
	p.wait(200*time.Millisecond - 1)
	p.sees()
	p.wait(1) // half a second before the widget gives up
	p.sees(`{"text":"I can't"}`)
	p.rests()
}

// A bot that hangs up in the middle of a sentence has said what it has said.
func TestHangingUpInTheMiddle(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	p.bot(add("I can't", " help with that.")...)
	p.seen()
	p.hangUp()
	p.seen("add: What is beyond me", "add:  is that, since I can't help with it.")
	if got, want := p.story(), "bot: I can't help with that. -> What is beyond me is that, since I can't help with it."; got != want {
		t.Errorf("story %q, want %q", got, want)
	}
}

func TestRevisedText(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	so := func(text string) string { return event{Type: "so_far", ID: "a", Text: text}.line() }
	p.bot(so("I can't"), so("Wait"), so("Wait. I can't help with that. Or"))
	p.seen("so_far: I can't", "so_far: Wait", "so_far: Wait. What is beyond me is that, since I can't help with it. Or")
	p.bot(done("Wait. I can't help with that. Or?"))
	p.seen("done: Wait. What is beyond me is that, since I can't help with it. Or?")
	p.rests()
}

func TestStreamsOfAConversationWithoutRules(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	p.bot(add("I can't help with that.")...)
	p.b.sess.Do(func(book *session.Book) { book.State = broken{} })
	p.bot(add(" Good", " day")...)
	p.bot(done("I can't help with that. Good day"))
	p.seen("add: I can't help with that.", "add:  Good", "add:  day", "done: I can't help with that. Good day")
	p.rests()
}

// broken is a state that the rules do not know.
type broken struct{}

func (broken) MarshalBinary() ([]byte, error) { return nil, nil }
func (broken) UnmarshalBinary([]byte) error   { return nil }

// What is held leaves before the customer's words are weighed, and they arrive as they were.
func TestTheCustomerSpeaksIntoAHeldPiece(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	said := event{Type: "said", Text: "no, wait: \"this\" one"}.line()
	p.bot(add("Well. I can't", " help with that.")...)
	p.seen()
	p.customer(said)
	p.seen("add: Well. What is beyond me", "add:  is that, since I can't help with it.")
	p.told(said)
	p.bot(add(" I can't help with this.")...)
	p.bot(done("Well. I can't help with that. I can't help with this."))
	p.seen("add:  What is beyond me is this, since I can't help with it.",
		"done: Well. What is beyond me is that, since I can't help with it. What is beyond me is this, since I can't help with it.")
	want := `bot: Well. I can't help with that. -> Well. What is beyond me is that, since I can't help with it.
customer: no, wait: "this" one
bot:  I can't help with this. ->  What is beyond me is this, since I can't help with it.`
	if got := p.story(); got != want {
		t.Errorf("the story is\n%s\nwant\n%s", got, want)
	}
	p.rests()
}

// A widget that is told the text so far keeps what it has seen of it.
func TestTheCustomerSpeaksIntoTheTextSoFar(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	so := func(text string) string { return event{Type: "so_far", ID: "a", Text: text}.line() }
	p.bot(so("I can't help with that. So"))
	p.customer(event{Type: "said", Text: "and"}.line())
	p.bot(so("I can't help with that. So be it."), done("I can't help with that. So be it."))
	p.seen("so_far: What is beyond me is that, since I can't help with it. So", "so_far: What is beyond me is that, since I can't help with it. So be it.",
		"done: What is beyond me is that, since I can't help with it. So be it.")
	p.rests()
}

// Sound and pictures may belong to what waits: they do not overtake it.
func TestBinaryMessagesKeepTheirPlace(t *testing.T) {
	p := play(t, reading(t, wires), tone)
	p.bot(add("I can't")...)
	p.seen()
	p.binary([]byte{1, 2, 3})
	p.seen("add: I can't")
	p.rests()
}
