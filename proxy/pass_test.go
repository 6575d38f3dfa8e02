package proxy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
)

// desks has handoffs go where a file says.
func desks(t *testing.T, file string) option {
	t.Helper()
	d, err := proxy.ParseDesks("desks.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return config(func(c *proxy.Config) { c.Desks = d })
}

// put is people with words for being put through, and for nobody being there.
const put = people + `  handoff.passed: ["Putting you through."]
  handoff.failed: ["Nobody can be reached."]
`

// office is a protocol with people behind the bot's own backend.
const office = `
profile: office
framing: raw
session: "$.session"
frames:
  - {dir: up, kind: end, when: ["$.type == bye"]}
  - {dir: up, kind: control, when: ["$.type == handoff"]}
  - {dir: up, kind: message, role: customer, text: ["$.text"]}
  - {dir: down, kind: message, role: bot, text: ["$.text"], sender: "$.from"}
inject: {bot: '{"text":{{text}}}', handoff_backend: '{"type":"handoff","queue":{{queue}},"story":{{json_string}}}'}
`

// stands waits until a session's handoff is in a state, and returns it.
func (h *house) stands(state string) console.Summary {
	h.t.Helper()
	var last any
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		list, err := h.server.Switchboard().Waiting(h.t.Context())
		if err == nil && len(list) == 1 && list[0].State == state {
			return list[0]
		}
		last = list
	}
	h.t.Fatalf("the handoff is never %s: %v", state, last)
	return console.Summary{}
}

// TestHandedToThePlatform: a call leaves by the platform's own message, with the
// card, and the bot is not heard any more.
func TestHandedToThePlatform(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, profile(t, "twilio-conversationrelay"), pack(t, put), desks(t, "phone: {kind: backend}"))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(`{"type":"setup","sessionId":"VX1","callSid":"CA1"}`)
	c.ExpectText(`{"type":"setup","sessionId":"VX1","callSid":"CA1"}`)
	w.SendText(`{"type":"prompt","voicePrompt":"I want to talk to a human","lang":"en-US","last":true}`)
	w.ExpectText(`{"type":"text","token":"One moment, I am fetching somebody.","last":true}`)
	var end struct{ Type, HandoffData string }
	if err := json.Unmarshal([]byte(w.NextText()), &end); err != nil || end.Type != "end" {
		t.Fatalf("the platform is told %+v, %v", end, err)
	}
	var story struct {
		Desk string
		Card struct{ Reason string }
	}
	if err := json.Unmarshal([]byte(end.HandoffData), &story); err != nil || story.Desk != "phone" || story.Card.Reason != "asks-for-person" {
		t.Errorf("the story is %+v, %v", story, err)
	}
	if s := h.stands("active"); s.Agent != "phone" {
		t.Errorf("%q has it", s.Agent)
	}
	c.SendText(`{"type":"text","token":"What else?","last":true}`)
	h.eventually(`attune_late_frames_dropped_total{profile="twilio-conversationrelay"} 1`)
}

// TestOfferedToTheBackend: people behind the backend hear the customer from the
// handoff on, have the floor from their first word, and the bot has not.
func TestOfferedToTheBackend(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, office), pack(t, put), desks(t, "people: {kind: backend, address: second floor}"))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	if got := c.NextText(); !strings.HasPrefix(got, `{"type":"handoff","queue":"second floor","story":"{`) {
		t.Errorf("the backend is told %s", got)
	}
	h.stands("offered")
	w.SendText(say("hello?"))
	c.ExpectText(say("hello?"))
	c.SendText(`{"text":"Try our FAQ","from":"bot"}`)
	h.eventually(`attune_late_frames_dropped_total{profile="office"} 1`)
	c.SendText(`{"text":"Mia here","from":"agent"}`)
	w.ExpectText(`{"text":"Mia here","from":"agent"}`)
	if s := h.stands("active"); s.Agent != "people" {
		t.Errorf("%q has it", s.Agent)
	}
	w.SendText(say("my parcel"))
	c.ExpectText(say("my parcel"))
	c.SendText(`{"text":"Found it","from":"agent"}`)
	w.ExpectText(`{"text":"Found it","from":"agent"}`)
	w.SendText(`{"type":"bye"}`)
	c.ExpectText(`{"type":"bye"}`)
	h.eventually(`attune_handoffs_total{desk="people",state="resolved"} 1`)
	h.eventually(`attune_floor_changes_total{to="agent"} 1`)
}

// TestHandedToABackendThatTellsNobodyApart: where people and bot speak alike, the
// backend speaks on.
func TestHandedToABackendThatTellsNobodyApart(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, strings.Replace(office, `, sender: "$.from"`, "", 1)), pack(t, put), desks(t, "people: {kind: backend}"))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	if got := c.NextText(); !strings.HasPrefix(got, `{"type":"handoff","queue":"people"`) {
		t.Errorf("the backend is told %s", got)
	}
	h.eventually(`attune_handoffs_total{desk="people",state="resolved"} 1`)
	h.eventually(`attune_floor_changes_total{to="bot"} 1`)
	c.SendText(say("Mia here"))
	w.ExpectText(say("Mia here"))
	w.SendText(say("my parcel"))
	c.ExpectText(say("my parcel"))
}

// TestNoWordsForAHandoff: a protocol that has no message for it fails the
// handoff, and the customer hears the truth.
func TestNoWordsForAHandoff(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, put), desks(t, "people: {kind: backend}"))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."), say("Nobody can be reached."))
	h.eventually(`attune_handoffs_total{desk="people",state="failed"} 1`)
	h.eventually(`attune_floor_changes_total{to="bot"} 1`)
	w.SendText(say("then the bot"))
	c.ExpectText(say("then the bot"))
	if !strings.Contains(h.logged(), "has no message for a handoff") {
		t.Error("nothing was said about it at the start")
	}
}
