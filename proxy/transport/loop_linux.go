package transport

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// yieldAfter is how long a round may take before others have a turn. A busy loop
// never waits, so the scheduler would take its processor away after 10 ms, for 10 ms:
// what wants a moment, such as storing, would wait for so long, and then the loop.
const yieldAfter = 100 * time.Microsecond

// loops are a few event loops among which bridges are dealt out.
type loops struct {
	cfg  Config
	all  []*loop
	next atomic.Uint32
	wg   sync.WaitGroup // bridges, and what runs beside the loops
}

// newLoops returns as many loops as there may be threads at work, or nil where
// the system lets us have none.
func newLoops(cfg Config) *loops {
	t := &loops{cfg: cfg}
	for range runtime.GOMAXPROCS(0) {
		p, err := openPoller()
		if err != nil {
			for _, l := range t.all {
				l.poller.close()
			}
			return nil
		}
		t.all = append(t.all, &loop{t: t, poller: p, sockets: map[uint64]*socket{}, wheel: newWheel(), round: round{in: new([roundRoom]byte)}})
	}
	return t
}

func (t *loops) run(ctx context.Context) {
	var running sync.WaitGroup
	for _, l := range t.all {
		running.Go(l.run)
	}
	<-ctx.Done()
	t.wg.Wait()
	for _, l := range t.all {
		l.post(func() { l.over = true })
	}
	running.Wait()
}

// start takes a bridge, or reports false and leaves its sockets alone.
func (t *loops) start(b Bridge, ends [2]End, started func(Link), done func()) bool {
	fds, ok := take(ends[Widget].Conn, ends[Backend].Conn)
	if !ok {
		return false
	}
	l := t.all[int(t.next.Add(1))%len(t.all)]
	p := &pair{loop: l, bridge: b, done: done, open: 2}
	p.filed.of = p
	for s := range p.sides {
		p.sides[s] = socket{of: p, side: Side(s), fd: fds[s]}
	}
	t.wg.Add(1)
	started(p)
	l.post(func() {
		p.step(0, func(b Bridge, out *Output) { b.Tick(time.Now(), out) })
		for s, end := range ends {
			p.admit(Side(s), end.Early)
		}
	})
	return true
}

// loop is one goroutine and all that it owns: the sockets of many bridges, both
// of a bridge on the same loop, so that a bridge is called without a lock.
type loop struct {
	t       *loops
	poller  *poller
	ids     uint64             // the last one given
	sockets map[uint64]*socket // by id
	wheel   *wheel
	again   []*pair // may be read further, before anything is waited for
	spare   []*pair
	due     []*filed
	round
	output Output // of the call at hand
	over   bool

	mu     sync.Mutex
	mail   []func() // from other goroutines
	read   []func() // mail being read
	asleep bool     // waits, or is about to
	ended  bool     // reads no more mail
}

// post has the loop do something, soon and in the order of the calls. It reports
// false once the loop has ended.
func (l *loop) post(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.mail = append(l.mail, f)
	if l.asleep {
		l.asleep = false
		l.poller.wake() // under the lock, so that the poller is not closed meanwhile
	}
	return true
}

// run serves the loop's bridges until it is over.
func (l *loop) run() {
	for !l.over {
		l.serve(l.wait())
		l.goOn()
		l.turn()
		l.open()
		l.deliver()
		if time.Since(l.now) > yieldAfter {
			runtime.Gosched()
		}
	}
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.open()
	l.deliver()
	l.poller.close()
}

// serve does what sockets have become ready for.
func (l *loop) serve(events []unix.EpollEvent) {
	l.now = time.Now()
	for i := range events {
		if id := idOf(&events[i]); id == wakeID {
			l.poller.calm()
		} else if k := l.sockets[id]; k != nil { // else it was closed since
			k.of.notice(k, events[i].Events)
		}
	}
	l.handOver()
	l.deliver()
}

// wait returns what has become of the loop's sockets, at once while there is
// anything else to do.
func (l *loop) wait() []unix.EpollEvent {
	l.mu.Lock()
	l.asleep = len(l.mail) == 0 && len(l.again) == 0
	asleep := l.asleep
	l.mu.Unlock()
	return l.poller.wait(l.wheel.soonest(), asleep)
}

// goOn reads where there is more than one read brought.
func (l *loop) goOn() {
	l.again, l.spare = l.spare[:0], l.again
	for i, p := range l.spare {
		l.spare[i] = nil
		p.queued = false
		p.read(Widget)
		p.read(Backend)
	}
	l.handOver()
	l.deliver()
}

// turn turns the wheel.
func (l *loop) turn() {
	l.due = l.wheel.due(l.now, l.due[:0])
	for i, f := range l.due {
		l.due[i] = nil
		f.of.tick(l.now)
	}
}

// open reads the mail.
func (l *loop) open() {
	l.mu.Lock()
	l.asleep = false
	l.mail, l.read = l.read[:0], l.mail
	l.mu.Unlock()
	for i, f := range l.read {
		l.read[i] = nil
		f()
	}
}

// watch begins to serve a socket.
func (l *loop) watch(k *socket) error {
	l.ids++
	k.id = l.ids
	l.sockets[k.id] = k
	return l.poller.watch(k.fd, k.id)
}
