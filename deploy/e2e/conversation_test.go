package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// Botkit and socket.io, both ends as published on npm, talk through Attune.
var protocols = []struct {
	name, bot, widget, profile, scheme, path string
}{
	{"botkit", "botkit-bot.js", "botkit-widget.js", "botkit-web", "ws", "/"},
	{"socket.io", "socketio-bot.js", "socketio-widget.js", "rasa-socketio", "http", "/"},
	{"socket.io by polling", "socketio-bot.js", "socketio-widget.js", "rasa-socketio", "http", "/?by=polling"},
	{"socket.io from polling to a socket", "socketio-bot.js", "socketio-widget.js", "rasa-socketio", "http", "/?by=both"},
}

// oneRule rewords the refusal that both bots know, and nothing else; after two
// failures it offers a person.
const oneRule = `
pack: e2e
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3, bands: {calm: 0}}
always: {asks-for-person: escalate}
phrases:
  yes: ["yes", "yes please"]
  no: ["no", "no thanks"]
signals:
  - id: asks-for-person
    what: The customer asks for a person.
    why: A refused exit is what people remember.
    from: customer
    match: {text: "[i want] [to talk to] a human"}
    feels: [dominated]
    examples: {fires: ["I want to talk to a human"], silent: ["is a human body mostly water"]}
  - id: bot-fallback
    what: The bot says that it did not understand.
    why: After two such failures people prefer a person.
    from: bot
    match: {detect: bot.fallback}
    points: 2
    failure: true
    feels: [unfulfilled]
    examples: {fires: ["Sorry, I did not get that."], silent: ["Got it, thanks!"]}
rewrites:
  - id: refusal
    what: A refusal says what comes next.
    why: A dead end feels like being dominated.
    move: soften
    match: {text: "I (can't | cannot) help with {what}"}
    steps:
      - say: ["I can't help with {what} here. Tell me more."]
    examples:
      - {in: "I can't help with that fee of 12.50.", out: "I can't help with that fee of 12.50 here. Tell me more."}
      - {in: "I can help with that.", unchanged: true}
asks:
  connect: {accept: [yes], decline: [no], then: escalate, expires: 1 turn}
escalations:
  - id: two-failures
    what: Offer a person after two failures in a row.
    why: After two failures people prefer a person.
    when: "bot.failures >= 2"
    do: offer
    asks: connect
    desk: support
    say: {default: msg.offer, closed: msg.offer, busy: msg.offer}
messages:
  msg.offer: ["Shall I bring a colleague in?"]
tests:
  - name: two misses, then an offer
    turns: [{customer: "hello"}, {bot: "Sorry, I did not get that."}, {customer: "hello there"}, {bot: "Sorry, I did not get that."}, {expect: {decision: offer}}]
`

const (
	miss    = "Sorry, I did not get that."
	offered = miss + " Shall I bring a colleague in?"
	sent    = "Order 1182 was sent on 3 May."
)

func TestConversation(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			port := bot(t, p.bot)
			a := serve(t, "ATTUNE_BACKEND_URL=ws://127.0.0.1:"+port, "ATTUNE_PROFILE="+p.profile, "ATTUNE_RULES="+rulesDir(t, oneRule), "ATTUNE_REDIS_URL="+redisServer(t))
			w := connect(t, p.widget, p.scheme+"://"+a.widgets+p.path, "s1")
			direct := connect(t, p.widget, p.scheme+"://127.0.0.1:"+port+p.path, "s2")
			greeting(p.name, w, direct)

			// What no rule touches arrives as the bot sent it, buttons and all.
			w.say("where is my parcel")
			direct.say("where is my parcel")
			if got, want := w.expect(sent).Raw, direct.expect(sent).Raw; got != want {
				t.Errorf("through Attune: %s\nfrom the bot:   %s", got, want)
			}
			w.say("and my fee?")
			w.expect("I can't help with that fee of 12.50 here. Tell me more.")
			a.metric(`attune_rewrites_total{outcome="applied",rule="refusal"} 1`)
			w.hangUp()
			a.metric(`attune_bridges{profile="` + p.profile + `"} 0`)
			if code := a.terminate(); code != 0 {
				t.Errorf("exit code %d after SIGTERM", code)
			}
			if strings.Contains(a.log.String(), "parcel") {
				t.Error("the customer's words are in the log")
			}
		})
	}
}

// greeting passes over what Botkit says first.
func greeting(protocol string, widgets ...*widget) {
	if protocol == "botkit" {
		for _, w := range widgets {
			w.expect("Hi there")
		}
	}
}

