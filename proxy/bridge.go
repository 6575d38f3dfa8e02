package proxy

import (
	"math/rand/v2"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// bridge is one widget's conn and one backend's, with everything in between:
// the front hall of the house. It is passive (see [transport.Bridge]): it never
// waits, owns no goroutine, no lock and no timer. What takes time it asks of
// the Server, which answers by an event.
type bridge struct {
	s       *Server
	serial  uint64 // tells the bridges of this node apart
	route   *Route
	profile *metrics.Profile
	bind    binding
	opener  *visitor // who was given the address it was opened by, nil when nobody was

	// Where a socket.io connection travels by HTTP: poll until a socket has taken
	// over, posted while a request or its answer is read; onSocket while what came
	// over a socket is.
	poll, posted *poll
	onSocket     bool

	path string

	link     transport.Link // set before the first event
	decoders [2]frame.Decoder
	buffered [2]int // bytes that each holds of an unfinished message
	wire     *wire.Translator

	// The conversation. sess is nil until the widget has said who it is; a
	// bridge whose session is being looked up holds its frames.
	sess     *session.Session
	external string // the session's id in the widget's protocol
	held     []held
	// heldBytes is how much of them there is; holding is until when, zero when
	// nothing is held; loading: for the store, which has not said whose the floor is.
	heldBytes int
	holding   instant
	loading   bool
	// consulting is what the owner of the conversation, another node, is asked.
	consulting *consulting
	unsaid     []speech // waits for the protocol to be ready
	sent       []sent   // of ours, not confirmed by the widget
	pings      uint64   // that asked for it
	recall     *recall  // of what it may have missed; nil when that is over

	origin *origin    // to ask a lost backend again; nil where the profile does not reconnect
	rejoin *rejoining // while the backend is gone and the widget is there
	care   care       // for a customer whom the bot keeps waiting
	handed bool       // the platform was handed the conversation over this socket, and has not given it back

	// Replies that come in pieces. All of it is nil between replies.
	streams []*stream
	waiting []waiting  // on its way down, in the order it came
	after   []*scratch // judgements to be carried out once what they are about has left
	owed    []owed
	// replyBy is when the answer to the customer's last turn must have left,
	// zero for no matter; settleBy is when nobody waits for the widget's
	// confirmations any more.
	replyBy, settleBy instant

	// Liveness and limits, by side.
	heard      [2]instant // last whole message or pong
	pinged     [2]instant // last ping sent, zero when answered
	unfinished [2]instant // since when a message is unfinished
	spoke      instant    // last message that was not a control frame
	arrived    time.Time  // when the message at hand came in
	rate       bucket

	// Turn keeping, for draining and for the backend's time to reply.
	typedAt instant // the customer was last seen to write to an agent
	asked   instant // an utterance went upstream and has no reply yet
	drainAt instant // close at the next turn end from then on
	drainBy instant // close then, whatever happens

	// The end.
	closing closing
	deaf    [2]bool // nothing more is read from the side
	gone    [2]bool // nothing more can be sent to the side
	told    [2]bool // the side was sent a Close
	counted bool
	over    bool
}

// held is a message that waits for the session's stored state, or something else
// that comes after those.
type held struct {
	from transport.Side
	op   frame.Opcode
	data []byte
	at   time.Time
	// How it came: in a request or an answer, or over a socket.
	posted   *poll
	onSocket bool
	// then, if set, is called in its turn, in the place of a message.
	then func(now time.Time, out *transport.Output)
}

const attuneSide = metrics.SideAttune

func sideLabel(s transport.Side) metrics.Side {
	if s == transport.Widget {
		return metrics.SideWidget
	}
	return metrics.SideBackend
}

func (s *Server) newBridge(route *Route, up wire.Upgrade, bind binding, now time.Time) *bridge {
	limits := frame.Limits{Message: s.cfg.Limits.Message}
	up.Count = uint64(now.UnixMilli()) // so that no two bridges of a conversation number what they say alike
	b := &bridge{
		s: s, serial: s.serial.Add(1), route: route, profile: s.metrics.Profile(route.Profile.Name()), bind: binding{secret: bind.secret, fresh: bind.fresh}, path: up.Path,
		decoders: [2]frame.Decoder{transport.Widget: *frame.NewDecoder(true, limits), transport.Backend: *frame.NewDecoder(false, limits)},
		wire:     route.Profile.Open(up),
		heard:    [2]instant{instantOf(now.Add(-jitter(s.cfg.Limits.Ping))), instantOf(now.Add(-jitter(s.cfg.Limits.Ping)))}, spoke: instantOf(now),
		rate: newBucket(s.cfg.Limits.Rate, s.cfg.Limits.RateBurst, now),
	}
	return b
}

// Receive implements [transport.Bridge].
func (b *bridge) Receive(from transport.Side, p []byte, now time.Time, out *transport.Output) {
	if b.deaf[from] {
		b.setNext(now, out) // whoever goes on talking does not put off the end
		return
	}
	b.onSocket = true
	defer func() { b.onSocket = false }()
	b.arrived = now
	d := &b.decoders[from]
	d.Feed(p)
	for !b.deaf[from] {
		m, ok, err := d.Next()
		if err != nil {
			b.violated(from, err, now, out)
			break
		}
		if !ok {
			break
		}
		b.heard[from], b.pinged[from] = instantOf(now), 0
		if !m.Op.Control() {
			b.unfinished[from] = 0 // what follows is another message
		}
		b.frame(from, m, now, out)
	}
	b.buffered[from] = d.Buffered()
	switch {
	case b.deaf[from] || !d.Partial():
		b.unfinished[from] = 0
	case b.unfinished[from] == 0:
		b.unfinished[from] = instantOf(now)
	}
	b.setNext(now, out)
}

func (b *bridge) frame(from transport.Side, m frame.Message, now time.Time, out *transport.Output) {
	if from == transport.Widget && m.Op != frame.Close && !b.rate.take(now) {
		b.expel(from, endRate, now, out)
		return
	}
	if from == transport.Widget {
		b.arrivedBy(m.Op, m.Payload, now)
	}
	switch m.Op {
	case frame.Ping:
		if !b.told[from] {
			b.emit(from, frame.Pong, m.Payload, out)
		}
	case frame.Pong:
	case frame.Close:
		b.closed(from, m.Payload, now, out)
	default:
		b.spoke = instantOf(now)
		if b.heldBytes >= maxHeld {
			b.release(now, out)
		}
		if b.holding != 0 {
			b.hold(from, m.Op, m.Payload, now)
			return
		}
		b.message(from, m.Op, m.Payload, now, out)
	}
}

// message passes one whole message on, read, judged and edited where the
// profile knows its words.
func (b *bridge) message(from transport.Side, op frame.Opcode, p []byte, now time.Time, out *transport.Output) {
	if op == frame.Binary {
		b.s.metrics.Unread(metrics.UnreadBinary)
		if from == transport.Backend && len(b.waiting) > 0 { // it may belong to what waits
			b.hurryAll(now, out)
		}
		attachment := b.wire.Binary(direction(from))
		if from == transport.Backend {
			b.rest()
		}
		if from == transport.Backend && attachment == wire.Unattached && b.sess != nil && b.handedOver() { // pictures and sound are speech too
			b.profile.LateDropped.Inc()
			return
		}
		b.follow(from, op, p, attachment, out)
		return
	}
	if b.upgraded(from, p) {
		defer b.takeOver(out)
	}
	switch {
	case from == transport.Widget:
		b.upstream(p, now, out)
	case b.rejoin != nil && b.wire.Swallow(p, b.toBackend(out)):
		b.answered(now, out)
	default:
		b.downstream(p, now, out)
	}
}

// follow lets an attachment go the way of its event.
func (b *bridge) follow(from transport.Side, op frame.Opcode, p []byte, attachment wire.Attachment, out *transport.Output) {
	if attachment != wire.Withheld {
		b.relay(from, op, p, metrics.Nobody, out)
	}
	b.flushSpeech(out) // it was not to come between
}

// unreads says by what label a message is counted that the translator could not
// read.
var unreads = [...]metrics.Unread{
	wire.UnreadUnknown: metrics.UnreadUnknown, wire.UnreadFraming: metrics.UnreadFraming,
	wire.UnreadJSON: metrics.UnreadJSON, wire.UnreadLimits: metrics.UnreadLimits,
}

// countUnread counts the message just read, if it could not be.
func (b *bridge) countUnread() {
	if why := b.wire.Unread(); why != wire.ReadWhole {
		b.s.metrics.Unread(unreads[why])
	}
}

// direction is the way of what a side sent.
func direction(from transport.Side) wire.Direction {
	if from == transport.Widget {
		return wire.Up
	}
	return wire.Down
}

// relay sends a message on to the other side, and counts it.
func (b *bridge) relay(from transport.Side, op frame.Opcode, p []byte, role metrics.Role, out *transport.Output) {
	b.emit(from.Other(), op, p, out)
	d := metrics.Up
	if from == transport.Backend {
		d = metrics.Down
	}
	b.s.metrics.Messages[d][role].Inc()
	b.s.stayed(d, time.Since(b.arrived))
}

// emit frames a payload for a side. Frames towards a backend are masked, with
// a key nobody can foresee.
func (b *bridge) emit(to transport.Side, op frame.Opcode, p []byte, out *transport.Output) {
	if to == transport.Backend && b.rejoin != nil {
		b.rejoin.wait(op, p)
		return
	}
	b.write(to, op, p, out)
}

// write is emit for a side that is there.
func (b *bridge) write(to transport.Side, op frame.Opcode, data []byte, out *transport.Output) {
	if p := b.byHTTP(); p != nil {
		p.put(to, op, data)
		return
	}
	if b.gone[to] || (b.told[to] && op != frame.Close) {
		return
	}
	if to == transport.Widget {
		out.Send[to] = frame.Append(out.Send[to], op, data)
		return
	}
	k := rand.Uint32()
	out.Send[to] = frame.AppendMasked(out.Send[to], op, [4]byte{byte(k), byte(k >> 8), byte(k >> 16), byte(k >> 24)}, data)
}

// account counts the end of the bridge, once.
func (b *bridge) account(code uint16, by metrics.Side) {
	if !b.counted {
		b.counted = true
		b.s.metrics.Close(code, by)
	}
}

// Tell implements [transport.Bridge].
func (b *bridge) Tell(event any, now time.Time, out *transport.Output) {
	if b.over {
		if h, ok := event.(*hearing); ok && !h.taken.Swap(true) {
			h.answer <- verdict{}
		}
		return
	}
	switch e := event.(type) {
	case loaded:
		if e.sess == b.sess {
			b.loading = b.loading && e.unknown
			b.foundMissed(e.missed, now, out)
			if e.back {
				b.backAgain(now, out)
			}
			if b.consulting == nil {
				b.release(now, out)
			}
		}
	case over:
		if b.sess != nil && b.sess.Ended() {
			b.exit()
		}
	case passing:
		b.hand(e, out)
	case missed:
		b.foundMissed(e, now, out)
	case speech:
		b.sayInTurn(e, now, out)
	case briefing:
		b.brief(e, out)
	case writing:
		b.showWriting(out)
	case rejoined:
		b.greet(now, out)
	case unreached:
		b.missed(e, now, out)
	case *hearing:
		b.attend(e, now, out)
	case *consulting:
		if e == b.consulting {
			b.release(now, out)
		}
	case rules.Turn:
		b.remarked(e)
	case echo:
		b.echo(e, out)
	case *packets:
		b.feed(e, now, out)
	case impatient:
		b.releaseAll(now, out)
	case due:
		b.tickStreams(now, out)
		b.tickCare(now, out)
	case drain:
		b.drainAt, b.drainBy = instantOf(e.from), instantOf(e.by)
	case hangUp:
		b.end(e.ending, now, out)
	}
	b.setNext(now, out)
}

// Weight implements [transport.Bridge].
func (b *bridge) Weight() int {
	return b.heldBytes + b.buffered[transport.Widget] + b.buffered[transport.Backend]
}
