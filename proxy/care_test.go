package proxy

import (
	"strings"
	"testing"
	"time"

	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/rules"
)

// waitful is a pack whose words about silence are short.
const waitful = `
pack: waitful
version: 1
locale: en
always: {asks-for-person: escalate}
signals:
  - id: asks-for-person
    what: The customer asks for a person.
    why: A refused exit is what people remember.
    from: customer
    match: {text: "person"}
    examples: {fires: ["person"], silent: ["personal"]}
messages:
  silence.slow: ["<slow>"]
  silence.slow.voice: ["<slow, said>"]
  silence.still: ["<still>"]
  silence.gone: ["<gone>"]
  silence.gone.still: ["<gone, still>"]
  silence.back: ["<back>"]
  silence.again: ["<again>"]
  silence.over: ["<over>"]
  offer: ["<person?>"]
  offer.busy: ["<queue?>"]
  offer.closed: ["<call back?>"]
  ask.declined: ["<declined>"]
  handoff.requested: ["<coming>"]
  handoff.closed: ["<will call>"]
`

// talk is a protocol that can be joined again: JSON with a text and a type.
const talk = `
profile: talk
framing: raw
session: "$.session"
reconnect: {replay: ["$.type == hello"], swallow: ["$.type == welcome"]}
frames:
  - {dir: up, kind: control, when: ["$.type == hello"]}
  - {dir: up, kind: message, role: customer, text: ["$.text"]}
  - {dir: down, kind: control, when: ["$.type == welcome"]}
  - {dir: down, kind: typing, when: ["$.type == typing"]}
  - {dir: down, kind: message, role: agent, when: ["$.agent exists"], text: ["$.text"]}
  - {dir: down, kind: message, role: bot, text: ["$.text"]}
inject: {bot: '{"text":{{text}}}'}
`

// inTime are the steps of the tests.
func inTime(c *Config) {
	steps := [3]time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second}
	c.Silence = Silence{Text: steps, Voice: [3]time.Duration{2 * time.Second, 0, 0}, Seek: time.Minute}
}

func text(s string) string { return `{"text":"` + s + `"}` }

// lose takes the backend from a bridge that knows where to seek it.
func (p *script) lose() {
	p.t.Helper()
	p.b.origin = &origin{url: "ws://127.0.0.1:1/"}
	p.hangUp()
}

// rejoin gives it a backend again, which answers hello.
func (p *script) rejoin() {
	p.t.Helper()
	var out transport.Output
	p.b.Tell(rejoined{}, p.now, &out)
	p.take(&out)
}

// closed demands that the widget was told to go, with a code.
func (p *script) closed(code uint16) {
	p.t.Helper()
	if !p.b.closing.begun || p.b.closing.last.code != code {
		p.t.Errorf("the bridge ends: %v with %d, want %d", p.b.closing.begun, p.b.closing.last.code, code)
	}
}

// A bot that is slow: each step is said once, and none after the answer.
func TestSlowBot(t *testing.T) {
	p := play(t, reading(t, talk), waitful, inTime)
	p.customer(text("where is my parcel"))
	p.told(text("where is my parcel"))
	p.wait(9 * time.Second)
	p.sees()
	p.wait(2 * time.Second)
	p.sees(text("<slow>"))
	p.customer(text("hello?"))
	p.wait(10 * time.Second)
	p.sees(text("<still>"))
	p.wait(20 * time.Second)
	p.sees(text("<queue?>"))
	p.wait(10 * time.Minute)
	p.sees()
	p.bot(text("It is on its way."))
	p.sees(text("It is on its way."))
	p.wait(10 * time.Minute)
	p.sees()
	p.customer(text("and now?"))
	p.wait(11 * time.Second)
	p.sees(text("<slow>"))
	if n := p.count("attune_silence_total", "said=slow"); n != 2 {
		t.Errorf("counted %v times as slow", n)
	}
	if n := p.count("attune_decisions_total", "rule="+careReason, "decision=offer"); n != 1 {
		t.Errorf("counted %v offers", n)
	}
	if s := p.story(); !strings.Contains(s, "attune: <slow>") {
		t.Errorf("the guest book says\n%s", s)
	}
}

// An offer that was made for silence is a question like any other.
func TestOfferForSilence(t *testing.T) {
	for name, tt := range map[string]struct {
		says, hears string
		floor       session.Floor
	}{
		"accepted": {"yes please", "<coming>", session.Attune},
		"declined": {"no thanks", "<declined>", session.Bot},
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, reading(t, talk), waitful, inTime)
			p.customer(text("where is my parcel"))
			p.wait(41 * time.Second)
			p.sees(text("<slow>"), text("<still>"), text("<queue?>"))
			p.told(text("where is my parcel"))
			p.customer(text(tt.says))
			p.sees(text(tt.hears))
			p.told()
			p.wait(10 * time.Minute)
			p.sees()
			p.b.sess.Do(func(book *session.Book) {
				if book.Floor != tt.floor {
					t.Errorf("the floor is %v's", book.Floor)
				}
			})
		})
	}
}

