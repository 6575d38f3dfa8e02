package proxy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
)

// people is a pack that knows one thing: to fetch a person when asked for one.
const people = `
pack: people
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3, bands: {calm: 0}}
always: {asks-for-person: escalate}
signals:
  - id: asks-for-person
    what: The customer asks for a person.
    why: A refused exit is what people remember.
    from: customer
    match: {text: "[i want] [to talk to] a human"}
    feels: [dominated]
    examples: {fires: ["I want to talk to a human"], silent: ["is a human body mostly water"]}
rewrites:
  - id: denied
    what: A denial takes the bot's part.
    why: A passive denial feels like a wall.
    move: own
    match: {text: "Your request has been denied"}
    steps:
      - say: ["I could not get that approved."]
        adds: [fact]
    examples:
      - {in: "Your request has been denied.", out: "I could not get that approved."}
      - {in: "Your request has been approved.", unchanged: true}
messages:
  handoff.requested: ["One moment, I am fetching somebody."]
  handoff.accepted: ["{agent} is here."]
  handoff.returned: ["The bot goes on."]
`

func say(text string) string { return `{"text":"` + text + `"}` }

// claimed has an agent, mia, take a conversation; its widgets hear so.
func (h *house) claimed(id string, widgets ...*proxytest.Conn) {
	h.t.Helper()
	if err := h.server.Switchboard().Claim(h.t.Context(), id, "mia"); err != nil {
		h.t.Fatal(err)
	}
	for _, w := range widgets {
		w.ExpectText(say("mia is here."))
	}
}

// handOver asks for a person and returns the session that waits.
func handOver(t *testing.T, h *house, w *proxytest.Conn) string {
	t.Helper()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	for deadline := time.Now().Add(proxytest.Timeout); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		list, err := h.server.Switchboard().Waiting(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			return list[0].Session
		}
	}
	t.Fatal("nobody waits")
	return ""
}

func TestFloor(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("hello"))
	c.ExpectText(say("hello"))
	c.SendText(say("Your request has been denied."))
	w.ExpectText(say("I could not get that approved."))
	h.eventually(`attune_rewrites_total{outcome="applied",rule="denied"} 1`)

	id := handOver(t, h, w)
	c.ExpectSilence(100 * time.Millisecond) // Attune answered: the bot is not asked
	c.SendText(say("Sorry, I did not get that."))
	w.ExpectSilence(200 * time.Millisecond)
	h.eventually(`attune_late_frames_dropped_total{profile="json"} 1`)
	h.eventually(`attune_decisions_total{decision="escalate",rule="asks-for-person"} 1`)

	board := h.server.Switchboard()
	h.claimed(id, w)
	var taken *console.TakenError
	if err := board.Claim(t.Context(), id, "ben"); !errors.As(err, &taken) || taken.By != "mia" {
		t.Errorf("a second claim: %v, want taken by mia", err)
	}
	if err := board.Say(t.Context(), id, "ben", "me too"); !errors.Is(err, console.ErrNotYours) {
		t.Errorf("words of somebody without the floor: %v", err)
	}
	if err := board.Say(t.Context(), id, "mia", `hello "you"`); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(`{"text":"hello \"you\"","agent":"mia"}`)
	h.eventually(`attune_handoffs_total{desk="console",state="active"} 1`)
	w.SendText(say("thanks"))
	h.eventually(`attune_messages_total{direction="upstream",role="customer"} 3`)
	c.SendText(say("Your request has been denied."))
	c.ExpectSilence(100 * time.Millisecond)
	w.ExpectSilence(100 * time.Millisecond)
	h.eventually(`attune_late_frames_dropped_total{profile="json"} 2`)

	story, err := board.Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, turn := range story.Turns {
		line := turn.Role + ": " + turn.Text
		if turn.Sent != "" {
			line += " -> " + turn.Sent
		}
		if turn.Late {
			line += " (late)"
		}
		told = append(told, line)
	}
	want := `customer: hello
bot: Your request has been denied. -> I could not get that approved.
customer: I want to talk to a human
attune: One moment, I am fetching somebody.
bot: Sorry, I did not get that. (late)
attune: mia is here.
agent: hello "you"
customer: thanks
bot: Your request has been denied. (late)`
	if got := strings.Join(told, "\n"); got != want {
		t.Errorf("the story is\n%s\nwant\n%s", got, want)
	}
	if story.Reason != "asks-for-person" || story.Why == "" || len(story.Words) == 0 {
		t.Errorf("the card: %+v", story.Summary)
	}

	if err := board.Return(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("The bot goes on."))
	w.SendText(say("where were we"))
	c.ExpectText(say("where were we"))
	c.SendText(say("Your request has been approved."))
	w.ExpectText(say("Your request has been approved."))
	if list, err := board.Waiting(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("still waiting: %v, %v", list, err)
	}
}

func TestAgentsWordsReachEveryTab(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people))
	cookie := proxytest.WidgetConfig{Header: map[string][]string{"Cookie": {"attune=abcdefghijklmnopqrstuvwxyz"}}}
	one, two := h.widget(cookie), h.widget(cookie)
	two.SendText(say("hello"))
	h.eventually(`attune_messages_total{direction="upstream",role="customer"} 1`)
	id := handOver(t, h, one)
	two.ExpectText(say("One moment, I am fetching somebody."))
	h.claimed(id, one, two)
}

// hasty is for tests in which words wait in vain for somebody who is away.
var hasty = config(func(c *proxy.Config) { c.Leeway = 3 })

func TestWordsForSomebodyWhoIsAway(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people), hasty)
	w := h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, w)
	board := h.server.Switchboard()
	if err := board.Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	w.Drop()
	h.eventually(`attune_bridges{profile="json"} 0`)
	if err := board.Say(t.Context(), id, "mia", "anybody there"); !errors.Is(err, console.ErrAway) {
		t.Errorf("words for nobody: %v, want ErrAway", err)
	}
}

