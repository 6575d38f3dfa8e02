package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/proxytest"
	"attune/proxy/session"
	"attune/proxy/wire"
)

// greeted is a protocol in which the widget says hello and the backend answers.
const greeted = `
profile: greeted
framing: raw
session: "$.session"
reconnect: {replay: ["$.type == hello"], swallow: ["$.type == welcome"]}
frames:
  - {dir: up, kind: control, when: ["$.type == hello"]}
  - {dir: up, kind: dtmf, when: ["$.type == key"], text: ["$.key"]}
  - {dir: up, kind: message, role: customer, text: ["$.text"]}
  - {dir: down, kind: control, when: ["$.type == welcome"]}
  - {dir: down, kind: message, role: bot, text: ["$.text"]}
inject: {bot: '{"text":{{text}}}', agent: '{"text":{{text}},"agent":{{agent}}}'}
`

func ownProfile(t *testing.T, source string) option {
	t.Helper()
	all, err := wire.Parse("test.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return func(c *proxy.Config, _ *session.Config) { c.Routes[0].Profile = all[0] }
}

const (
	hello   = `{"type":"hello","user":"u1"}`
	welcome = `{"type":"welcome"}`
)

// joined is a widget that has said hello, and its backend.
func joined(t *testing.T, h *house, bot *proxytest.Backend) (w, c *proxytest.Conn) {
	t.Helper()
	w = h.widget(proxytest.WidgetConfig{})
	c = bot.Accept()
	w.SendText(hello)
	c.ExpectText(hello)
	c.SendText(welcome)
	w.ExpectText(welcome)
	return w, c
}

// TestBackendComesBack: the widget of a backend that is lost, in any way that
// promises a return, notices nothing, and what it says meanwhile arrives.
func TestBackendComesBack(t *testing.T) {
	for name, leave := range map[string]func(c *proxytest.Conn){
		"dropped":    func(c *proxytest.Conn) { c.Drop() },
		"restarting": func(c *proxytest.Conn) { c.SendClose(1012, "restarting") },
		"going away": func(c *proxytest.Conn) { c.SendClose(1001, "") },
	} {
		t.Run(name, func(t *testing.T) {
			bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
			h := open(t, bot, ownProfile(t, greeted))
			w, c := joined(t, h, bot)
			left := time.Now()
			leave(c)
			again := bot.Accept()
			again.ExpectText(hello)
			w.SendText(say("are you there"))
			// The widget's words wait for the answer to hello, four seconds at most.
			if text, came := again.TextWithin(100 * time.Millisecond); !came {
				again.SendText(welcome)
				again.ExpectText(say("are you there"))
			} else if time.Since(left) < 2*time.Second {
				t.Fatalf("heard %s before it answered", text)
			}
			again.SendText(say("I am"))
			w.ExpectText(say("I am"))
			h.eventually(`attune_backend_reconnects_total{profile="greeted",result="ok"} 1`)
			requests := bot.Requests()
			if len(requests) != 2 || requests[0].RequestURI != requests[1].RequestURI {
				t.Errorf("asked %d times", len(requests))
			}
			w.SendClose(1000, "")
			again.ExpectClose(1000)
		})
	}
}

// TestBackendComesBackMute: a backend that answers nothing does not hold the
// widget's words for ever.
func TestBackendComesBackMute(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, greeted))
	w, c := joined(t, h, bot)
	c.Drop()
	again := bot.Accept()
	again.ExpectText(hello)
	w.SendText(say("are you there"))
	again.ExpectText(say("are you there"))
}

// TestSlowBackendComesBack: where the first answer took long, the widget's words
// wait longer for the second one, too: before it the backend would not know whose
// they are.
func TestSlowBackendComesBack(t *testing.T) {
	const known = `{"type":"known"}`
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, strings.Replace(greeted, `"$.type == welcome"]}`, `"$.type == welcome", "$.type == known"]}`, 1)))
	w, c := joined(t, h, bot)
	c.SendText(known)
	w.ExpectText(known)
	c.Drop()
	again := bot.Accept()
	again.ExpectText(hello)
	w.SendText(say("are you there"))
	again.ExpectSilence(700 * time.Millisecond)
	began := time.Now()
	again.SendText(welcome)
	if text, came := again.TextWithin(time.Second); !came {
		again.SendText(known)
		again.ExpectText(say("are you there"))
	} else if time.Since(began) < 2*time.Second {
		t.Errorf("heard %s between its answers", text)
	}
}