// An offer that a rule has decided on and that waits for a reply is made when
// none comes; outside opening hours it is one of a call-back.
func TestCallBackForSilence(t *testing.T) {
	desks, err := ParseDesks("desks.yaml", []byte(`support: {kind: console, hours: ["Sun 08:00-08:01"]}`))
	if err != nil {
		t.Fatal(err)
	}
	const worried = waitful + `
escalations:
  - {id: worried, what: Offer a person to the worried., why: Worry grows by waiting., when: "fired('worry', 1)", do: offer, desk: support}
`
	pack := strings.Replace(worried, "messages:", `  - id: worry
    what: The customer is worried.
    why: It should not grow.
    from: customer
    match: {text: "I am worried"}
    examples: {fires: ["I am worried"], silent: ["I am not"]}
messages:`, 1)
	p := play(t, reading(t, talk), pack, inTime, func(c *Config) { c.Desks = desks })
	p.customer(text("I am worried"))
	p.wait(41 * time.Second)
	p.sees(text("<slow>"), text("<still>"), text("<call back?>"))
	p.customer(text("yes please"))
	p.sees(text("<will call>"))
	if n := p.count("attune_decisions_total", "rule=worried", "decision=offer"); n != 1 {
		t.Errorf("counted %v offers", n)
	}
}

// What Attune must not say it does not: nothing where it cannot speak, where
// it only watches, after a good-bye, for people, or while somebody else cares.
func TestSilenceIsKept(t *testing.T) {
	mute := strings.Replace(talk, `inject: {bot: '{"text":{{text}}}'}`, "inject: unsupported", 1)
	watching := func(c *Config) { inTime(c); c.Mode = rules.Observe }
	toneOnly := func(c *Config) { inTime(c); c.Mode = rules.Tone }
	for name, tt := range map[string]struct {
		profile string
		config  func(*Config)
		play    func(p *script)
		sees    []string
	}{
		"a protocol without words of ours": {mute, inTime, func(p *script) { p.customer(text("hi")) }, nil},
		"a first day":                      {talk, watching, func(p *script) { p.customer(text("hi")) }, nil},
		"tone only, so no offer":           {talk, toneOnly, func(p *script) { p.customer(text("hi")) }, []string{text("<slow>"), text("<still>")}},
		"nothing is set":                   {talk, func(*Config) {}, func(p *script) { p.customer(text("hi")) }, nil},
		"a good-bye":                       {talk, inTime, func(p *script) { p.customer(text("thanks, bye")) }, nil},
		"a person at the backend": {talk, inTime, func(p *script) {
			p.bot(`{"text":"Mia here","agent":"Mia"}`)
			p.customer(text("hi"))
		}, []string{`{"text":"Mia here","agent":"Mia"}`}},
		"somebody is coming": {talk, inTime, func(p *script) {
			p.customer(text("hi"))
			p.customer(text("person"))
		}, []string{text("<coming>")}},
		"it only types": {talk, inTime, func(p *script) {
			p.customer(text("hi"))
			p.wait(5 * time.Second)
			p.bot(`{"type":"typing"}`)
			p.wait(6 * time.Second)
			p.bot(text("hello"))
		}, []string{`{"type":"typing"}`, text("<slow>"), text("hello")}},
		"an answer that nobody can read": {talk, inTime, func(p *script) {
			p.customer(text("hi"))
			p.bot(`{"picture":"cat.png"}`)
		}, []string{`{"picture":"cat.png"}`}},
		"sound": {talk, inTime, func(p *script) {
			p.customer(text("hi"))
			p.binary([]byte{1, 2, 3})
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, reading(t, tt.profile), waitful, tt.config)
			tt.play(p)
			p.wait(10 * time.Minute)
			p.sees(tt.sees...)
		})
	}
}

// On the telephone silence is shorter, and the words are for the ear.
func TestSilenceOnTheTelephone(t *testing.T) {
	p := play(t, reading(t, strings.Replace(talk, "framing: raw", "framing: raw\nchannel: voice", 1)), waitful, inTime)
	p.customer(text("hi"))
	p.wait(3 * time.Second)
	p.sees(text("<slow, said>"))
	p.wait(time.Minute)
	p.sees()
}

// answered is a conversation in which nobody waits for anything.
func answered(t *testing.T) *script {
	t.Helper()
	p := play(t, reading(t, talk), waitful, inTime)
	p.customer(`{"type":"hello"}`)
	p.bot(`{"type":"welcome"}`)
	p.customer(text("hi"))
	p.bot(text("hello"))
	p.sees(`{"type":"welcome"}`, text("hello"))
	return p
}

// A backend that goes and comes: what is said meanwhile waits, in order, and
// the customer hears how it stands, once.
func TestGoneAndBack(t *testing.T) {
	p := answered(t)
	p.told(`{"type":"hello"}`, text("hi"))
	p.lose()
	p.wait(15 * time.Second)
	p.sees() // nobody waits for anything
	p.customer(text("one"))
	p.customer(text("two"))
	p.wait(11 * time.Second)
	p.sees(text("<gone>"))
	p.wait(10 * time.Second)
	p.sees(text("<gone, still>"))
	p.rejoin()
	p.told(`{"type":"hello"}`)
	p.bot(`{"type":"welcome"}`)
	p.told(text("one"), text("two"))
	p.sees(text("<back>"))
	p.wait(5 * time.Second)
	p.bot(text("One and two, then."))
	p.sees(text("One and two, then."))
	p.wait(10 * time.Minute)
	p.sees()
}

