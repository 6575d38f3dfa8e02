package proxy

import "time"

// A poll has no transport that calls its bridge when a time has come. Of what a
// bridge waits for only the pieces of replies that it holds, and the customer who
// waits for the bot, matter without sockets.

// due says that the time for one of these may have come.
type due struct{}

// file has the bridge called when something is due, instead of what was filed
// before. The caller holds turn.
func (p *poll) file(now time.Time) {
	var next time.Time
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	if !p.b.over {
		p.b.nextStreams(sooner)
		if at := p.b.careAt(); !at.IsZero() {
			sooner(at)
		}
	}
	switch {
	case next.IsZero():
		if p.timer != nil {
			p.timer.Stop()
		}
	case p.timer == nil:
		p.timer = time.AfterFunc(next.Sub(now), func() { p.Tell(due{}) })
	default:
		p.timer.Reset(next.Sub(now))
	}
}
