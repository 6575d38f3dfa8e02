package proxy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"attune/metrics"
	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/proxy/wire"
)

// annexes are the second backends that have taken conversations over: those of
// desks of kind upstream. To the conversation such a backend is an agent, who is
// told the card and then what the customer says, each in its own protocol, and
// whose answers are injected in the widget's. The bot's socket stays as it is, so
// that the bot can go on when the second backend is done.
//
// The node that owns a conversation has the socket. When it dies, the next owner
// opens another with the customer's next words.
type annexes struct {
	d *switchboard

	mu   sync.Mutex
	open map[string]*annex // by session
}

// annex is one conversation with a second backend.
type annex struct {
	h       handoff.Handoff
	desk    desk
	profile *wire.Profile
	path    string
	say     chan string // what the customer says
	stop    context.CancelFunc
	taken   bool // it has the conversation
	// unanswered is what the customer has said since it last spoke: a socket that
	// takes the place of one that was cut hears it again.
	unanswered []string
}

const (
	// annexWait is how long a second backend may take to be there, all attempts
	// together; annexPause lies before the second, and doubles.
	annexWait  = 10 * time.Second
	annexPause = 250 * time.Millisecond
	// maxLosses are how often it may be lost in a row: a socket that has lasted for
	// annexSteady begins to count anew.
	maxLosses   = 4
	annexSteady = 30 * time.Second
	// maxUnsaid bounds the utterances that wait for it.
	maxUnsaid = 64
)

// errDone says that a second backend has given the conversation back.
var errDone = errors.New("proxy: the second backend is done")

// start brings a handoff to its desk, unless that is under way here. first is what
// the customer has just said there, "" for nothing.
func (a *annexes) start(h handoff.Handoff, first string) {
	b := a.d.s.eldest(h.Session)
	if b == nil {
		return // the customer comes back, or has gone
	}
	k := a.d.s.cfg.Desks.byID[h.Desk]
	x := &annex{h: h, taken: h.State.Taken(), desk: k, profile: k.speaks, path: b.path, say: make(chan string, maxUnsaid)}
	if x.profile == nil {
		x.profile = b.route.Profile
	}
	ctx, cancel := context.WithCancel(context.Background())
	x.stop = cancel
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open[h.Session] != nil {
		cancel()
		return
	}
	if first != "" {
		x.say <- first
	}
	a.open[h.Session] = x
	a.d.s.later(func() {
		defer a.forget(x)
		a.serve(ctx, x)
	})
}

func (a *annexes) forget(x *annex) {
	x.stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open[x.h.Session] == x {
		delete(a.open, x.h.Session)
	}
}

// said tells the second backend what the customer said, if it has the floor or
// is about to.
func (a *annexes) said(sess *session.Session, text string) {
	id := sess.ID()
	a.mu.Lock()
	x := a.open[id]
	a.mu.Unlock()
	if x == nil {
		there := false
		sess.Do(func(book *session.Book) {
			kind, _ := a.d.s.cfg.Desks.staff(book.Holder)
			there = book.Floor == session.Agent && kind == deskUpstream
		})
		if there {
			a.d.s.later(func() { a.resume(id, text) })
		}
		return
	}
	select {
	case x.say <- text:
	default: // it takes nothing
		a.d.s.metrics.FailOpen(metrics.FailDesk)
	}
}

// resume opens another socket for a conversation that a second backend has, after
// the node that had the socket is gone.
func (a *annexes) resume(id, text string) {
	ctx, cancel := a.d.s.within(context.Background(), storeWait)
	defer cancel()
	h, err := a.d.board.Get(ctx, id)
	if kind, _ := a.d.s.cfg.Desks.staff(h.Desk); err == nil && kind == deskUpstream && h.State.Taken() && h.Agent == h.Desk {
		a.start(h, text)
	}
}

// changed hears that a handoff has changed, on whatever node.
func (a *annexes) changed(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if x := a.open[id]; x != nil {
		a.d.s.later(func() { a.check(x) })
	}
}

// sweep looks after all of them.
func (a *annexes) sweep() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, x := range a.open {
		a.d.s.later(func() { a.check(x) })
	}
}

