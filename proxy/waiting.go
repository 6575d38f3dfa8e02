package proxy

import (
	"slices"
	"time"

	"attune/metrics"
	"attune/proxy/frame"
	"attune/proxy/transport"
	"attune/proxy/wire"
)

// waiting is a message of the backend on its way down that may have to wait: its words may still change, or it has to
// stay behind others. Every message leaves as its own, with all its bytes but the edited words.
type waiting struct {
	data   []byte
	at     time.Time // when it came
	until  time.Time // it leaves then, whatever is settled
	pieces []piece
	ends   []*stream // streams it ends
	speech bool      // it says more than its pieces: it keeps its place among all that the bot says
}

// piece is the part of a message that belongs to a stream: text[from:to] of it, or the whole of it once more.
type piece struct {
	s        *stream
	item     int // index in the message's items
	from, to int
	final    bool
	asis     bool // it leaves as it came
}

func (w *waiting) holds(s *stream) bool {
	return slices.ContainsFunc(w.pieces, func(x piece) bool { return x.s == s && !x.final })
}

// of tells whether a message belongs to a stream.
func (w *waiting) of(s *stream) bool {
	return slices.Contains(w.ends, s) || slices.ContainsFunc(w.pieces, func(x piece) bool { return x.s == s })
}

// behind tells whether a message has to stay behind an earlier one.
func (w *waiting) behind(earlier *waiting) bool {
	return w.speech || earlier.speech || slices.ContainsFunc(w.ends, earlier.of) ||
		slices.ContainsFunc(w.pieces, func(x piece) bool { return earlier.of(x.s) })
}

// carries tells whether a piece of a stream has not left yet.
func (b *bridge) carries(s *stream) bool {
	return slices.ContainsFunc(b.waiting, func(w waiting) bool { return w.holds(s) })
}

// drain lets go what may leave, in order. items are those of the last message, when it was just read; else nil.
func (b *bridge) drain(items []wire.Item, now time.Time, out *transport.Output) {
	for i := 0; i < len(b.waiting); {
		if !b.mayLeave(i) {
			i++
			continue
		}
		w := b.waiting[i]
		if i < len(b.waiting)-1 || items == nil {
			items = nil // another message is read in between
			b.waiting = slices.Delete(b.waiting, i, i+1)
			b.leave(&w, b.wire.Read(wire.Down, w.data), now, out)
			continue
		}
		b.waiting = slices.Delete(b.waiting, i, i+1)
		b.leave(&w, items, now, out)
	}
	if len(b.waiting) == 0 {
		b.waiting = nil
	}
}

func (b *bridge) mayLeave(i int) bool {
	w := &b.waiting[i]
	for k := range b.waiting[:i] {
		if w.behind(&b.waiting[k]) {
			return false
		}
	}
	return !slices.ContainsFunc(w.pieces, func(x piece) bool {
		return !x.final && !x.asis && !x.s.late && !x.s.mute && !x.s.settled(x.to)
	})
}

// leave passes a message on with the words that are settled for its pieces, or keeps it to ourselves.
func (b *bridge) leave(w *waiting, items []wire.Item, now time.Time, out *transport.Output) {
	sc := b.s.scratch()
	if b.withheld(w, items) {
		b.keepBack(sc, w, items, now, out)
		return
	}
	index := -1
	if w.speech {
		index = b.aside(w, items)
	}
	if index < 0 && len(w.pieces) == 0 && b.mute(items, now) {
		b.keepBack(sc, w, items, now, out)
		return
	}
	sc.edits = sc.edits[:0]
	late := false
	if index >= 0 {
		if late = b.tone(sc, items[index], now); late {
			b.profile.LateDropped.Inc()
			if len(w.pieces) == 0 && len(w.ends) == 0 {
				b.keepBack(sc, w, items, now, out)
				return
			}
		} else {
			b.tell(items[index], sc.parts[0].words)
			sc.edits = partEdits(sc.edits, index, items[index], sc.parts)
		}
	}
	outcome := metrics.HeldKept
	for _, x := range w.pieces {
		before := len(sc.edits)
		if sc.edits = b.pieceEdits(sc.edits, x, items[x.item]); len(sc.edits) > before {
			outcome = metrics.HeldReworded
		}
		if item := items[x.item]; item.Stream.Final {
			sent := item.Texts[0].Value
			if e := sc.edits[before:]; len(e) > 0 && e[0].Text == 0 {
				sent = e[0].With
			}
			b.tell(item, sent)
		}
		if !x.final && !x.s.late && !x.s.mute {
			x.s.gone = max(x.s.gone, x.to)
		}
	}
	sent := w.data
	if len(sc.edits) > 0 {
		sc.buf = b.wire.Splice(sc.buf[:0], w.data, sc.edits)
		sent = sc.buf
	}
	if !w.at.Equal(now) {
		if !now.Before(w.until) {
			outcome = metrics.HeldOverdue
		}
		b.s.metrics.StreamHeld[outcome].Observe(now.Sub(w.at).Seconds())
	}
	b.owe(items, now)
	b.arrived = w.at
	b.relay(transport.Backend, frame.Text, sent, metrics.Bot, out)
	b.flushSpeech(out)
	if index >= 0 && !late {
		b.carryOut(sc, out)
	}
	b.s.putScratch(sc)
}

