package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// What Attune says about a handoff with the shipped packs.
const (
	wanted  = "I want to talk to a human"
	back    = "You are back with the assistant."
	nobody  = "I cannot reach my colleagues right now, I'm sorry. Let's go on here; say 'person' to try again."
	through = "I'm putting you through now."
)

// desksFile is a file for ATTUNE_DESKS.
func desksFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "desks.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// withDesk starts a node as users would: shipped profile, shipped packs, a real
// Redis, and one desk.
func withDesk(t *testing.T, backend, profile, desk string) *attune {
	t.Helper()
	return serve(t, "ATTUNE_BACKEND_URL="+backend, "ATTUNE_PROFILE="+profile, "ATTUNE_DESKS="+desksFile(t, desk), "ATTUNE_REDIS_URL="+redisServer(t))
}

// taken waits until a desk has the only conversation.
func (a *attune) taken(t *testing.T, desk string) {
	t.Helper()
	session := a.waiting(t)
	eventually(t, "the desk never has the conversation", func() bool {
		status, data := get(t, "http://"+a.console+"/api/v1/handoffs/"+session, token)
		var c struct{ State, Agent string }
		return status == http.StatusOK && json.Unmarshal(data, &c) == nil && c.State == "active" && c.Agent == desk
	})
}

func eventually(t *testing.T, otherwise string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); <-time.After(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(otherwise)
		}
	}
}

// TestHandoffOnJambonz: an application on jambonz's own library is relieved by
// jambonz's own verb, with a queue's name, and has the call back when it leaves
// the queue.
func TestHandoffOnJambonz(t *testing.T) {
	for result, word := range map[string]string{"leave": back, "error": nobody} {
		t.Run(result, func(t *testing.T) {
			a := withDesk(t, "ws://127.0.0.1:"+bot(t, "jambonz-bot.js"), "jambonz", "phone: {kind: backend, address: support-queue}")
			w := connect(t, "jambonz-widget.js", "ws://"+a.widgets+"/", "c1")
			w.say("where is my parcel")
			w.expect(sent)
			w.say(wanted)
			w.next() // that somebody is called
			w.expect(through)
			var verb struct{ Verb, Name, ActionHook string }
			if given := w.given(); json.Unmarshal(given, &verb) != nil || verb.Name != "support-queue" || verb.ActionHook == "" {
				t.Fatalf("jambonz is told %s", given)
			}
			a.taken(t, "phone")
			w.say("hello?") // words that were under way; the application must not answer them
			w.do("back", result)
			w.expect(word)
			a.metric(`attune_floor_changes_total{to="bot"} 1`)
			w.say("where is my parcel")
			w.expect(sent)
		})
	}
}

// TestHandoffOnDirectLine: a bot on botbuilder is relieved by handoff.initiate,
// with the story as its context, and goes on when handoff.status says so. The
// service between widget and bot is a stand-in: the real one is closed.
func TestHandoffOnDirectLine(t *testing.T) {
	for state, word := range map[string]string{"completed": back, "failed": nobody} {
		t.Run(state, func(t *testing.T) {
			a := withDesk(t, "ws://127.0.0.1:"+bot(t, "directline-bot.js"), "directline", "people: {kind: backend, address: billing}")
			w := connect(t, "directline-widget.js", "http://"+a.widgets+"/", "s1")
			a.metric(`attune_bridges{profile="directline"} 1`) // the page may speak before its socket is open
			w.say("where is my parcel")
			w.expect(sent)
			w.say(wanted)
			w.next() // that somebody is called
			var given struct{ Skill, Context string }
			if raw := w.given(); json.Unmarshal(raw, &given) != nil || given.Skill != "billing" {
				t.Fatalf("the page is told %s", raw)
			}
			var card struct {
				Card struct{ Reason, Goal string }
			}
			if err := json.Unmarshal([]byte(given.Context), &card); err != nil || card.Card.Reason != "asks-for-person" || card.Card.Goal != "where is my parcel" {
				t.Errorf("the context is %s, %v", given.Context, err)
			}
			a.taken(t, "people")
			w.say("hello?") // goes to whoever is behind the service; what the bot says to it is late
			a.metric(`attune_late_frames_dropped_total{profile="directline"} 1`)
			w.do("back", "accepted") // no news
			w.do("back", state)
			w.expect(word)
			a.metric(`attune_floor_changes_total{to="bot"} 1`)
			w.say("where is my parcel")
			w.expect(sent)
		})
	}
}

