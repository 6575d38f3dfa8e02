package proxy

import (
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// happenings are the kinds of messages that say something without words, by
// the name that rules know them under.
var happenings = map[wire.Kind]string{
	wire.DTMF: "dtmf", wire.Interrupt: "barge_in", wire.NoInput: "no_input", wire.NoMatch: "no_match",
}

// happened judges what the customer did without words, such as pressing a key,
// and passes the message on. It reports false for a message with nothing of the
// kind.
func (b *bridge) happened(items []wire.Item, p []byte, now time.Time, out *transport.Output) bool {
	for _, item := range items {
		event, ok := happenings[item.Kind]
		if !ok {
			continue
		}
		sc := b.s.scratch()
		defer b.s.putScratch(sc)
		value := ""
		if len(item.Texts) > 0 {
			value = item.Texts[0].Value
		}
		sc.facts.ASRConfidence = item.Confidence
		b.witness(sc, event, value, now)
		// A key pressed while a person has the floor is meant for nobody's menu.
		// An interruption or a silence is the platform's own business.
		if item.Kind == wire.DTMF && (sc.floor != session.Bot || sc.took || sc.j.Withhold) {
			b.s.metrics.Messages[metrics.Up][metrics.Customer].Inc()
			if ack, ok := b.wire.AckWidget(nil); ok {
				b.emit(transport.Widget, frame.Text, ack, out)
			}
		} else {
			b.relay(transport.Widget, frame.Text, p, metrics.Customer, out)
		}
		b.flushSpeech(out)
		b.carryOut(sc, out)
		return true
	}
	return false
}

// witness judges one happening.
func (b *bridge) witness(sc *scratch, event, value string, now time.Time) {
	sc.turn = rules.Turn{Role: rules.Event, Event: event, Value: value, At: now}
	b.sess.Do(func(book *session.Book) {
		sc.floor = book.Floor
		b.judge(sc, book)
		b.takeFloor(sc, book)
	})
}

// backAgain judges that the customer's connection was lost and is back.
func (b *bridge) backAgain(now time.Time, out *transport.Output) {
	sc := b.s.scratch()
	defer b.s.putScratch(sc)
	b.witness(sc, "reconnect", "", now)
	b.carryOut(sc, out)
}
