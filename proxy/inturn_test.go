package proxy

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/rules"
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

// gate is a link that lets go of nothing until it is open.
type gate struct {
	entered, open chan struct{} // entered: once for each word
	words         []string
}

func (g *gate) Tell(event any) {
	if say, ok := event.(speech); ok {
		g.words = append(g.words, say.text)
		g.entered <- struct{}{}
		<-g.open
	}
}

func (*gate) Replace(transport.Side, transport.End, any) bool { return false }

// TestWhoComesLaterWasNotThere: while another tab is being told what Attune said, a widget
// comes back. It hears nothing of it: as far as it was there, it has heard it.
func TestWhoComesLaterWasNotThere(t *testing.T) {
	p := play(t, reading(t, talk), waitful)
	p.customer(text("hi"))
	id := p.b.sess.ID()
	sessions := func(change func([]*bridge) []*bridge) {
		p.s.mu.Lock()
		defer p.s.mu.Unlock()
		p.s.sessions[id] = change(p.s.sessions[id])
	}
	tab := &gate{entered: make(chan struct{}), open: make(chan struct{})}
	late := &collecting{words: make([]string, 0, 4), all: make(chan struct{})}
	fakes := []*bridge{{serial: 1 << 40, link: late}, {serial: 1<<40 + 1, link: tab}}
	sessions(func(all []*bridge) []*bridge { return append(all, fakes[1]) })
	t.Cleanup(func() {
		sessions(func(all []*bridge) []*bridge {
			return slices.DeleteFunc(all, func(b *bridge) bool { return slices.Contains(fakes, b) })
		})
	})
	var out transport.Output
	sc := &scratch{turn: rules.Turn{At: p.now}, j: rules.Judgement{Say: []string{"one", "two"}}}
	p.b.carryOut(sc, &out)
	<-tab.entered
	sessions(func(all []*bridge) []*bridge { return slices.Insert(all, 0, fakes[0]) })
	close(tab.open)
	<-tab.entered
	if len(late.words) > 0 || !slices.Equal(tab.words, []string{"one", "two"}) {
		t.Errorf("who was there heard %q, who came later %q", tab.words, late.words)
	}
}
