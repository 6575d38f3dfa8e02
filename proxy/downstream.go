package proxy

import (
	"slices"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// downstream passes on what the backend sent. What the bot says goes to the
// tone room first, and nowhere at all while somebody else has the floor.
func (b *bridge) downstream(p []byte, now time.Time, out *transport.Output) {
	items := b.wire.Read(wire.Down, p)
	if attachment := b.wire.Attachment(); attachment != wire.Unattached {
		if len(b.waiting) > 0 { // its event may be among them
			b.hurryAll(now, out)
			b.wire.Read(wire.Down, p)
		}
		b.follow(transport.Backend, frame.Text, p, attachment, out)
		return
	}
	index := slices.IndexFunc(items, says)
	b.identify(index >= 0 || speaks(items), now)
	if b.holding != 0 {
		b.hold(transport.Backend, frame.Text, p, now)
		return
	}
	b.countUnread()
	b.relieve(items)
	b.welcome(items)
	b.givenBack(items)
	if b.sess == nil {
		b.relay(transport.Backend, frame.Text, p, roleOf(items), out)
		b.flushSpeech(out)
		return
	}
	if b.streamed(p, items, now, out) {
		return
	}
	if index < 0 {
		if b.mute(items, now) {
			b.acknowledge(out)
			b.passRest(transport.Backend, p, items, muted, out)
			return
		}
		b.relay(transport.Backend, frame.Text, p, roleOf(items), out)
		b.flushSpeech(out)
		if b.route.Profile.Blind() {
			b.overhear(items, now, out)
		}
		return
	}
	if b.asked != 0 {
		b.profile.Reply.Observe(b.asked.ago(now).Seconds())
		b.asked = 0
	}
	if b.route.Profile.Blind() {
		b.overhear(items, now, out)
	}
	b.replies(p, items, now, out)
}

// replies judges everything that the bot says in a message, one reply after the
// other, and passes on what may be said. A reply may take the floor from those
// behind it.
func (b *bridge) replies(p []byte, items []wire.Item, now time.Time, out *transport.Output) {
	judged := make([]*scratch, 0, 4)
	first := b.s.scratch()
	first.edits = first.edits[:0]
	late, sc := 0, first
	for i, item := range items {
		if !says(item) {
			continue
		}
		if sc == nil {
			sc = b.s.scratch()
		}
		judged = append(judged, sc)
		if b.tone(sc, item, now) {
			b.profile.LateDropped.Inc()
			late++
		} else {
			first.edits = partEdits(first.edits, i, item, sc.parts)
			b.tell(item, sc.parts[0].words)
		}
		sc = nil
	}
	sent := p
	if len(first.edits) > 0 {
		first.buf = b.wire.Splice(first.buf[:0], p, first.edits)
		sent = first.buf
	}
	switch late {
	case 0:
		b.relay(transport.Backend, frame.Text, sent, metrics.Bot, out)
	case len(judged):
		b.acknowledge(out)
		b.passRest(transport.Backend, p, items, muted, out)
	default:
		b.relayEarly(sent, len(judged)-late, out)
	}
	if late < len(judged) {
		b.flushSpeech(out)
	}
	for _, sc := range judged {
		b.carryOut(sc, out)
		b.s.putScratch(sc)
	}
}

// relayEarly passes on a message without the replies behind the first n.
func (b *bridge) relayEarly(p []byte, n int, out *transport.Output) {
	var cut []int
	for i, item := range b.wire.Read(wire.Down, p) { // its words, but not its items, may have changed
		if says(item) {
			n--
		}
		if n < 0 && muted(item) {
			cut = append(cut, i)
		}
	}
	rest, _ := b.wire.Cut(nil, p, cut)
	b.relay(transport.Backend, frame.Text, rest, metrics.Bot, out)
}

// tone judges a reply and writes it into the guest book. It reports whether
// the reply is late: somebody else has the floor.
func (b *bridge) tone(sc *scratch, said wire.Item, now time.Time) (late bool) {
	sc.parts = partsOf(sc.parts[:0], said)
	if len(sc.parts) > 1 {
		return b.toneParts(sc, said, now)
	}
	text := said.Texts[sc.parts[0].text]
	sc.turn = rules.Turn{Role: rules.Bot, Text: text.Value, Expected: said.Expected, At: now}
	sc.facts.Syntax, sc.facts.Fixed = syntaxes[text.Syntax], text.Fixed
	late = b.weigh(sc, said)
	sc.parts[0].words = sc.j.Sent
	return late
}

// weigh judges the reply in sc, see tone. said is the item that is all of it, if
// one is.
func (b *bridge) weigh(sc *scratch, said wire.Item) (late bool) {
	b.replyBy = 0
	turn := session.Turn{Role: "bot", Text: sc.turn.Text, At: sc.turn.At}
	b.sess.Do(func(book *session.Book) {
		sc.floor = book.Floor
		if late = !book.BotMaySpeak(); late {
			turn.Late = true
			book.Append(turn)
			return
		}
		var again bool
		if sc.j.Sent, again = b.s.told.again(b.sess.ID(), said); again { // the backend repeats it, as after a reconnect
			return
		}
		b.judge(sc, book)
		turn.Signals, turn.Rules = sc.j.Signals, sc.j.Rules
		if sc.j.Sent != turn.Text {
			turn.Sent = sc.j.Sent
		}
		b.takeFloor(sc, book)
		book.Append(turn)
	})
	return late
}

// mute reports whether a message without words must not pass, since the bot
// does not have the floor: pictures and cards are speech too, and nobody is to
// wait for words that the bot is typing in vain.
func (b *bridge) mute(items []wire.Item, now time.Time) (drop bool) {
	typing := slices.ContainsFunc(items, func(item wire.Item) bool { return item.Kind == wire.Typing })
	if !typing && !speaks(items) {
		return false
	}
	b.sess.Do(func(book *session.Book) {
		drop = !book.BotMaySpeak()
		if drop && speaks(items) {
			book.Append(session.Turn{Role: "bot", At: now, Late: true})
			b.profile.LateDropped.Inc()
		}
	})
	return drop
}

// speaks reports whether the bot says something in a message, in words or
// without.
func speaks(items []wire.Item) bool { return slices.ContainsFunc(items, botSpeaks) }

func botSpeaks(item wire.Item) bool {
	switch item.Kind {
	case wire.Control, wire.Heartbeat, wire.Typing:
		return false
	default:
		return item.Role == wire.Bot
	}
}

// muted reports whether an item does not pass while the bot does not have the
// floor.
func muted(item wire.Item) bool { return item.Kind == wire.Typing || botSpeaks(item) }

// passRest passes on what stands in a message besides the items that stay here:
// the answer to a call must arrive, though the words beside it do not.
func (b *bridge) passRest(from transport.Side, p []byte, items []wire.Item, stays func(wire.Item) bool, out *transport.Output) {
	var cut []int
	for i := range items {
		if stays(items[i]) {
			cut = append(cut, i)
		}
	}
	if rest, left := b.wire.Cut(nil, p, cut); left {
		b.relay(from, frame.Text, rest, metrics.Nobody, out)
	}
}

// acknowledge tells the backend that a message has arrived which the widget will
// not see, where the protocol waits for that.
func (b *bridge) acknowledge(out *transport.Output) {
	if ack, ok := b.wire.AckBackend(nil); ok {
		b.emit(transport.Backend, frame.Text, ack, out)
	}
}

// edits replaces words in every place of their item where they stand, since
// protocols repeat them.
func edits(dst []wire.Edit, index int, item wire.Item, from, to string) []wire.Edit {
	for i, t := range item.Texts {
		if t.Value == from {
			dst = append(dst, wire.Edit{Item: index, Text: i, With: to})
		}
	}
	return dst
}

var syntaxes = [...]rules.Syntax{
	wire.Plain: rules.Plain, wire.Markdown: rules.Markdown, wire.HTML: rules.HTML, wire.SSML: rules.SSML, wire.XML: rules.HTML,
}

func roleOf(items []wire.Item) metrics.Role {
	for _, item := range items {
		switch item.Role {
		case wire.Customer:
			return metrics.Customer
		case wire.Bot:
			return metrics.Bot
		case wire.Agent:
			return metrics.Agent
		case wire.Nobody:
		}
	}
	return metrics.Nobody
}
