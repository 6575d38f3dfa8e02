package proxy

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/transport"
)

// How a backend that is lost under a living widget is sought.
const (
	// rejoinFor is how long, unless Silence.Seek says otherwise; the widget then
	// hears that it must come again.
	rejoinFor = 30 * time.Second
	// rejoinStep is the pause before a second try; each further one doubles
	// it, up to rejoinPause. A backend that restarts loses all its conns at
	// once, so every pause is spread.
	rejoinStep  = 250 * time.Millisecond
	rejoinPause = 4 * time.Second
	// rejoinSettle is how long the backend may take to answer what is said
	// again before the widget's own words go on, and rejoinQuiet how long it
	// may be quiet after one of its answers: not every server of a protocol
	// gives all of them. One that took long for an answer may take rejoinSlow
	// times as long for the next one, up to rejoinLongest.
	rejoinSettle  = 4 * time.Second
	rejoinQuiet   = 500 * time.Millisecond
	rejoinSlow    = 4
	rejoinLongest = 10 * time.Second
	// alonePoll is how often a bridge without a backend, kept for the sake of
	// the person who talks with the customer, looks whether that is over.
	alonePoll = time.Second
)

// origin is how a backend was asked for its socket, to ask again.
type origin struct {
	url          string
	header       http.Header
	subprotocols []string
	accepted     string // the one the widget was told
}

// rejoining is a bridge whose backend is gone while its widget is there.
type rejoining struct {
	until   time.Time // given up then; zero for a bridge that stays alone
	next    time.Time // next try, zero while one is under way
	tries   int
	back    time.Time // since then the backend is back; zero before
	settle  time.Time // the widget's words go on then; zero before the backend is back
	waiting []held
	bytes   int
	full    bool // more waits than may
	first   bool // there was none before: nothing is said again
	ctx     context.Context
	cancel  context.CancelFunc
}

// rejoined says that a new conn has taken the backend's place.
type rejoined struct{}

// unreached says that a try has failed, and whether another may fare better.
type unreached struct{ final bool }

// canRejoin reports whether a lost backend is sought again.
func (b *bridge) canRejoin() bool {
	return b.origin != nil && !b.closing.begun && b.drainBy == 0 && b.s.cfg.Silence.Seek >= 0
}

// seek begins to look for a backend that was lost, and reports whether the
// bridge lives on. While a person talks with the customer it does in any case.
func (b *bridge) seek(now time.Time) bool {
	b.asked = 0 // what was asked there is not answered any more
	switch {
	case b.rejoin == nil && b.canRejoin():
		b.miss(now)
	case b.rejoin == nil:
		return b.stayAlone(now)
	case !b.rejoin.settle.IsZero(): // lost again before it was up to date
		b.rejoin.settle = time.Time{}
	}
	if b.rejoin.next.IsZero() {
		b.rejoin.next = now.Add(rejoinDelay(b.rejoin.tries))
	}
	return true
}

// miss notes that the backend is gone or going; [bridge.seek] follows when its
// socket is closed.
func (b *bridge) miss(now time.Time) {
	r := &rejoining{until: now.Add(cmp.Or(b.s.cfg.Silence.Seek, rejoinFor))}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	b.rejoin = r
	b.care.lost = b.care.since != 0
	b.profile.Missing.Inc()
}

// await begins a bridge whose backend could not be reached.
func (b *bridge) await(now time.Time) {
	b.gone[transport.Backend], b.deaf[transport.Backend] = true, true
	b.miss(now)
	b.rejoin.first, b.rejoin.next = true, now.Add(rejoinDelay(0))
}

// stayAlone keeps a bridge without a backend while somebody else than the bot
// has the floor, and reports whether that is so.
func (b *bridge) stayAlone(now time.Time) bool {
	if b.sess == nil || b.closing.begun || !b.handedOver() {
		return false
	}
	b.forsake()
	b.rejoin = &rejoining{next: now.Add(alonePoll), cancel: func() {}}
	b.profile.Missing.Inc()
	return true
}

// forsake ends the search.
func (b *bridge) forsake() {
	if b.rejoin != nil {
		b.rejoin.cancel()
		b.profile.Missing.Dec()
		b.rejoin = nil
	}
}

func rejoinDelay(tries int) time.Duration {
	if tries == 0 {
		return rand.N(rejoinStep)
	}
	d := min(rejoinStep<<min(tries-1, 10), rejoinPause)
	return d/2 + rand.N(d)
}

// tickRejoin does what is due in the search.
func (b *bridge) tickRejoin(now time.Time, out *transport.Output) {
	r := b.rejoin
	switch {
	case r == nil:
	case r.full, !r.until.IsZero() && r.settle.IsZero() && !now.Before(r.until):
		if r.full || !b.considering(now) {
			b.giveUp(now, out)
		}
	case !r.settle.IsZero():
		if !now.Before(r.settle) {
			b.wire.Resign(b.toBackend(out))
			b.resume(now, out)
		}
	case r.next.IsZero() || now.Before(r.next):
	case r.until.IsZero():
		r.next = now.Add(alonePoll)
		switch {
		case b.handedOver():
		case b.canRejoin(): // the bot is to go on
			b.forsake()
			b.miss(now)
			b.rejoin.next = now.Add(rejoinDelay(0))
		default:
			b.giveUp(now, out)
		}
	default:
		r.next = time.Time{}
		r.tries++
		b.s.later(func() { b.s.redial(r.ctx, b) })
	}
}

