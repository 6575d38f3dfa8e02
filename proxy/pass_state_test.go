package proxy

import (
	"strings"
	"testing"
	"time"

	"attune/proxy/handoff"
	"attune/proxy/transport"
)

// asked is a script whose customer waits at a desk of a file.
func asked(t *testing.T, profile, file string, card handoff.Card) (*script, handoff.Handoff) {
	t.Helper()
	d, err := ParseDesks("desks.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	p := play(t, reading(t, profile), waitful, func(c *Config) { c.Desks = d })
	p.customer(text("hi"))
	h, _, err := p.s.desk.board.Request(t.Context(), handoff.Handoff{Session: p.b.sess.ID(), Token: "t", Desk: d.Default(), Card: card})
	if err != nil {
		t.Fatal(err)
	}
	return p, h
}

// state waits for what the script began and returns where its handoff stands.
func (p *script) state() handoff.State {
	p.t.Helper()
	p.s.jobs.stop()
	h, err := p.s.desk.board.Get(p.t.Context(), p.b.sess.ID())
	if err != nil {
		p.t.Fatal(err)
	}
	return h.State
}

// TestADeskThatCannotBeReachedFailsNobodyElse: an agent who came in the meantime
// keeps the conversation.
func TestADeskThatCannotBeReachedFailsNobodyElse(t *testing.T) {
	for name, want := range map[string]handoff.State{"": handoff.Failed, "mia": handoff.Accepted} {
		p, h := asked(t, talk, "branch: {kind: upstream, address: \"ws://127.0.0.1:1\"}", handoff.Card{})
		if name != "" {
			if _, err := p.s.desk.board.Claim(t.Context(), h.Session, name, "c"); err != nil {
				t.Fatal(err)
			}
		}
		p.s.desk.fail(h, false)
		if got := p.state(); got != want {
			t.Errorf("with agent %q it is %s, want %s", name, got, want)
		}
	}
}

// TestABackendThatIsGoneIsNotTold: the handoff waits until it is back.
func TestABackendThatIsGoneIsNotTold(t *testing.T) {
	told := strings.Replace(talk, "inject: {", `inject: {handoff_backend: '{"type":"handoff"}', `, 1)
	for _, gone := range []bool{false, true} {
		p, h := asked(t, told, "people: {kind: backend}", handoff.Card{})
		p.b.gone[transport.Backend] = gone
		var out transport.Output
		p.b.hand(passing{h: h}, &out)
		if got := p.state(); (got == handoff.Queued) != gone {
			t.Errorf("with the backend gone %v it is %s", gone, got)
		}
	}
}

// TestNobodyWaitsForACallBack: what was promised of the wait for a person is void
// when the customer is to be called back, and is not promised again.
func TestNobodyWaitsForACallBack(t *testing.T) {
	p, h := asked(t, talk, "people: {kind: console}", handoff.Card{Callback: true})
	link := &counting{}
	p.b.link = link
	made := handoff.Promise{ID: "p", Session: h.Session, Text: "about 4 minutes", Made: p.now, Due: time.Now(), Wait: true}
	if err := p.s.desk.ledger.Make(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	p.s.desk.due(made)
	if open, err := p.s.desk.ledger.Of(t.Context(), h.Session); err != nil || len(open) > 0 {
		t.Errorf("promised: %v, %v", open, err)
	}
	if n := p.count("attune_promises_total", "outcome=void"); n != 1 || link.n.Load() != 0 {
		t.Errorf("%v void, told %d times", n, link.n.Load())
	}
}