// A node is stopped in the middle; the customer reconnects to the other one.
func TestTwoNodes(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			port := bot(t, p.bot)
			redis := redisServer(t)
			env := []string{"ATTUNE_BACKEND_URL=ws://127.0.0.1:" + port, "ATTUNE_PROFILE=" + p.profile, "ATTUNE_RULES=" + rulesDir(t, oneRule), "ATTUNE_REDIS_URL=" + redis}
			one, two := serve(t, env...), serve(t, env...)
			w := connect(t, p.widget, p.scheme+"://"+one.widgets+p.path, "s1")
			greeting(p.name, w)
			w.say("purple monkey")
			w.expect(miss)
			stored(t, redis, 1)
			one.kill()

			// The second failure in a row counts as the second: the score came along.
			w = connect(t, p.widget, p.scheme+"://"+two.widgets+p.path, "s1")
			greeting(p.name, w)
			two.metric(`attune_sessions_opened_total{outcome="resumed"} 1`)
			if p.name == "botkit" {
				// Botkit's greeting is a reply without a failure, so it takes two more.
				w.say("green monkey")
				w.expect(miss)
			}
			w.say("blue monkey")
			w.expect(offered)
			w.say("yes")
			w.next() // what Attune says about the wait

			// An agent sees the whole story, also what was said on the other node.
			session := two.waiting(t)
			c := two.conversation(t, session)
			if !slices.ContainsFunc(c.Turns, func(turn turn) bool { return turn.Text == "purple monkey" }) {
				t.Errorf("the history lacks what was said on the first node: %+v", c.Turns)
			}
			if c.Reason == "" || c.Why == "" {
				t.Errorf("the card says no reason: %+v", c)
			}
			two.act(t, session, "claim", `{}`, http.StatusNoContent)
			w.next() // Attune says who is here
			two.act(t, session, "say", `{"text":"Mia here. Which monkey?"}`, http.StatusNoContent)
			w.expect("Mia here. Which monkey?")

			// The floor is the agent's: the bot is asked nothing and says nothing.
			w.say("the green one")
			w.silent(500 * time.Millisecond)
			three := serve(t, env...)
			two.terminate()
			w = connect(t, p.widget, p.scheme+"://"+three.widgets+p.path, "s1")
			w.say("still the green one")
			three.metric(`attune_messages_total{direction="upstream",role="customer"} 1`)
			w.silent(700 * time.Millisecond)
			three.act(t, session, "say", `{"text":"Found it."}`, http.StatusNoContent)
			w.expect("Found it.")
			three.act(t, session, "return", `{}`, http.StatusNoContent)
			w.next() // Attune says that the bot goes on
			w.say("where is my parcel")
			w.expect(sent)
		})
	}
}

// A widget with somebody else's session id, but not the credential, is a
// stranger.
func TestSessionIDAloneLeadsNowhere(t *testing.T) {
	p := protocols[1]
	port := bot(t, p.bot)
	a := serve(t, "ATTUNE_BACKEND_URL=ws://127.0.0.1:"+port, "ATTUNE_PROFILE="+p.profile, "ATTUNE_RULES="+rulesDir(t, oneRule), "ATTUNE_REDIS_URL="+redisServer(t))
	w := connect(t, p.widget, p.scheme+"://"+a.widgets+p.path, "s1")
	w.say("purple monkey")
	w.expect(miss)
	thief := connectAs(t, p.widget, p.scheme+"://"+a.widgets+p.path, "s1", "another-credential")
	thief.say("blue monkey")
	thief.expect(miss) // not offered: it is the stranger's first failure
}

// waiting returns the only session in the queue.
func (a *attune) waiting(t *testing.T) string {
	t.Helper()
	return queue(t, a, 1)[0]
}

type turn struct {
	Role string `json:"role"`
	Text string `json:"text"`
	Sent string `json:"sent"`
}

type story struct {
	Reason string `json:"reason"`
	Why    string `json:"why"`
	Turns  []turn `json:"turns"`
}

func (a *attune) conversation(t *testing.T, session string) (c story) {
	t.Helper()
	status, data := get(t, "http://"+a.console+"/api/v1/handoffs/"+session, token)
	if err := json.Unmarshal(data, &c); status != http.StatusOK || err != nil {
		t.Fatalf("conversation: %d %s %v", status, data, err)
	}
	return c
}

func (a *attune) act(t *testing.T, session, what, body string, want int) {
	t.Helper()
	status, data := call(t, http.MethodPost, "http://"+a.console+"/api/v1/handoffs/"+session+"/"+what, token, body)
	if status != want {
		t.Fatalf("%s: %d %s, want %d", what, status, data, want)
	}
}