// nextRejoin calls sooner with the deadline of the search.
func (b *bridge) nextRejoin(now time.Time, sooner func(time.Time)) {
	r := b.rejoin
	if r == nil {
		return
	}
	switch {
	case r.full:
		sooner(now)
	case !r.settle.IsZero():
		sooner(r.settle)
	default:
		for _, t := range [...]time.Time{r.until, r.next} {
			if !t.IsZero() {
				sooner(t)
			}
		}
	}
}

// giveUp ends the search, and with it the bridge unless a person is talking.
func (b *bridge) giveUp(now time.Time, out *transport.Output) {
	if !b.rejoin.until.IsZero() {
		b.profile.Rejoin(metrics.RejoinGivenUp)
	}
	b.forsake()
	if b.stayAlone(now) {
		return
	}
	if (b.care.told || b.care.since != 0) && b.mayComfort() {
		b.comfort(metrics.SilenceOver, now, out)
	}
	b.end(endUnreachable, now, out)
}

// redial asks the backend for a socket once more.
func (s *Server) redial(ctx context.Context, b *bridge) {
	if t := s.cfg.Limits.Handshake; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	began := time.Now()
	end, resp, err := s.dialer.dial(ctx, b.origin.url, b.origin.header, slices.Clone(b.origin.subprotocols))
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		b.link.Tell(unreached{final: refused.Status < http.StatusInternalServerError && refused.Status != http.StatusTooManyRequests})
	case err != nil:
		b.link.Tell(unreached{})
	case resp.Header.Get("Sec-Websocket-Protocol") != b.origin.accepted:
		_ = end.Conn.Close()
		b.link.Tell(unreached{final: true})
	case !b.link.Replace(transport.Backend, end, rejoined{}):
		_ = end.Conn.Close()
		b.link.Tell(unreached{})
	default:
		b.profile.Dial.Observe(time.Since(began).Seconds())
	}
}

// missed hears of a try that failed.
func (b *bridge) missed(e unreached, now time.Time, out *transport.Output) {
	switch {
	case b.rejoin == nil || b.rejoin.until.IsZero():
	case e.final:
		b.giveUp(now, out)
	default:
		b.rejoin.next = now.Add(rejoinDelay(b.rejoin.tries))
	}
}

// greet brings a backend that is back up to date.
func (b *bridge) greet(now time.Time, out *transport.Output) {
	side := transport.Backend
	b.decoders[side], b.buffered[side] = *frame.NewDecoder(false, frame.Limits{Message: b.s.cfg.Limits.Message}), 0
	b.gone[side], b.deaf[side], b.told[side] = false, false, false
	b.heard[side], b.pinged[side], b.unfinished[side] = instantOf(now), 0, 0
	if b.rejoin == nil { // it was given up while the socket was on its way
		b.end(endUnreachable, now, out)
		return
	}
	if b.rejoin.first {
		b.resume(now, out)
		return
	}
	b.rejoin.back, b.rejoin.settle = now, now.Add(rejoinSettle)
	err := b.wire.Rejoin(b.toBackend(out))
	switch {
	case err != nil:
		b.giveUp(now, out)
	case b.wire.Rejoined():
		b.resume(now, out)
	}
}

// toBackend says something to a backend that is not up to date yet.
func (b *bridge) toBackend(out *transport.Output) func(msg []byte) {
	return func(msg []byte) { b.write(transport.Backend, frame.Text, msg, out) }
}

// answered hears that one of the answers to what was said again has come.
func (b *bridge) answered(now time.Time, out *transport.Output) {
	if b.wire.Rejoined() {
		b.resume(now, out)
		return
	}
	slow := min(rejoinSlow*now.Sub(b.rejoin.back), rejoinLongest)
	b.rejoin.settle = now.Add(max(rejoinQuiet, slow))
}

// resume lets the widget's words go on to a backend that is up to date.
func (b *bridge) resume(now time.Time, out *transport.Output) {
	b.profile.Rejoin(metrics.RejoinOK)
	waiting := b.rejoin.waiting
	b.forsake()
	for _, h := range waiting {
		b.emit(transport.Backend, h.op, h.data, out)
	}
	b.comeBack(len(waiting) > 0, now, out)
}

// wait keeps a message until the backend is back. What keeps a conn alive
// concerns only the one that is gone.
func (r *rejoining) wait(op frame.Opcode, p []byte) {
	if op.Control() || r.until.IsZero() {
		return
	}
	r.bytes += len(p) + heldCost
	if r.full = r.full || r.bytes > maxHeld; !r.full {
		r.waiting = append(r.waiting, held{op: op, data: slices.Clone(p)})
	}
}

// comesBack reports whether a backend that closes with this code may be there
// again soon: it goes away, fails, restarts or is overloaded.
func comesBack(code uint16) bool {
	switch code {
	case 1001, 1011, 1012, 1013:
		return true
	}
	return false
}
