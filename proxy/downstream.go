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
	index := slices.IndexFunc(items, says)
	b.identify(index >= 0 || speaks(items), now)
	if !b.holding.IsZero() {
		b.hold(transport.Backend, frame.Text, p, now)
		return
	}
	b.countUnread()
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
	if !b.asked.IsZero() {
		b.profile.Reply.Observe(now.Sub(b.asked).Seconds())
		b.asked = time.Time{}
	}
	if b.route.Profile.Blind() {
		b.overhear(items, now, out)
	}
	sc := b.s.scratch()
	defer b.s.putScratch(sc)
	if b.tone(sc, items[index], now) {
		b.profile.LateDropped.Inc()
		b.acknowledge(out)
		b.passRest(transport.Backend, p, items, muted, out)
		return
	}
	sent := p
	if sc.j.Sent != sc.turn.Text {
		sc.edits = edits(sc.edits[:0], index, items[index], sc.turn.Text, sc.j.Sent)
		sc.buf = b.wire.Splice(sc.buf[:0], p, sc.edits)
		sent = sc.buf
	}
	b.tell(items[index], sc.j.Sent)
	b.relay(transport.Backend, frame.Text, sent, metrics.Bot, out)
	b.flushSpeech(out)
	b.carryOut(sc, out)
}

// tone judges a reply and writes it into the guest book. It reports whether
// the reply is late: somebody else has the floor.
func (b *bridge) tone(sc *scratch, said wire.Item, now time.Time) (late bool) {
	sc.turn = rules.Turn{Role: rules.Bot, Text: said.Texts[0].Value, Expected: said.Expected, At: now}
	sc.facts.Syntax = syntaxes[said.Texts[0].Syntax]
	sc.facts.Fixed = said.Texts[0].Fixed
	return b.weigh(sc, said)
}

// weigh judges the reply in sc, see tone. said is the item that is all of it, if
// one is.
func (b *bridge) weigh(sc *scratch, said wire.Item) (late bool) {
	b.replyBy = time.Time{}
	turn := session.Turn{Role: "bot", Text: sc.turn.Text, At: sc.turn.At}
	b.sess.Do(func(book *session.Book) {
		sc.floor = book.Floor
		if late = book.Floor != session.Bot; late {
			turn.Late = true
			book.Append(turn)
			return
		}
		var again bool
		if sc.j.Sent, again = b.s.told.again(b.sess.ID(), said); again { // the backend repeats it, as after a reconnect
			return
		}
		b.judge(sc, book)
		turn.Signals = append(turn.Signals, sc.j.Signals...)
		turn.Rules = append(turn.Rules, sc.j.Rules...)
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
		drop = book.Floor != session.Bot
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

// edits replaces the reply in every place of its item where it stands, since
// protocols repeat it.
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
