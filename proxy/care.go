package proxy

import (
	"sync"
	"time"

	"attune/metrics"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// Silence says when Attune speaks up for a bot that keeps a customer waiting.
type Silence struct {
	// Text and Voice are after how long without an answer the customer of such a
	// channel is told that somebody is still at it, is told how it stands, and is
	// offered a person. 0 leaves a step out.
	Text, Voice [3]time.Duration
	// Seek is how long a backend that is lost is sought; 0: 30 s, negative: not
	// at all.
	Seek time.Duration
}

// The steps of Silence, in its order.
const (
	careAcknowledge = iota
	careStatus
	careOffer
)

// careReason is what stands for a rule where an offer is made for the bot's
// silence.
const careReason = "silence-care"

// considerFor is how long the search for a backend goes on when its time is up
// for a customer who was just asked whether they want a person.
const considerFor = 30 * time.Second

// care is what is known about a customer's wait for the bot. A bridge says
// something about it only while the customer waits, and each thing once.
type care struct {
	since   instant // of the first utterance without an answer; zero: none waits
	step    int     // the next of the steps
	lost    bool    // what was said went to a backend that is gone
	told    bool    // the customer knows that the backend is gone
	offered bool    // a person was offered because of it
	human   bool    // it is a person who answers at the backend: people take their time
	session string  // for which this bridge speaks, "" while it does not
}

// asks notes that the customer said something to the bot.
func (b *bridge) asks(now time.Time) {
	if b.asked == 0 {
		b.asked = instantOf(now)
	}
	if b.care.since == 0 {
		b.care.since, b.care.step = instantOf(now), careAcknowledge
	}
}

// relieve hears that the backend said something. What nobody can read may be an
// answer, too.
func (b *bridge) relieve(items []wire.Item) {
	answer := len(items) == 0 && b.wire.Unread() != wire.ReadWhole
	for _, item := range items {
		switch item.Kind {
		case wire.Control, wire.Heartbeat, wire.Typing, wire.Echo, wire.Partial:
			continue
		default:
			answer = true
		}
		if item.Role == wire.Bot || item.Role == wire.Agent {
			b.care.human = item.Role == wire.Agent
		}
	}
	if answer && b.care.since != 0 {
		b.rest()
	}
}

// rest ends the care for a wait that is over.
func (b *bridge) rest() {
	b.s.carers.leave(b)
	b.care = care{human: b.care.human, told: b.care.told}
}

// careAt is when the next step is due, zero for never.
func (b *bridge) careAt() time.Time {
	c := &b.care
	if c.since == 0 || c.human {
		return time.Time{}
	}
	steps := b.steps()
	for ; c.step < len(steps); c.step++ {
		if steps[c.step] > 0 {
			return c.since.after(steps[c.step])
		}
	}
	return time.Time{}
}

// steps are when something is said on the bridge's channel.
func (b *bridge) steps() [3]time.Duration {
	if b.route.Profile.Channel() == "voice" {
		return b.s.cfg.Silence.Voice
	}
	return b.s.cfg.Silence.Text
}

// tickCare takes the step that is due; of several the last.
func (b *bridge) tickCare(now time.Time, out *transport.Output) {
	due := -1
	for at := b.careAt(); !at.IsZero() && !now.Before(at); at = b.careAt() {
		due = b.care.step
		b.care.step++
	}
	if due < 0 || !b.mayComfort() {
		return
	}
	switch c := &b.care; {
	case due == careOffer && b.sess.Owner() == "": // else the question would be open where nobody hears the answer
		b.offerPerson(now, out)
	case b.rejoin != nil && !c.told:
		c.told = b.comfort(metrics.SilenceGone, now, out)
	case b.rejoin != nil:
		b.comfort(metrics.SilenceGoneStill, now, out)
	case c.lost:
		b.comfort(metrics.SilenceAgain, now, out)
		b.rest() // now it is for the customer to speak
	case due == careAcknowledge:
		b.comfort(metrics.SilenceSlow, now, out)
	default:
		b.comfort(metrics.SilenceStill, now, out)
	}
}

// mayComfort reports whether this bridge may speak of the bot's silence now:
// Attune can say something here, it is the bot that owes an answer, no word of it
// is on its way, and no other bridge of the conversation does so.
func (b *bridge) mayComfort() bool {
	switch {
	case b.sess == nil, b.holding != 0, b.closing.begun, !b.wire.Ready(), b.talking(),
		b.s.cfg.Mode >= rules.Observe, b.steps() == [3]time.Duration{}:
		return false
	}
	expected := false
	b.sess.Do(func(book *session.Book) {
		state, ok := book.State.(*rules.State)
		expected = book.Floor == session.Bot && ok && !state.TookLeave()
	})
	if !expected { // whoever has the floor cares, and a good-bye needs no answer
		b.rest()
		return false
	}
	return b.s.carers.enter(b)
}

// comfort says one of the messages about silence; false when there is none.
func (b *bridge) comfort(what metrics.Silence, now time.Time, out *transport.Output) bool {
	said := b.console(now, out, func(set *rules.Set, state *rules.State, sc *scratch) {
		if text := set.Message("silence."+what.String(), &sc.facts, state, nil); text != "" {
			sc.j.Say = append(sc.j.Say, text)
		}
	})
	if said {
		b.s.metrics.Silence(what)
	}
	return said
}

// offerPerson offers a person, or a call-back when nobody is there.
func (b *bridge) offerPerson(now time.Time, out *transport.Output) {
	b.care.offered = b.console(now, out, func(set *rules.Set, state *rules.State, sc *scratch) {
		set.Offer(state, &sc.facts, careReason, &sc.j)
		if sc.j.Reason != careReason { // a rule had decided on it, which was counted then
			sc.j.Decision = rules.None
		}
		b.s.countTurn(&sc.j)
	})
	if b.care.offered {
		b.s.metrics.Silence(metrics.SilenceOffer)
	}
}

// console says what f finds, unless the floor has changed hands, and reports
// whether it found anything. Rules that fail say nothing.
func (b *bridge) console(now time.Time, out *transport.Output, f func(set *rules.Set, state *rules.State, sc *scratch)) bool {
	sc := b.s.scratch()
	defer b.s.putScratch(sc)
	sc.turn = rules.Turn{Role: rules.Event, At: now}
	b.sess.Do(func(book *session.Book) {
		defer b.spare(func() { sc.j.Say = nil })
		state, ok := book.State.(*rules.State)
		if !ok || book.Floor != session.Bot {
			return
		}
		b.facts(sc, book)
		set, _ := b.s.rules.Load().of(b.sess.ID())
		f(set, state, sc)
		book.Mark()
	})
	b.carryOut(sc, out)
	return len(sc.j.Say) > 0
}

// comeBack tells a customer who knows that the backend was gone that it is back.
// What was on its way to it is lost, which nobody but the customer can mend;
// kept tells that something they said since reaches it only now.
func (b *bridge) comeBack(kept bool, now time.Time, out *transport.Output) {
	c := &b.care
	if c.since == 0 && !c.told {
		return
	}
	told := c.told
	c.told = false
	if c.since != 0 { // the wait begins anew
		c.since, c.step = instantOf(now), careAcknowledge
	}
	if !told || !b.mayComfort() {
		return
	}
	if !c.lost {
		b.comfort(metrics.SilenceBack, now, out)
		return
	}
	b.comfort(metrics.SilenceAgain, now, out)
	if c.lost = false; !kept {
		b.rest()
	}
}

// considering gives a customer who was just offered a person time to answer,
// once, before the search for the backend ends.
func (b *bridge) considering(now time.Time) (yes bool) {
	if !b.care.offered || b.sess == nil {
		return false
	}
	b.care.offered = false
	b.sess.Do(func(book *session.Book) {
		state, ok := book.State.(*rules.State)
		yes = ok && state.Asking() != ""
	})
	if yes {
		b.rejoin.until = now.Add(considerFor)
	}
	return yes
}

// carers are the bridges that speak of the bot's silence: one a conversation,
// however many tabs and sockets it has.
type carers struct {
	mu  sync.Mutex
	all map[string]uint64 // serials by session id
}

// enter makes a bridge the one that speaks; false when another one does.
func (c *carers) enter(b *bridge) bool {
	id := b.sess.ID()
	if b.care.session != id {
		c.leave(b)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if who, ok := c.all[id]; ok && who != b.serial {
		return false
	}
	if c.all == nil {
		c.all = map[string]uint64{}
	}
	c.all[id], b.care.session = b.serial, id
	return true
}

// leave lets another bridge speak.
func (c *carers) leave(b *bridge) {
	if b.care.session == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all[b.care.session] == b.serial {
		delete(c.all, b.care.session)
	}
	b.care.session = ""
}
