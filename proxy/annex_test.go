package proxy_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// branch is the protocol of a second backend: nothing in it is as in the first.
const branch = `
profile: branch
framing: raw
frames:
  - {dir: up, kind: message, role: customer, text: ["$.utter"]}
  - {dir: down, kind: end, when: ["$.hangup == true"]}
  - {dir: down, kind: delta, when: ["$.piece exists"], text: ["$.piece"], stream: {mode: append, end_when: ["$.whole == true"]}}
  - {dir: down, kind: message, role: bot, text: ["$.reply"]}
inject: {bot: '{"reply":{{text}}}', to_backend: '{"utter":{{text}}}'}
`

// annexed is a house with a second backend behind its desk.
func annexed(t *testing.T, second *proxytest.Backend, options ...option) *house {
	t.Helper()
	return open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), append(options, annexAt(t, second), pack(t, put))...)
}

func annexAt(t *testing.T, second *proxytest.Backend) option {
	t.Helper()
	file := filepath.Join(t.TempDir(), "branch.yaml")
	if err := os.WriteFile(file, []byte(branch), 0o600); err != nil {
		t.Fatal(err)
	}
	return desks(t, fmt.Sprintf("branch: {kind: upstream, address: %q, profile: %q}", second.URL+"/agents", file))
}

// moved has a customer ask for a person, and returns the socket of the second
// backend that has taken over.
func (h *house) moved(w *proxytest.Conn, second *proxytest.Backend) *proxytest.Conn {
	h.t.Helper()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	s := second.Accept()
	expectStory(h.t, s)
	w.ExpectText(say("Putting you through."))
	h.stands("active")
	return s
}

// expectStory reads the card.
func expectStory(t testing.TB, s *proxytest.Conn) {
	t.Helper()
	if got := s.NextText(); !strings.HasPrefix(got, `{"utter":"Handoff from the bot: asks-for-person. A refused exit`) || !strings.Contains(got, "I want to talk to a human") {
		t.Errorf("the second backend is told %s", got)
	}
}

// comesBack has a customer speak until the second backend is asked once more.
func comesBack(w *proxytest.Conn, second *proxytest.Backend) {
	for deadline := time.Now().Add(proxytest.Timeout); len(second.Requests()) < 2 && time.Now().Before(deadline); <-time.After(300 * time.Millisecond) {
		w.SendText(say("still there?")) // the floor may not be known in time for the first one
	}
}

func utter(s string) string { return fmt.Sprintf(`{"utter":%q}`, s) }

func reply(s string) string { return fmt.Sprintf(`{"reply":%q}`, s) }

func fromBranch(s string) string { return fmt.Sprintf(`{"text":%q,"agent":"branch"}`, s) }

// TestSecondBackend: the conversation moves to a second backend with a protocol
// of its own, and back, in all the ways in which that backend can be done.
func TestSecondBackend(t *testing.T) {
	for name, done := range map[string]func(s *proxytest.Conn){
		"it closes":               func(s *proxytest.Conn) { s.SendClose(1000, "bye") },
		"it ends by its protocol": func(s *proxytest.Conn) { s.SendText(`{"hangup":true}`) },
	} {
		t.Run(name, func(t *testing.T) {
			second := proxytest.NewBackend(t, proxytest.BackendConfig{})
			h := annexed(t, second)
			w := h.widget(proxytest.WidgetConfig{})
			c := h.bot.Accept()
			w.SendText(say("hello"))
			c.ExpectText(say("hello"))
			s := h.moved(w, second)
			if s.Request.URL.Path != "/agents" {
				t.Errorf("asked for %s", s.Request.URL.Path)
			}
			w.SendText(say("my parcel"))
			s.ExpectText(utter("my parcel"))
			s.SendText(reply("Mia here"))
			w.ExpectText(fromBranch("Mia here"))
			c.SendText(say("What else?"))
			h.eventually(`attune_late_frames_dropped_total{profile="json"} 1`)
			s.SendText(`{"piece":"It is "}`)
			s.SendText(`{"piece":"in Leeds."}`)
			s.SendText(`{"whole":true}`)
			w.ExpectText(fromBranch("It is in Leeds."))
			done(s)
			w.ExpectText(say("The bot goes on."))
			h.eventually(`attune_handoffs_total{desk="branch",state="returned"} 1`)
			h.eventually(`attune_floor_changes_total{to="bot"} 1`)
			w.SendText(say("thanks"))
			c.ExpectText(say("thanks"))
			c.SendText(say("Anything else?"))
			w.ExpectText(say("Anything else?"))
		})
	}
}

// TestSecondBackendIsDown: the customer hears the truth, and the bot goes on.
func TestSecondBackendIsDown(t *testing.T) {
	second := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := annexed(t, second)
	second.Stop()
	w := h.widget(proxytest.WidgetConfig{})
	c := h.bot.Accept()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."), say("Nobody can be reached."))
	h.eventually(`attune_handoffs_total{desk="branch",state="failed"} 1`)
	h.eventually(`attune_floor_changes_total{to="bot"} 1`)
	w.SendText(say("then the bot"))
	c.ExpectText(say("then the bot"))
}

