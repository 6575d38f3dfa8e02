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

// replyMargin is how long before a widget gives up waiting its reply leaves.
const replyMargin = 500 * time.Millisecond

// upstream passes on what the widget sent. What the customer says goes to the
// listening room first.
func (b *bridge) upstream(p []byte, now time.Time, out *transport.Output) {
	items := b.wire.Read(wire.Up, p)
	if attachment := b.wire.Attachment(); attachment != wire.Unattached {
		b.follow(transport.Widget, frame.Text, p, attachment, out)
		return
	}
	said, found := utterance(items)
	b.identify(found, now)
	if b.holding != 0 {
		b.hold(transport.Widget, frame.Text, p, now)
		return
	}
	b.countUnread()
	b.typed(items, now)
	if sess := b.sess; sess != nil && ends(items) {
		b.s.later(func() { b.s.endSession(sess, "ended") })
	}
	if b.givenBack(items) && !found {
		b.s.metrics.Messages[metrics.Up][metrics.Nobody].Inc()
		if ack, ok := b.wire.AckWidget(nil); ok {
			b.emit(transport.Widget, frame.Text, ack, out)
		}
		return
	}
	if len(b.streams) > 0 && b.sess != nil {
		if b.breaksIn(items, found, now, out); found || flushes(items) { // other messages were read meanwhile
			items = b.wire.Read(wire.Up, p)
			said, found = utterance(items)
		}
	}
	if !found && b.sess != nil && b.happened(items, p, now, out) {
		return
	}
	if !found || b.sess == nil {
		after := b.confirmed(items, out)
		b.relay(transport.Widget, frame.Text, p, metrics.Nobody, out)
		after()
		b.flushSpeech(out)
		return
	}
	if said.ReplyBy > 0 {
		b.replyBy = instantOf(now.Add(said.ReplyBy - replyMargin))
	}
	if !b.consult(p, items, now) {
		b.utterances(p, items, nil, "", now, out)
	}
}

// utterances judges everything that the customer says in a message, one after
// the other, and passes on what the bot is to hear. With found the owner of the
// conversation has judged it already; else that one may do so, too, under token.
func (b *bridge) utterances(p []byte, items []wire.Item, found *finding, token string, now time.Time, out *transport.Output) {
	judged := make([]*scratch, 0, 4)
	var withheld []int
	said := 0
	for i, item := range items {
		if !utters(item) {
			continue
		}
		said++
		if found == nil {
			sc := b.s.scratch()
			sc.token = partOf(token, said-1)
			judged = append(judged, sc)
			if b.listen(sc, item, now) {
				withheld = append(withheld, i)
			}
		} else if found.Kept[said-1] {
			withheld = append(withheld, i)
		}
		if b.route.Profile.Blind() { // an echo may come all the same
			b.s.hearsay.note(b.sess.ID(), item, noted{at: now})
		}
	}
	if len(withheld) < said {
		b.asks(now)
	}
	if len(withheld) == 0 {
		b.relay(transport.Widget, frame.Text, p, metrics.Customer, out)
	} else {
		b.s.metrics.Messages[metrics.Up][metrics.Customer].Inc()
		if ack, ok := b.wire.AckWidget(nil); ok {
			b.emit(transport.Widget, frame.Text, ack, out)
		}
		for _, i := range withheld {
			if msg, err := b.wire.SayEcho(nil, items[i].Texts[0].Value); err == nil {
				b.emit(transport.Widget, frame.Text, msg, out)
			}
		}
		if rest, left := b.wire.Cut(nil, p, withheld); left {
			b.relay(transport.Widget, frame.Text, rest, metrics.Nobody, out)
		}
	}
	b.flushSpeech(out)
	for _, sc := range judged {
		b.carryOut(sc, out)
		b.s.putScratch(sc)
	}
}

// listen judges an utterance and writes it into the guest book. It reports
// whether the utterance stays here.
func (b *bridge) listen(sc *scratch, said wire.Item, now time.Time) (withhold bool) {
	text := said.Texts[0].Value
	sc.turn = rules.Turn{Role: rules.Customer, Text: text, At: now}
	turn := session.Turn{ID: sc.token, Role: "customer", Text: text, At: now}
	theirs := false
	b.sess.Do(func(book *session.Book) {
		sc.floor, theirs = book.Floor, b.atBackend(book)
		if !said.Click {
			sc.facts.ASRConfidence = said.Confidence
			b.judge(sc, book)
			turn.Signals = sc.j.Signals
		}
		b.takeFloor(sc, book)
		book.Append(turn)
	})
	// Whoever has the floor answers; the bot hears nothing that it must not
	// answer.
	return sc.floor != session.Bot && !theirs || sc.j.Withhold
}

// utterance returns the first thing in a message that the customer said or
// clicked.
func utterance(items []wire.Item) (wire.Item, bool) {
	for _, item := range items {
		if utters(item) {
			return item, true
		}
	}
	return wire.Item{}, false
}

func utters(item wire.Item) bool {
	return item.Kind == wire.Message && item.Role == wire.Customer && len(item.Texts) > 0
}

// breaksIn hears that the customer speaks, or has spoken over the bot, while replies come in pieces.
func (b *bridge) breaksIn(items []wire.Item, speaks bool, now time.Time, out *transport.Output) {
	if flushes(items) {
		b.interrupt(now, out)
	}
	if speaks {
		b.spokenInto(now, out)
	}
}

func flushes(items []wire.Item) bool {
	return slices.ContainsFunc(items, func(item wire.Item) bool { return item.Flush })
}

// ends reports whether a message ends the conversation.
func ends(items []wire.Item) bool {
	for _, item := range items {
		if item.Kind == wire.End {
			return true
		}
	}
	return false
}