// check ends what goes on here for a handoff that is over or somebody else's, and
// for a conversation that another node owns by now.
func (a *annexes) check(x *annex) {
	ctx, cancel := a.d.s.within(context.Background(), storeWait)
	defer cancel()
	h, err := a.d.board.Get(ctx, x.h.Session)
	over := errors.Is(err, handoff.ErrNone) || err == nil && (!h.State.Open() || h.Token != x.h.Token || h.Desk != x.h.Desk || h.State.Taken() && h.Agent != h.Desk)
	sess, here := a.d.store.Live(x.h.Session)
	elsewhere := here && sess.Owner() != ""
	if !here && !over { // the customer left this node long ago
		owner, err := a.d.store.Holder(ctx, x.h.Session)
		elsewhere = err == nil && owner != ""
	}
	if over || elsewhere {
		x.stop()
	}
}

// serve talks with a second backend until one of the two is done, and moves the
// handoff along.
func (a *annexes) serve(ctx context.Context, x *annex) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.d.s.later(func() { // when the node stops
		select {
		case <-a.d.stopped:
			cancel()
		case <-ctx.Done():
		}
	})
	for losses := 0; ; {
		began := time.Now()
		err := a.talk(ctx, x)
		if errors.Is(err, errLost) {
			if time.Since(began) > annexSteady {
				losses = 0
			}
			losses++
		}
		switch {
		case ctx.Err() != nil: // the handoff is over, or another node goes on
			return
		case errors.Is(err, errDone):
			if err := a.d.Return(ctx, x.h.Session, x.desk.id); err != nil {
				a.d.s.log.Warn("a second backend is done, and keeps the conversation", "desk", x.desk.id, "error", err)
			}
			return
		case errors.Is(err, errLost) && losses < maxLosses: // it is asked again
			wait(ctx, nil, annexPause<<losses)
		default:
			a.d.s.metrics.FailOpen(metrics.FailDesk)
			a.d.s.log.Warn("a second backend cannot be reached", "desk", x.desk.id, "error", err)
			a.d.fail(x.h, x.taken)
			return
		}
	}
}

// talk is one socket to the second backend: errDone when that gave the
// conversation back, errLost when it was cut after the card was told.
func (a *annexes) talk(ctx context.Context, x *annex) error {
	conn, err := a.dial(ctx, x)
	if err != nil {
		return err
	}
	line := &annexLine{a: a, x: x, conn: conn, wire: x.profile.Open(wire.Upgrade{Path: x.path, Count: uint64(time.Now().UnixMilli())})}
	line.wire.Name(x.h.Session)
	defer line.close()
	if err := line.tell(story(x.h)); err != nil {
		return err
	}
	if !x.taken {
		claimed, err := a.d.take(ctx, x.h.Session, x.desk.id)
		if err != nil {
			x.stop() // the customer stays with the bot, or somebody else was first
			return fmt.Errorf("claim for a second backend: %w", err)
		}
		if x.taken = true; claimed.Token != "" {
			a.d.announce(claimed, "handoff.passed", nil)
		}
	}
	for _, text := range x.unanswered {
		if err := line.tell(text); err != nil {
			return err
		}
	}
	return line.run(ctx)
}

// dial opens the socket, trying for as long as a customer can be asked to wait.
func (a *annexes) dial(ctx context.Context, x *annex) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, annexWait)
	defer cancel()
	dialer := websocket.Dialer{HandshakeTimeout: annexWait, TLSClientConfig: a.d.s.cfg.BackendTLS}
	if sub := x.profile.Subprotocol(); sub != "" {
		dialer.Subprotocols = []string{sub}
	}
	for pause := annexPause; ; pause *= 2 {
		conn, resp, err := dialer.DialContext(ctx, x.desk.address.String(), nil)
		if resp != nil && resp.Body != nil {
			_ = resp.Body.Close()
		}
		if err == nil {
			return conn, nil
		}
		if wait(ctx, nil, pause); ctx.Err() != nil || pause > annexWait/4 {
			return nil, fmt.Errorf("dial: %w", err)
		}
	}
}
