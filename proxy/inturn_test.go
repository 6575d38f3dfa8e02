package proxy

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"attune/proxy/session"
	"attune/proxy/transport"
)

// collecting is a link that keeps what it is told, as slowly as it can.
type collecting struct {
	words []string
	all   chan struct{}
}

func (c *collecting) Tell(event any) {
	if say, ok := event.(speech); ok {
		for range 100 {
			runtime.Gosched() // whoever wants to overtake may
		}
		if c.words = append(c.words, say.text); len(c.words) == cap(c.words) {
			close(c.all)
		}
	}
}

func (*collecting) Replace(transport.Side, transport.End, any) bool { return false }

// TestWordsComeInTheOrderTheyWereSaid: what Attune announces and an agent says
// right behind it reach the widget in this order.
func TestWordsComeInTheOrderTheyWereSaid(t *testing.T) {
	p := play(t, reading(t, talk), waitful)
	p.customer(text("hi"))
	var want []string
	for i := range 200 {
		want = append(want, fmt.Sprint("word ", i))
	}
	c := &collecting{words: make([]string, 0, len(want)), all: make(chan struct{})}
	p.b.link = c
	for _, w := range want {
		if err := p.s.cfg.Store.Post(session.Event{Session: p.b.sess.ID(), Kind: session.KindSay, Text: w, Token: w}); err != nil {
			t.Fatal(err)
		}
	}
	<-c.all
	if !slices.Equal(c.words, want) {
		t.Errorf("the widget is told %q", c.words)
	}
}
