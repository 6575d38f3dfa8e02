package proxy

import (
	"sync/atomic"
	"testing"

	"attune/proxy/session"
	"attune/proxy/transport"
)

// counting is a link that counts what it is told.
type counting struct{ n atomic.Int32 }

func (c *counting) Tell(any) { c.n.Add(1) }

func (c *counting) Replace(transport.Side, transport.End, any) bool { return false }

// A node that takes over from one that died says the same words under the same
// token; the widget gets them once.
func TestWordsUnderOneTokenAreSaidOnce(t *testing.T) {
	p := play(t, reading(t, talk), waitful)
	p.customer(text("hi"))
	link := &counting{}
	p.b.link = link
	for _, token := range []string{"promise a", "promise a", "promise a.1"} {
		p.s.desk.deliver(session.Event{Session: p.b.sess.ID(), Kind: session.KindSay, Text: "It takes longer.", Token: token})
	}
	if n := link.n.Load(); n != 2 {
		t.Errorf("told %d times, want 2", n)
	}
}