// TestBackendComesBackLate: it is asked again until it is there.
func TestBackendComesBackLate(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, greeted))
	w, _ := joined(t, h, bot)
	bot.Stop()
	h.eventually(`attune_bridges_missing_backend{profile="greeted"} 1`)
	w.SendText(say("one"))
	w.SendText(say("two"))
	w.ExpectSilence(time.Second)
	bot.Start()
	again := bot.Accept()
	again.ExpectText(hello)
	again.SendText(welcome)
	again.ExpectText(say("one"), say("two"))
}

// TestBackendRefusesToComeBack: an answer that will not change ends the search.
func TestBackendRefusesToComeBack(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, greeted))
	w, c := joined(t, h, bot)
	bot.Set(func(c *proxytest.BackendConfig) { c.Refuse = 403 })
	c.Drop()
	w.ExpectClose(1013)
	h.eventually(`attune_backend_reconnects_total{profile="greeted",result="given_up"} 1`)
}

// TestBackendEndsForGood: an orderly end is relayed as ever.
func TestBackendEndsForGood(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, greeted))
	w, c := joined(t, h, bot)
	c.SendClose(1000, "bye")
	w.ExpectClose(1000)
	bot.ExpectNobody(300 * time.Millisecond)
}

// TestWidgetGoesWhileBackendIsSought: nobody is asked any more.
func TestWidgetGoesWhileBackendIsSought(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, greeted))
	w, _ := joined(t, h, bot)
	bot.Stop()
	h.eventually(`attune_bridges_missing_backend{profile="greeted"} 1`)
	w.SendText(say("one"))
	w.SendClose(1000, "")
	h.eventually(`attune_bridges{profile="greeted"} 0`)
	bot.Start()
	bot.ExpectNobody(time.Second)
}

// TestTooMuchWaitsForTheBackend: a widget that says more than may wait hears
// that it must come again, and loses nothing silently.
func TestTooMuchWaitsForTheBackend(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, greeted))
	w, _ := joined(t, h, bot)
	bot.Stop()
	h.eventually(`attune_bridges_missing_backend{profile="greeted"} 1`)
	for i := range 10 {
		if w.TrySend(say(fmt.Sprintf("%d%s", i, strings.Repeat("x", 32<<10))), proxytest.Timeout) != nil {
			break
		}
	}
	w.ExpectClose(1013)
}

// TestPersonTalksOnWithoutTheBackend: a backend that is lost does not end the
// conversation with a person; it does once the bot should go on.
func TestPersonTalksOnWithoutTheBackend(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	id := handOver(t, h, w)
	desk := h.server.Switchboard()
	if err := desk.Claim(t.Context(), id, "Mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("Mia is here."))
	c.Drop()
	if err := desk.Say(t.Context(), id, "Mia", "How can I help?"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(`{"text":"How can I help?","agent":"Mia"}`)
	w.SendText(say("my parcel"))
	w.ExpectSilence(1500 * time.Millisecond)
	if err := desk.Return(t.Context(), id, "Mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("The bot goes on."))
	w.ExpectClose(1013)
	h.eventually(`attune_bridges_missing_backend{profile="json"} 0`)
}

// zero is a pack that fetches a person when 0 is pressed.
const zero = `
pack: zero
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3, bands: {calm: 0}}
always: {presses-zero: escalate}
signals:
  - id: presses-zero
    what: The customer presses 0.
    why: 0 has meant a person since there are telephones with keys.
    from: event
    match: {detect: event.dtmf}
    feels: [dominated]
    examples: {fires: [[{event: dtmf, value: "0"}]], silent: [[{event: dtmf, value: "1"}]]}
messages:
  handoff.requested: ["One moment, I am fetching somebody."]
`

// TestKeysAreHeard: a key that asks for a person is kept from the bot, as words
// would be; another one passes.
func TestKeysAreHeard(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, greeted), pack(t, zero))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(`{"session":"s1","type":"key","key":"1"}`)
	c.ExpectText(`{"session":"s1","type":"key","key":"1"}`)
	w.SendText(`{"session":"s1","type":"key","key":"0"}`)
	w.ExpectText(say("One moment, I am fetching somebody."))
	c.ExpectSilence(100 * time.Millisecond)
	h.eventually(`attune_signals_total{rule="presses-zero"} 1`)
}
