package console_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"attune/proxy/console"
)

// passing is a board on which conversations can be passed on.
type passing struct {
	*board
	mu     sync.Mutex
	passed []console.Passing
	typing []string
}

// Typing implements [console.Typist].
func (p *passing) Typing(_ context.Context, session, agent string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.typing = append(p.typing, agent+" in "+session)
	return nil
}

// openPassing opens a console on such a board.
func openPassing(t *testing.T, convs ...console.Conversation) (*room, *passing) {
	t.Helper()
	p := &passing{}
	return openWith(t, func(c *console.Config) {
		p.board, _ = c.Switchboard.(*board)
		c.Switchboard = p
	}, convs...), p
}

func (p *passing) Transfer(_ context.Context, session, agent string, to console.Passing) error {
	if agent != "Mia" {
		return console.ErrNotYours
	}
	switch {
	case to.Desk == "moon":
		return console.ErrNoDesk
	case len(to.Note) > 100:
		return console.ErrNote
	case to.Desk == "full":
		return console.ErrFull
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = append(p.passed, to)
	return p.change(session, console.KindFloor, func(c *console.Conversation) error {
		c.Agent, c.State, c.For = "", "queued", to.Agent
		if to.Desk != "" {
			c.Desk = to.Desk
		}
		if to.Note != "" {
			c.Notes = append(c.Notes, console.Note{By: agent, Text: to.Note, At: epoch})
		}
		return nil
	})
}

func (p *passing) Desks() []string  { return []string{"billing", "support"} }
func (p *passing) Agents() []string { return []string{"Mia", "Noah"} }

func TestPassingOn(t *testing.T) {
	plain := open(t, parcel("s1"))
	if got := plain.call(miaToken, "POST", "/api/v1/handoffs/s1/transfer", `{"desk":"billing"}`); got.status != http.StatusNotImplemented {
		t.Errorf("a board that cannot: %d %s", got.status, got.body)
	}
	if got := plain.call(miaToken, "GET", "/api/v1/desks", ""); got.body != `{"desks":[],"agents":[]}`+"\n" {
		t.Errorf("its desks: %s", got.body)
	}
	r, p := openPassing(t, parcel("s1"))
	if got := r.call(viewerToken, "GET", "/api/v1/desks", ""); got.body != `{"desks":["billing","support"],"agents":["Mia","Noah"]}`+"\n" {
		t.Errorf("desks: %s", got.body)
	}
	for _, tt := range []struct {
		name, token, body string
		status            int
		says              string
	}{
		{"to a desk, for somebody, with a note", miaToken, `{"desk":"billing","to":"Noah","note":"asked twice"}`, 204, ""},
		{"to anybody", miaToken, ``, 204, ""},
		{"not one's own", noahToken, `{"desk":"billing"}`, 409, "not yours"},
		{"a viewer", viewerToken, `{"desk":"billing"}`, 403, ""},
		{"no such desk", miaToken, `{"desk":"moon"}`, 400, "no such desk"},
		{"a long note", miaToken, `{"note":"` + strings.Repeat("x", 200) + `"}`, 400, "note not taken"},
		{"a full desk", miaToken, `{"desk":"full"}`, 409, "the desk is full"},
		{"an unknown key", miaToken, `{"agent":"Noah"}`, 400, "bad JSON"},
	} {
		if got := r.call(tt.token, "POST", "/api/v1/handoffs/s1/transfer", tt.body); got.status != tt.status || !strings.Contains(got.body, tt.says) {
			t.Errorf("%s: %d %s, want %d %s", tt.name, got.status, got.body, tt.status, tt.says)
		}
	}
	want := []console.Passing{{Desk: "billing", Agent: "Noah", Note: "asked twice"}, {}}
	if len(p.passed) != 2 || p.passed[0] != want[0] || p.passed[1] != want[1] {
		t.Errorf("passed on: %+v", p.passed)
	}
}