func TestFloorSurvivesAReconnect(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people))
	w := h.widget(proxytest.WidgetConfig{})
	cookie, _, _ := strings.Cut(w.Response.Header.Get("Set-Cookie"), ";")
	handOver(t, h, w)
	w.SendClose(1001, "")
	bot.Accept()
	for _, first := range []string{"customer", "bot"} { // whoever speaks first on the new conn
		w = h.widget(proxytest.WidgetConfig{Header: map[string][]string{"Cookie": {cookie}}})
		c := bot.Accept()
		if first == "customer" {
			w.SendText(say("still here"))
		}
		c.SendText(say("Your request has been denied."))
		c.ExpectSilence(100 * time.Millisecond)
		w.ExpectSilence(100 * time.Millisecond)
		w.SendClose(1001, "")
		w.ExpectClose(1001)
	}
}

func TestAGreetingIsHeard(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Greet: []string{say("Your request has been denied.")}})
	h := open(t, bot, pack(t, people))
	w := h.widget(proxytest.WidgetConfig{})
	w.ExpectText(say("I could not get that approved."))
	w.SendText(`{"text":"hello","session_id":"s1"}`) // a name that comes later takes along what was said
	bot.Accept().ExpectText(`{"text":"hello","session_id":"s1"}`)
	id := handOver(t, h, w)
	story, err := h.server.Switchboard().Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, turn := range story.Turns {
		told = append(told, turn.Role)
	}
	if got := strings.Join(told, " "); got != "bot customer customer attune" {
		t.Errorf("the story has %s, want the bot's greeting first", got)
	}
	h.eventually(`attune_sessions{profile="json"} 1`)
}

func TestANameThatComesLate(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	handOver(t, h, w)
	// Whoever waits for a person keeps waiting, whatever else the widget calls itself.
	w.SendText(`{"text":"hello","session_id":"s1"}`)
	c.SendText(say("Your request has been denied."))
	c.ExpectSilence(100 * time.Millisecond)
	w.ExpectSilence(100 * time.Millisecond)
}

func TestModes(t *testing.T) {
	tests := []struct {
		mode             string
		reworded, handed bool
	}{
		{"full", true, true}, {"tone", true, false}, {"escalation", false, true}, {"observe", false, true}, {"observe-all", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.mode, func(t *testing.T) {
			bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
			h := open(t, bot, pack(t, people), mode(t, tt.mode))
			w := h.widget(proxytest.WidgetConfig{})
			c := bot.Accept()
			w.SendText(say("hi"))
			c.ExpectText(say("hi"))
			c.SendText(say("Your request has been denied."))
			want := say("Your request has been denied.")
			if tt.reworded {
				want = say("I could not get that approved.")
			}
			w.ExpectText(want)
			w.SendText(say("a human"))
			if tt.handed {
				w.ExpectText(say("One moment, I am fetching somebody."))
			} else {
				c.ExpectText(say("a human"))
			}
			h.eventually(`attune_decisions_total{decision="escalate",rule="asks-for-person"} 1`)
		})
	}
}

func TestPeopleAreToldWhenNoDeskIsOpen(t *testing.T) {
	desks, err := proxy.ParseDesks("desks.yaml", []byte("support: {kind: console, hours: [\"Mon-Fri 08:00-18:00\"], zone: Europe/Dublin}\n"))
	if err != nil {
		t.Fatal(err)
	}
	dublin, _ := time.LoadLocation("Europe/Dublin")
	for at, want := range map[time.Time]bool{
		time.Date(2026, 11, 20, 9, 0, 0, 0, dublin):  true,
		time.Date(2026, 11, 20, 18, 0, 0, 0, dublin): false,
		time.Date(2026, 11, 21, 9, 0, 0, 0, dublin):  false,
	} {
		if got := desks.Open("support", at); got != want {
			t.Errorf("open on %v: %v, want %v", at, got, want)
		}
	}
}

// TestEchoOfWhatStaysHere: where the backend says the customer's words back, so
// does Attune for words that it keeps from the backend; elsewhere it does not,
// since the widget has shown them by itself.
func TestEchoOfWhatStaysHere(t *testing.T) {
	for name, echoes := range map[string]bool{"a backend that echoes": true, "one that does not": false} {
		t.Run(name, func(t *testing.T) {
			bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
			h := open(t, bot, profile(t, "signalr-json"), pack(t, people))
			w := h.widget(proxytest.WidgetConfig{})
			c := bot.Accept()
			exchange := func(from, to *proxytest.Conn, text string) {
				t.Helper()
				from.SendText(text + end)
				to.ExpectText(text + end)
			}
			exchange(w, c, `{"protocol":"json","version":1}`)
			exchange(c, w, `{}`)
			exchange(w, c, `{"type":1,"target":"SendMessage","arguments":["ana","hello"]}`)
			if echoes {
				exchange(c, w, `{"type":1,"target":"ReceiveMessage","arguments":["ana","hello"]}`)
			}
			exchange(c, w, `{"type":1,"target":"ReceiveMessage","arguments":["bot","Hi."]}`)
			w.SendText(`{"type":1,"target":"SendMessage","arguments":["ana","I want to talk to a human"]}` + end)
			if echoes {
				w.ExpectText(`{"type":1,"target":"ReceiveMessage","arguments":["ana","I want to talk to a human"]}` + end)
			}
			w.ExpectText(`{"type":1,"target":"ReceiveMessage","arguments":["bot","One moment, I am fetching somebody."]}` + end)
			c.ExpectSilence(50 * time.Millisecond)
		})
	}
}
