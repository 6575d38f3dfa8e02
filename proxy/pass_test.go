package proxy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
	"attune/proxy/session"
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
	for deadline := time.Now().Add(proxytest.Timeout); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
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

// TestACrisisAtABackend: a crisis of a customer whom people at a backend already
// hear leaves them there, or brings them to the people of another desk, who then
// have them with their first word.
func TestACrisisAtABackend(t *testing.T) {
	for name, urgent := range map[string]string{"the same desk": "people", "another desk": "urgent"} {
		t.Run(name, func(t *testing.T) {
			bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
			h := open(t, bot, ownProfile(t, office), pack(t, strings.Replace(peopleAndDanger, "desk: urgent", "desk: "+urgent, 1)),
				desks(t, "people: {kind: backend, default: true}\nurgent: {kind: backend}\n"))
			w := h.widget(proxytest.WidgetConfig{})
			c := bot.Accept()
			w.SendText(say("I want to talk to a human"))
			w.ExpectText(say("One moment, I am fetching somebody."))
			expectHandoff(t, c, "people")
			id := h.stands("offered").Session
			w.SendText(say("I will hurt myself"))
			w.ExpectText(say("Call 112."))
			w.NextText() // that somebody comes, or will
			if urgent != "people" {
				expectHandoff(t, c, urgent)
			}
			waitsFor(t, h, "the crisis at its desk", func(l []console.Summary) bool {
				return len(l) == 1 && l[0].Crisis && l[0].Desk == urgent && l[0].State == "offered"
			})
			if urgent == "people" { // taken, passed on, raised
				h.eventually(`attune_floor_changes_total{to="attune"} 3`)
			}
			h.heardBy(t, id, urgent)
			c.SendText(`{"text":"Mia here","from":"agent"}`)
			w.ExpectText(`{"text":"Mia here","from":"agent"}`)
			if s := h.stands("active"); s.Agent != urgent {
				t.Errorf("%q has it", s.Agent)
			}
		})
	}
}

// expectHandoff reads what the backend is told until that is a handoff to a desk.
func expectHandoff(t *testing.T, c *proxytest.Conn, desk string) (told string) {
	t.Helper()
	for range 5 {
		if told = c.NextText(); strings.HasPrefix(told, `{"type":"handoff","queue":"`+desk+`"`) {
			return told
		}
	}
	t.Fatalf("nobody is asked for at %s", desk)
	return ""
}

// heardBy waits until a desk holds the floor of a session.
func (h *house) heardBy(t *testing.T, id, desk string) {
	t.Helper()
	waitFor(t, "the customer is not heard at "+desk, func() bool {
		holder := ""
		if sess, here := h.store.Live(id); here {
			sess.Do(func(book *session.Book) { holder = book.Holder })
		}
		return holder == desk
	})
}

// TestAFloorThatLostItsDesk: who waits for people at a backend is heard there again
// when the floor says otherwise.
func TestAFloorThatLostItsDesk(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, office), pack(t, put), desks(t, "people: {kind: backend}"))
	w := h.widget(proxytest.WidgetConfig{})
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	id := h.stands("offered").Session
	h.heardBy(t, id, "people")
	if _, err := h.store.SetFloor(t.Context(), id, session.Attune, "", "astray"); err != nil {
		t.Fatal(err)
	}
	h.server.Mend(t.Context())
	h.server.Mend(t.Context())
	h.heardBy(t, id, "people")
}

// TestACallBackAtAClosedBackend: nothing is passed on before the desk is open, unless
// it becomes a crisis.
func TestACallBackAtAClosedBackend(t *testing.T) {
	closed := []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}[(int(time.Now().UTC().Weekday())+3)%7]
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, office), pack(t, strings.Replace(peopleAndDanger, "desk: urgent", "desk: people", 1)), desks(t, "people: {kind: backend, hours: [\""+closed+" 08:00-09:00\"]}"))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("Nobody is here now. You will hear from us."))
	waitsFor(t, h, "a call-back", func(l []console.Summary) bool { return len(l) == 1 && l[0].Callback })
	for _, text := range []string{"one", "two", "three"} {
		w.SendText(say(text))
		c.ExpectText(say(text))
	}
	w.SendText(say("I will hurt myself"))
	w.ExpectText(say("Call 112."))
	if got := expectHandoff(t, c, "people"); strings.Contains(got, "callback") {
		t.Errorf("the backend is told %s", got)
	}
}

// TestACallBackWhenTheDeskOpens: then it is passed on by itself.
func TestACallBackWhenTheDeskOpens(t *testing.T) {
	t.Parallel()                                                                 // it waits
	for _, opensIn := range []time.Duration{4 * time.Second, 30 * time.Second} { // the second is for a machine that is too busy for the first
		d, err := proxy.ParseDesks("desks.yaml", []byte("people: {kind: backend}"))
		if err != nil {
			t.Fatal(err)
		}
		opens := time.Now().Add(opensIn).Truncate(time.Second)
		d.OpenFrom(opens)
		bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
		h := open(t, bot, ownProfile(t, office), pack(t, peopleAndDanger), config(func(c *proxy.Config) { c.Desks = d }))
		w := h.widget(proxytest.WidgetConfig{})
		c := bot.Accept()
		w.SendText(say("I want to talk to a human"))
		if w.NextText() != say("Nobody is here now. You will hear from us.") {
			continue // it was open by then
		}
		waitsFor(t, h, "a call-back", func(l []console.Summary) bool { return len(l) == 1 && l[0].Callback })
		for time.Now().Before(opens) {
			<-time.After(time.Until(opens))
		}
		for {
			told, ok := c.TextWithin(30 * time.Second)
			if !ok {
				t.Fatal("it is never passed on")
			}
			if strings.HasPrefix(told, `{"type":"handoff","queue":"people"`) {
				h.stands("offered")
				return
			}
		}
	}
	t.Error("the desk was never closed")
}