// TestHandoffOnRasa: a backend that has people behind it is asked for one in its
// own way, and has the conversation from then on, as nobody can tell them apart.
func TestHandoffOnRasa(t *testing.T) {
	a := withDesk(t, "ws://127.0.0.1:"+bot(t, "socketio-bot.js"), "rasa-socketio", "people: {kind: backend}")
	w := connect(t, "socketio-widget.js", "http://"+a.widgets+"/", "s1")
	w.say("where is my parcel")
	w.expect(sent)
	w.say(wanted)
	w.next() // that somebody is called
	a.metric(`attune_handoffs_total{desk="people",state="resolved"} 1`)
	w.until("nobody answers", func(h heard) bool { return h.Bot != nil && *h.Bot == "Mia here. Which parcel?" })
	w.say("my parcel")
	w.expect(sent)
}

// TestNoteToTheBot: a bot that listens for it hears what a person did meanwhile.
func TestNoteToTheBot(t *testing.T) {
	port := freePort(t)
	b := botAt(t, "botkit-bot.js", port)
	a := withDesk(t, "ws://127.0.0.1:"+port, "botkit-web", "support: {kind: console}")
	w := connect(t, "botkit-widget.js", "ws://"+a.widgets+"/", "s1")
	w.expect("Hi there")
	w.say(wanted)
	session := a.waiting(t)
	a.act(t, session, "claim", `{}`, http.StatusNoContent)
	a.act(t, session, "say", `{"text":"I have sent it anew."}`, http.StatusNoContent)
	w.until("the agent is not heard", func(h heard) bool { return h.Bot != nil && *h.Bot == "I have sent it anew." })
	a.act(t, session, "return", `{}`, http.StatusNoContent)
	w.expect(back)
	b.expectLog("note: ")
	b.expectLog("I have sent it anew.")
	w.say("where is my parcel")
	w.expect(sent) // and says nothing about the note
}

// TestSecondBackendTakesOver: the widget's protocol stays, another backend with
// another protocol has the conversation, and gives it back.
func TestSecondBackendTakesOver(t *testing.T) {
	for _, p := range []struct{ name, bot, widget, profile, scheme string }{
		{"jambonz", "jambonz-bot.js", "jambonz-widget.js", "jambonz", "ws"},
		{"direct line", "directline-bot.js", "directline-widget.js", "directline", "http"},
		{"socket.io", "socketio-bot.js", "socketio-widget.js", "rasa-socketio", "http"},
	} {
		t.Run(p.name, func(t *testing.T) {
			second := proxytest.NewBackend(t, proxytest.BackendConfig{})
			a := withDesk(t, "ws://127.0.0.1:"+bot(t, p.bot), p.profile, "branch: {kind: upstream, address: "+second.URL+"/people, profile: json}")
			w := connect(t, p.widget, p.scheme+"://"+a.widgets+"/", "s1")
			a.metric(`attune_bridges{profile="` + p.profile + `"} 1`)
			w.say("where is my parcel")
			w.expect(sent)
			w.say(wanted)
			w.next() // that somebody is called
			s := second.Accept()
			if card := s.NextText(); !json.Valid([]byte(card)) {
				t.Errorf("the second backend is told %s", card)
			}
			w.expect(through)
			a.taken(t, "branch")
			w.say("my fee")
			s.ExpectText(`{"text":"my fee"}`)
			s.SendText(`{"text":"Mia here. Which fee?"}`)
			w.expect("Mia here. Which fee?")
			s.SendClose(1000, "done")
			w.expect(back)
			w.say("where is my parcel")
			w.expect(sent)
			a.metric(`attune_handoffs_total{desk="branch",state="returned"} 1`)
		})
	}
}