// tell remembers what was sent for a whole reply, where histories repeat it.
func (b *bridge) tell(said wire.Item, sent string) {
	if b.route.Profile.Routes() {
		b.s.told.tell(b.sess.ID(), said, sent)
	}
}

// keepBack keeps a message from the widget, but for what in it is nobody's speech.
func (b *bridge) keepBack(sc *scratch, w *waiting, items []wire.Item, now time.Time, out *transport.Output) {
	b.s.putScratch(sc)
	b.swallow(items, now, out)
	b.passRest(transport.Backend, w.data, items, muted, out)
}

// aside is the index of what a message says beside its pieces; -1 when it says nothing.
func (b *bridge) aside(w *waiting, items []wire.Item) int {
	for i, item := range items {
		if says(item) && !slices.ContainsFunc(w.pieces, func(x piece) bool { return x.item == i }) {
			return i
		}
	}
	return -1
}

// pieceEdits adds what has to be changed for a piece. A final may repeat several streams of one key.
func (b *bridge) pieceEdits(dst []wire.Edit, x piece, item wire.Item) []wire.Edit {
	switch {
	case x.final:
		for i, t := range item.Texts {
			s := x.s
			for _, other := range b.streams {
				if other.key == s.key && other.said(t.Value) {
					s = other
				}
			}
			if with := s.repeated(t.Value); with != t.Value && !t.Fixed {
				dst = append(dst, wire.Edit{Item: x.item, Text: i, With: with})
			}
		}
		return dst
	case x.s.late, x.s.mute:
		if x.s.mode == wire.Replace {
			return edits(dst, x.item, item, item.Texts[0].Value, x.s.repeated(""))
		}
		return edits(dst, x.item, item, item.Texts[0].Value, "")
	case x.asis && x.s.mode == wire.Replace:
		return edits(dst, x.item, item, item.Texts[0].Value, x.s.repeated(item.Texts[0].Value))
	case x.asis:
		return dst
	}
	said := item.Texts[0].Value
	with := x.s.words(x.from, x.to)
	x.s.carried = x.s.judged && x.to == x.s.text.Len()
	if with != said {
		dst = edits(dst, x.item, item, said, with)
	}
	return dst
}

// withheld tells whether a message must not pass: it is speech of a stream that nobody is to hear. One that ends a stream
// of which something was shown passes without the words, so that the widget is not left in the middle.
func (b *bridge) withheld(w *waiting, items []wire.Item) bool {
	if w.speech || len(w.pieces) == 0 && (len(w.ends) == 0 || !speaksOf(items)) {
		return false
	}
	for _, x := range w.pieces {
		if !x.s.late && (!x.s.mute || x.final || slices.Contains(w.ends, x.s)) {
			return false
		}
	}
	return !slices.ContainsFunc(w.ends, func(s *stream) bool { return !s.late })
}

// speaksOf tells whether a message without words is about the bot's speech.
func speaksOf(items []wire.Item) bool {
	return slices.ContainsFunc(items, func(item wire.Item) bool { return item.Kind == wire.TurnEnd || item.Role == wire.Bot })
}

// says tells whether an item is somebody's whole words on their way to the customer.
func says(item wire.Item) bool {
	if item.Role != wire.Bot || len(item.Texts) == 0 {
		return false
	}
	switch item.Kind {
	case wire.Message, wire.Delta, wire.Final, wire.Handoff, wire.End:
		return true
	default:
		return false
	}
}

// discard throws away what is held of a stream.
func (b *bridge) discard(s *stream, now time.Time, out *transport.Output) {
	b.waiting = slices.DeleteFunc(b.waiting, func(w waiting) bool {
		if w.speech || !w.of(s) || slices.ContainsFunc(w.pieces, func(x piece) bool { return x.s != s }) {
			return false
		}
		b.s.metrics.StreamHeld[metrics.HeldFlushed].Observe(now.Sub(w.at).Seconds())
		b.swallow(b.wire.Read(wire.Down, w.data), now, out)
		return true
	})
	for i := range b.waiting { // what other messages hold of it leaves with them
		for k := range b.waiting[i].pieces {
			if x := &b.waiting[i].pieces[k]; x.s == s {
				x.asis = true
			}
		}
	}
}