// TestSecondBackendIsCut: it is asked again, told the story again, and the
// conversation goes on.
func TestSecondBackendIsCut(t *testing.T) {
	second := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := annexed(t, second)
	w := h.widget(proxytest.WidgetConfig{})
	s := h.moved(w, second)
	s.Drop()
	w.SendText(say("my parcel"))
	again := second.Accept()
	expectStory(t, again)
	again.ExpectText(utter("my parcel"))
	again.SendText(reply("Found it"))
	w.ExpectText(fromBranch("Found it"))
}

// TestCustomerLeavesASecondBackend: it hears that nobody is there any more.
func TestCustomerLeavesASecondBackend(t *testing.T) {
	second := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := annexed(t, second, ownProfile(t, office))
	w := h.widget(proxytest.WidgetConfig{})
	s := h.moved(w, second)
	w.SendText(`{"type":"bye"}`)
	s.ExpectClose(1000)
	h.eventually(`attune_handoffs_total{desk="branch",state="abandoned"} 1`)
}

// TestSecondBackendOutlivesANode: when the node with the socket is gone, the one
// to which the customer comes opens another.
func TestSecondBackendOutlivesANode(t *testing.T) {
	second := proxytest.NewBackend(t, proxytest.BackendConfig{})
	a, b := pair(t, annexAt(t, second), pack(t, put))
	customer := http.Header{"Authorization": {"Bearer tom"}}
	w := a.widget(proxytest.WidgetConfig{Header: customer})
	s := a.moved(w, second)
	a.stop()
	<-a.stopped
	s.ExpectClose(1000)
	w = b.widget(proxytest.WidgetConfig{Header: customer})
	comesBack(w, second)
	again := second.Accept()
	expectStory(t, again)
	again.ExpectText(utter("still there?"))
	again.SendText(reply("I am"))
	w.ExpectText(fromBranch("I am"))
}

// TestSecondBackendIsFull: a desk that may have one conversation has the next one
// when that is over.
func TestSecondBackendIsFull(t *testing.T) {
	second := proxytest.NewBackend(t, proxytest.BackendConfig{})
	file := filepath.Join(t.TempDir(), "branch.yaml")
	if err := os.WriteFile(file, []byte(branch), 0o600); err != nil {
		t.Fatal(err)
	}
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, put),
		desks(t, fmt.Sprintf("branch: {kind: upstream, address: %q, profile: %q, capacity: 1}", second.URL, file)))
	first, next := h.widget(proxytest.WidgetConfig{}), h.widget(proxytest.WidgetConfig{})
	s := h.moved(first, second)
	next.SendText(say("I want to talk to a human"))
	next.ExpectText(say("One moment, I am fetching somebody."))
	second.ExpectNobody(200 * time.Millisecond)
	s.SendClose(1000, "bye")
	first.ExpectText(say("The bot goes on."))
	expectStory(t, second.Accept())
	next.ExpectText(say("Putting you through."))
}

// TestSecondBackendFollowsTheCustomer: when another node has the conversation, the
// socket of the node that had it is closed.
func TestSecondBackendFollowsTheCustomer(t *testing.T) {
	second := proxytest.NewBackend(t, proxytest.BackendConfig{})
	a, b := pair(t, annexAt(t, second), pack(t, put))
	w := a.widget(proxytest.WidgetConfig{Header: known})
	s := a.moved(w, second)
	flushed(t, a)
	w.SendClose(1001, "")
	w = b.widget(proxytest.WidgetConfig{Header: known})
	comesBack(w, second)
	b.owner(b)
	again := second.Accept()
	expectStory(t, again)
	a.server.SweepAnnexes()
	s.ExpectClose(1000)
	again.ExpectText(utter("still there?"))
	again.SendText(reply("I am"))
	w.ExpectText(fromBranch("I am"))
}

// TestCustomerOfADeadNode: a conversation with a second backend ends when the node
// that had it is gone and the customer does not come back.
func TestCustomerOfADeadNode(t *testing.T) {
	second := proxytest.NewBackend(t, proxytest.BackendConfig{})
	a, b := pair(t, annexAt(t, second), pack(t, put), hasty)
	w := a.widget(proxytest.WidgetConfig{Header: known})
	s := a.moved(w, second)
	flushed(t, a)
	id := a.waiting()
	if closed, err := b.server.Strays(t.Context(), id); err != nil || !closed {
		t.Errorf("another node keeps a socket for a session that this one owns: %v", err)
	}
	b.server.Mend(t.Context())
	waitFor(t, "nobody looks after the session", func() bool { return b.server.Lost(id, time.Hour) })
	waitFor(t, "nobody asked who has the session", func() bool { return !b.server.Lost(id, 0) })
	w.SendText(say("hello")) // its node lives
	s.ExpectText(utter("hello"))
	a.stop()
	<-a.stopped
	s.ExpectClose(1000)
	if closed, err := b.server.Strays(t.Context(), id); err != nil || closed {
		t.Errorf("a socket is closed for a dead node: %v", err)
	}
	waitFor(t, "nobody ends the handoff", func() bool { // each look is one try
		b.server.Mend(t.Context())
		b.server.Lost(id, time.Hour)
		return strings.Contains(b.scrape(), `attune_handoffs_total{desk="branch",state="abandoned"} 1`)
	})
}