// A customer who waits for nothing hears that the backend is back, and no more.
func TestBackForNothing(t *testing.T) {
	p := answered(t)
	p.lose()
	p.b.care.told = true // after a wait that somebody else has ended
	p.rejoin()
	p.bot(`{"type":"welcome"}`)
	p.sees(text("<back>"))
	p.wait(10 * time.Minute)
	p.sees()
}

// A question that was on its way to a backend is lost with it: only the
// customer can say it again, so they are asked to.
func TestLostQuestion(t *testing.T) {
	for name, tt := range map[string]struct {
		away time.Duration
		says []string
	}{
		"away for a moment": {time.Second, []string{"<again>"}},
		"away for long":     {15 * time.Second, []string{"<gone>", "<again>"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, reading(t, talk), waitful, inTime)
			p.customer(text("where is my parcel"))
			p.lose()
			p.wait(tt.away)
			p.rejoin()
			p.wait(10 * time.Minute)
			var want []string
			for _, s := range tt.says {
				want = append(want, text(s))
			}
			p.sees(want...)
			p.told(text("where is my parcel"))
		})
	}
}

// A backend that does not come back: the customer is offered a person, has time
// to answer, and hears the end before the socket closes.
func TestGoneForGood(t *testing.T) {
	p := play(t, reading(t, talk), waitful, inTime)
	p.customer(text("hi"))
	p.lose()
	p.wait(50 * time.Second)
	p.sees(text("<gone>"), text("<gone, still>"), text("<queue?>"))
	p.wait(20 * time.Second)
	if p.b.closing.begun {
		t.Error("it ended while the customer thinks about the offer")
	}
	p.wait(21 * time.Second)
	p.sees(text("<over>"))
	p.closed(1013)
}

// Who takes the offer is with Attune, and then with a person, although there is
// no bot any more.
func TestGoneForGoodWithAPerson(t *testing.T) {
	p := play(t, reading(t, talk), waitful, inTime)
	p.customer(text("hi"))
	p.lose()
	p.wait(50 * time.Second)
	p.sees(text("<gone>"), text("<gone, still>"), text("<queue?>"))
	p.floor(session.Attune) // as it is for whoever says yes
	p.wait(time.Minute)
	p.sees()
	if p.b.closing.begun {
		t.Fatal("it ended while a person is on the way")
	}
	p.floor(session.Bot) // nobody came: the bot is sought again
	p.wait(2 * time.Second)
	p.rejoin()
	p.wait(5 * time.Second)
	p.customer(text("still there?"))
	p.told(text("hi"), text("still there?"))
}

// An idle customer hears nothing of a backend that was never missed.
func TestNobodyWaits(t *testing.T) {
	p := play(t, reading(t, talk), waitful, inTime)
	p.customer(text("hi"))
	p.bot(text("hello"))
	p.sees(text("hello"))
	p.lose()
	p.wait(2 * time.Minute)
	p.sees()
	p.closed(1013)
}

// A bridge that begins without its backend keeps what the widget says, says
// nothing twice to the backend that comes, and keeps no answer from the widget.
func TestBeginsWithoutTheBackend(t *testing.T) {
	p := play(t, reading(t, talk), waitful, inTime)
	p.b.origin = &origin{url: "ws://127.0.0.1:1/"}
	p.b.await(p.now)
	var out transport.Output
	p.b.Tick(p.now, &out)
	p.take(&out)
	p.customer(`{"type":"hello"}`)
	p.customer(text("hi"))
	p.told()
	p.wait(11 * time.Second)
	p.sees(text("<gone>"))
	p.rejoin()
	p.told(`{"type":"hello"}`, text("hi"))
	p.sees(text("<back>"))
	p.bot(`{"type":"welcome"}`, text("hello"))
	p.sees(`{"type":"welcome"}`, text("hello"))
}

// Of several sockets of one conversation one speaks of the silence.
func TestOneVoiceForSilence(t *testing.T) {
	p := play(t, reading(t, talk), waitful, inTime)
	said := `{"text":"hi","session":"s1"}`
	p.customer(said)
	first := p.b
	p.open()
	p.b.bind = first.bind
	p.customer(said)
	p.wait(11 * time.Second)
	p.sees(text("<slow>"))
	var out transport.Output
	first.Tick(p.now, &out)
	if len(out.Send[transport.Widget]) > 0 {
		t.Error("the other socket speaks, too")
	}
	p.b.Receive(transport.Backend, frame.Append(nil, frame.Text, []byte(text("hello"))), p.now, &out)
	first.care.step = careStatus
	first.Tick(p.now.Add(10*time.Second), &out)
	if len(out.Send[transport.Widget]) == 0 {
		t.Error("nobody speaks for the socket that still waits")
	}
}
