package proxy

import (
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/handoff"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// scratch is what judging one message needs; it is shared by all bridges, so
// that a bridge at rest holds none of it.
type scratch struct {
	turn  rules.Turn
	facts rules.Facts
	j     rules.Judgement
	floor session.Floor // before this message
	set   *rules.Set    // the rules to judge by; nil: those in force
	// took: this message changed the floor to attune. callback: it asks for a
	// person at a desk that is closed, so the bot goes on.
	took, callback bool
	// elsewhere: another node has judged this turn, and does what follows.
	elsewhere bool
	// token names a turn that two nodes may judge; empty: only this one does.
	token string
	// asked: another node asked for the judgement and counts it, by tally.
	asked bool
	tally *tally
	parts []part // of a reply
	edits []wire.Edit
	buf   []byte
	// deskOpen and deskNow are what rules ask about a desk at the time of the
	// turn; made once.
	deskOpen func(desk string) bool
	deskNow  func(desk string) (seats int, wait time.Duration)
	// goal is what the customer wants, by what book holds.
	goal func() string
	book *session.Book
}

func (s *Server) scratch() *scratch {
	sc, ok := s.scratches.Get().(*scratch)
	if !ok {
		sc = &scratch{}
		sc.deskOpen = func(desk string) bool { return s.desk.open(desk, sc.turn.At) }
		sc.deskNow = func(desk string) (int, time.Duration) {
			return s.desk.available(desk), s.desk.expected(desk, sc.turn.At)
		}
		sc.goal = func() string { return wanted(sc.book.Turns(), "") }
	}
	sc.facts, sc.took, sc.callback, sc.floor, sc.set, sc.elsewhere, sc.token = rules.Facts{}, false, false, session.Bot, nil, false, ""
	sc.asked, sc.tally = false, nil
	sc.j.Sent, sc.j.Withhold, sc.j.Live, sc.j.Stay, sc.j.Decision = "", false, false, false, rules.None
	sc.j.Signals, sc.j.Rules, sc.j.Say, sc.j.Rejected = sc.j.Signals[:0], sc.j.Rules[:0], sc.j.Say[:0], sc.j.Rejected[:0]
	sc.j.Promises = sc.j.Promises[:0]
	return sc
}

// named is the name of the n-th thing of a kind that follows from the turn: the same
// on every node that judges it.
func (sc *scratch) named(kind string, n int) string {
	if sc.token == "" {
		return rand.Text()
	}
	return fmt.Sprintf("%s.%s%d", sc.token, kind, n)
}

func (s *Server) putScratch(sc *scratch) {
	sc.book = nil
	s.scratches.Put(sc)
}

// judge asks the rules about the turn in sc. Rules that fail leave the message
// as it is.
func (b *bridge) judge(sc *scratch, book *session.Book) {
	defer func() {
		if recover() != nil {
			b.s.metrics.FailOpen(metrics.FailRules)
			sc.j = rules.Judgement{Sent: sc.turn.Text}
		}
	}()
	state, ok := book.State.(*rules.State)
	if !ok {
		sc.j = rules.Judgement{Sent: sc.turn.Text}
		return
	}
	b.facts(sc, book)
	force := b.s.rules.Load()
	set, slot := force.of(b.sess.ID())
	if sc.set != nil {
		set = sc.set
	}
	var beside *rules.State
	shadow := force.sets[metrics.Shadow]
	if shadow != nil && slot == metrics.Active {
		beside = b.s.shadows.state(b.sess.ID(), state)
	}
	set.Judge(state, &sc.turn, &sc.facts, &sc.j)
	if sc.elsewhere {
		return
	}
	b.remark(sc, book)
	if sc.asked {
		sc.tally = tallyOf(&sc.j)
	} else {
		b.s.count(force, slot, &sc.j)
	}
	if beside != nil {
		b.shadow(shadow, beside, sc)
	}
}

// facts fills in the world around the turn in sc.
func (b *bridge) facts(sc *scratch, book *session.Book) {
	sc.facts.Session, sc.facts.Locale, sc.facts.Channel = b.sess.ID(), b.wire.Locale(), b.route.Profile.Channel()
	sc.facts.Register = b.route.Register
	sc.facts.Path, sc.facts.Floor, sc.facts.Mode = b.path, book.Floor.String(), b.s.cfg.Mode
	sc.book = book
	sc.facts.DeskOpen, sc.facts.Desk, sc.facts.Goal = sc.deskOpen, sc.deskNow, sc.goal
	sc.facts.AgentsAvailable, sc.facts.QueueWait = sc.deskNow("")
}

// takeFloor takes the floor from the bot at once, in the guest book on this
// node, when a person is to be brought in: the store and the other nodes follow.
// Where the desk is closed the bot keeps it: nobody would come for hours.
func (b *bridge) takeFloor(sc *scratch, book *session.Book) {
	if book.Floor != session.Bot || !sc.j.Live || sc.j.Decision < rules.Escalate {
		return
	}
	if sc.j.Decision != rules.Crisis && !b.s.desk.open(sc.j.Desk, sc.turn.At) {
		sc.callback = true
		return
	}
	book.Take()
	sc.took = true
}

// carryOut does what a judgement asks for beside the message itself: Attune's
// own words, a handoff, or the end of one.
func (b *bridge) carryOut(sc *scratch, out *transport.Output) {
	sess := b.sess
	if len(sc.j.Say) > 0 {
		said := make([]speech, 0, len(sc.j.Say))
		for i, text := range sc.j.Say {
			if !sc.asked {
				b.s.metrics.Messages[metrics.Down][metrics.Attune].Inc()
			}
			id := sc.named("say", i)
			if sc.token != "" && b.s.desk.told.again(id) { // by the other node that judged it
				continue
			}
			say := speech{id: id, by: "attune", text: text}
			said = append(said, say)
			b.sayOnce(say, sc.turn.At, out)
			turn := session.Turn{Role: "attune", Text: text, At: sc.turn.At}
			if sc.token != "" {
				turn.ID = id
			}
			sess.Do(func(book *session.Book) { book.Append(turn) })
		}
		others := b.s.links(sess.ID(), b) // now: a widget that comes later was not there when it was said
		b.s.later(func() {                // one job, which keeps their order
			for _, say := range said {
				for _, l := range others {
					l.Tell(say)
				}
			}
			b.s.spread(sess, said)
		})
	}
	expects := b.pledge(sc)
	if sc.turn.Role == rules.Customer && sc.floor != session.Bot {
		b.s.desk.couriers.said(sess.ID(), sc.turn.Text, sc.turn.At, sc.token)
		b.s.desk.annexes.said(sess, sc.turn.Text)
	}
	if sc.j.Correction {
		text := sc.turn.Text // sc is used again
		b.s.later(func() { b.s.desk.corrected(sess.ID(), text) })
	}
	crisis := sc.j.Live && sc.j.Decision == rules.Crisis && sc.floor == session.Attune
	switch {
	case sc.j.Stay:
		b.s.later(func() { b.s.desk.stay(sess.ID()) })
	case sc.took, sc.callback, crisis:
		card, desk, at, took, token := b.card(sc), sc.j.Desk, sc.turn.At, sc.took, sc.token
		card.Promises = expects
		b.s.later(func() { b.s.desk.request(sess.ID(), card, desk, at, took, token) })
	}
}

// card is the story for the person who takes over, as far as this turn tells it.
func (b *bridge) card(sc *scratch) handoff.Card {
	feelings := map[string]float64{}
	for f, v := range sc.j.Feelings {
		if v > 0 {
			feelings[rules.Feeling(f).String()] = v //nolint:gosec // there are five feelings
		}
	}
	var turns []session.Turn
	b.sess.Do(func(book *session.Book) { turns = book.Turns() })
	return handoff.Card{
		Goal: wanted(turns, sc.j.Reason), Facts: given(turns, b.wire.Locale()), Tried: tried(turns),
		Reason: sc.j.Reason, Why: sc.j.Why, Explicit: sc.j.Withhold, Crisis: sc.j.Decision == rules.Crisis,
		Feelings: feelings, Score: sc.j.Score, Words: slices.Clone(sc.j.Words),
		Callback: sc.callback,
		Language: b.wire.Locale(), Register: b.route.Register, Channel: b.route.Profile.Channel(), Touchpoint: b.path,
	}
}

// speech is what Attune or an agent says to the customer.
type speech struct {
	by    string // attune, or agent
	agent string // the agent's name
	text  string
	id    string // the same for all bridges
	again []byte // said before: the message as it was
}

// speak says something in the widget's protocol; what cannot be said yet waits
// for the protocol's own greeting.
func (b *bridge) speak(say speech, now time.Time, out *transport.Output) {
	if !b.wire.Ready() {
		b.unsaid = append(b.unsaid, say)
		return
	}
	var msg []byte
	var err error
	switch {
	case say.again != nil:
		msg = say.again
	case say.by == "agent":
		msg, err = b.wire.SayAgent(nil, say.agent, say.text)
	default:
		msg, err = b.wire.SayBot(nil, say.text)
	}
	if err != nil {
		b.s.metrics.FailOpen(metrics.FailInject)
		return
	}
	b.emit(transport.Widget, frame.Text, msg, out)
	b.keep(say, msg, now, out)
}

// flushSpeech says what had to wait for the protocol to be ready.
func (b *bridge) flushSpeech(out *transport.Output) {
	if len(b.unsaid) == 0 || !b.wire.Ready() {
		return
	}
	waiting := b.unsaid
	b.unsaid = nil
	for _, say := range waiting {
		b.speak(say, b.arrived, out)
	}
}
