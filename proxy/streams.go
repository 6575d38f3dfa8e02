package proxy

import (
	"slices"
	"strings"
	"time"

	"attune/metrics"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// maxStream bounds what is kept of a stream's text where messages have no limit.
const maxStream = 64 << 10

// streamed handles a message in which streams go on or end, or which has to wait for one. It reports whether the message
// was such.
func (b *bridge) streamed(p []byte, items []wire.Item, now time.Time, out *transport.Output) bool {
	if len(b.streams) == 0 && len(b.waiting) == 0 && !slices.ContainsFunc(items, func(item wire.Item) bool { return item.Stream.Of > 0 }) {
		return false
	}
	w := waiting{at: now}
	ends := slices.Clone(b.wire.Ends())
	b.endAfter(0, ends, &w, now)
	for i, item := range items {
		if x, ok := b.piece(item, i, &w, now); ok {
			w.pieces = append(w.pieces, x)
		} else if botSpeaks(item) && item.Kind != wire.Observe {
			w.speech = true
		}
		if item.Kind == wire.TurnEnd {
			b.endOf(func(*stream) bool { return true }, &w, now)
		}
		b.endAfter(i+1, ends, &w, now)
	}
	if len(w.pieces) == 0 && len(w.ends) == 0 && !(w.speech && len(b.waiting) > 0) {
		return false
	}
	if b.route.Profile.Blind() {
		b.overhear(items, now, out)
	}
	if len(w.pieces) > 0 && b.asked != 0 {
		b.profile.Reply.Observe(b.asked.ago(now).Seconds())
		b.asked = 0
	}
	w.until = b.patience(items, now)
	w.data = p
	b.waiting = append(b.waiting, w)
	b.makeRoom(now)
	b.drain(items, now, out)
	if n := len(b.waiting); n > 0 && b.waiting[n-1].at.Equal(now) {
		b.waiting[n-1].data = slices.Clone(b.waiting[n-1].data) // it stays: the bytes are the decoder's
	}
	b.conclude(out)
	return true
}

// endAfter ends the streams that are over after n items of a message.
func (b *bridge) endAfter(n int, ends []wire.StreamEnd, w *waiting, now time.Time) {
	for _, e := range ends {
		if e.After == n {
			b.endOf(func(s *stream) bool { return s.of == e.Of && (e.Every || s.key == e.Key) }, w, now)
		}
	}
}

// endOf ends the streams of which a message is the end.
func (b *bridge) endOf(over func(*stream) bool, w *waiting, now time.Time) {
	for _, s := range b.streams {
		if !s.over && over(s) {
			b.endStream(s, w.holds(s), now)
			w.ends = append(w.ends, s)
		}
	}
}

// piece takes in what an item is to a stream. It reports whether it is a piece of one, or repeats one that is known.
func (b *bridge) piece(item wire.Item, index int, w *waiting, now time.Time) (piece, bool) {
	if item.Stream.Of == 0 || item.Role != wire.Bot || len(item.Texts) == 0 {
		return piece{}, false
	}
	if item.Stream.Final {
		s := b.knownStream(item.Stream.Key)
		switch {
		case s == nil:
			return piece{}, false
		case s.mode == wire.Replace && !s.judged && !item.Texts[0].Fixed: // it is the last of its pieces
			x := b.extend(s, item, index, now)
			b.endStream(s, true, now)
			return x, true
		}
		b.endStream(s, w.holds(s), now)
		return piece{s: s, item: index, final: true}, true
	}
	if item.Kind != wire.Delta {
		return piece{}, false
	}
	s := b.openStream(item.Stream)
	if s == nil {
		s = b.startStream(item, now)
	}
	return b.extend(s, item, index, now), true
}

// openStream finds the stream that a piece belongs to.
func (b *bridge) openStream(x wire.Streaming) *stream {
	for _, s := range b.streams {
		if s.of == x.Of && s.key == x.Key && !s.over {
			return s
		}
	}
	return nil
}

// knownStream finds the stream that a final repeats: the last one with its key.
func (b *bridge) knownStream(key string) *stream {
	for _, s := range slices.Backward(b.streams) {
		if s.key == key {
			return s
		}
	}
	return nil
}

// maxStreams bounds the streams that are known at a time; of more the oldest are over.
const maxStreams = 32

// startStream begins a stream with its first piece.
func (b *bridge) startStream(item wire.Item, now time.Time) *stream {
	if len(b.streams) >= maxStreams {
		b.endStream(b.streams[0], false, now)
		b.streams = slices.Delete(b.streams, 0, 1)
	}
	s := &stream{of: item.Stream.Of, key: item.Stream.Key, mode: item.Stream.Mode, idle: item.Stream.Idle, set: b.ruleSet()}
	if s.idle == 0 {
		s.idle = quiet
	}
	if p := b.lastOf(s); p != nil && p.parted {
		s.before = p
		if said, _ := s.earlier(); len(said) > b.streamBound() {
			p.before = nil // a final of so much is changed in its end only
		}
	}
	b.watch(s, item, now)
	b.streams = append(b.streams, s)
	return s
}

// lastOf finds the stream that came before another one in its place.
func (b *bridge) lastOf(s *stream) *stream {
	for _, p := range slices.Backward(b.streams) {
		if p.of == s.of && p.key == s.key {
			return p
		}
	}
	return nil
}

// watch begins to follow the text of a stream.
func (b *bridge) watch(s *stream, item wire.Item, now time.Time) {
	sc := b.s.scratch()
	defer b.s.putScratch(sc)
	s.syntax, s.fixed = syntaxes[item.Texts[0].Syntax], item.Texts[0].Fixed
	sc.turn = rules.Turn{Role: rules.Bot, At: now}
	b.sess.Do(func(book *session.Book) {
		defer b.spare(func() {})
		b.facts(sc, book)
		sc.facts.Syntax, sc.facts.Fixed = s.syntax, s.fixed
		if state, ok := book.State.(*rules.State); ok {
			s.watch = s.set.Watch(state, &sc.turn, &sc.facts)
		}
	})
}

// extend adds a piece to a stream and settles what no later piece can change.
func (b *bridge) extend(s *stream, item wire.Item, index int, now time.Time) piece {
	said := item.Texts[0].Value
	x := piece{s: s, item: index, asis: s.judged}
	s.ends = now.Add(s.idle)
	if item.Expected != "" {
		s.expected = item.Expected
	}
	b.yield(s)
	if s.judged {
		s.more(said, b.streamBound())
		return x
	}
	if s.mode == wire.Replace {
		rest, ok := strings.CutPrefix(said, s.text.String())
		if !ok {
			b.revise(s, item, now)
			rest = said
		}
		said = rest
	} else {
		x.from = s.text.Len()
	}
	if s.text.Len()+len(said) > b.streamBound() {
		b.endStream(s, false, now)
		s.over = false
		s.more(said, b.streamBound())
		x.asis = true
		return x
	}
	s.text.WriteString(said)
	x.to = s.text.Len()
	if s.late || s.mute {
		return x
	}
	text := s.text.String()
	switch settled, reword := s.watch.Next(text); {
	case settled <= s.shown.From:
	case reword:
		b.settle(s, settled, now)
	default:
		s.pass(text[s.shown.From:settled], settled)
	}
	return x
}

// streamBound is how many bytes of a stream's text are kept.
func (b *bridge) streamBound() int {
	if n := b.s.cfg.Limits.Message; n > 0 {
		return int(min(n, maxStream))
	}
	return maxStream
}

// revise begins a stream's text anew: its bot took back what it had said. Pieces of the old text leave as they are.
func (b *bridge) revise(s *stream, item wire.Item, now time.Time) {
	for i := range b.waiting {
		for k := range b.waiting[i].pieces {
			if x := &b.waiting[i].pieces[k]; x.s == s {
				x.asis = true
			}
		}
	}
	s.text, s.shown, s.cuts, s.gone = strings.Builder{}, rules.Shown{}, nil, 0
	b.watch(s, item, now)
}

// settle asks the rules for the words to send for the settled part of a stream. Rules that fail leave it as it is.
func (b *bridge) settle(s *stream, upto int, now time.Time) {
	sc := b.s.scratch()
	defer b.s.putScratch(sc)
	sc.turn = rules.Turn{Role: rules.Bot, Text: s.text.String(), Expected: s.expected, At: now}
	from, sent := s.shown.From, len(s.shown.Sent)
	b.sess.Do(func(book *session.Book) {
		defer b.spare(func() { s.shown.From, s.shown.Sent = from, s.shown.Sent[:sent] })
		b.facts(sc, book)
		sc.facts.Syntax = s.syntax
		if state, ok := book.State.(*rules.State); ok && book.Floor == session.Bot {
			with := s.set.Settle(state, &sc.turn, &sc.facts, &s.shown, upto)
			s.note(from, s.shown.From, sent, with)
		}
	})
	if s.shown.From < upto {
		s.pass(sc.turn.Text[s.shown.From:upto], upto)
	}
}

// spare keeps the bridge alive when the rules fail.
func (b *bridge) spare(mend func()) {
	if recover() != nil {
		b.s.metrics.FailOpen(metrics.FailRules)
		mend()
	}
}

// yield marks a stream whose pieces must not be shown, since somebody else has the floor: it counts once as late.
func (b *bridge) yield(s *stream) {
	if s.late || s.mute || !b.handedOver() {
		return
	}
	s.late = s.gone == 0 && !s.judged && s.before == nil
	s.mute = !s.late
	b.profile.LateDropped.Inc()
}

// endStream ends a stream: it is judged as the one reply that it is, and what was held of it is settled. carrier tells that
// the message at hand is a piece of it; one that is held will do as well. Without any nothing can be added behind it.
func (b *bridge) endStream(s *stream, carrier bool, now time.Time) {
	if s.over {
		return
	}
	s.over, s.ends = true, now.Add(remembers)
	if !s.judged {
		b.hearOut(s, carrier || b.carries(s), now)
	} else if s.tail.Len() > 0 && b.sess != nil {
		b.sess.Do(func(book *session.Book) {
			book.Append(session.Turn{Role: "bot", Text: s.tail.String(), At: now, Late: s.mute})
		})
		s.tail = strings.Builder{}
	}
}

// hearOut judges a stream with what has come of it.
func (b *bridge) hearOut(s *stream, carrier bool, now time.Time) {
	s.judged = true
	text := s.text.String()
	if text == "" {
		return
	}
	if b.sess == nil {
		s.pass(text[s.shown.From:], len(text))
		return
	}
	if s.late || s.mute {
		b.sess.Do(func(book *session.Book) {
			if s.gone > 0 {
				book.Append(session.Turn{Role: "bot", Text: text[:s.gone], Sent: s.words(0, s.gone), At: now})
			}
			if s.gone < len(text) {
				book.Append(session.Turn{Role: "bot", Text: text[s.gone:], At: now, Late: true})
			}
		})
		return
	}
	if s.gone == 0 { // all of it is in hand: it is judged as if it had come at once
		s.shown, s.cuts = rules.Shown{}, nil
	}
	s.shown.Closed = !carrier
	sc := b.s.scratch()
	sc.turn = rules.Turn{Role: rules.Bot, Text: text, Expected: s.expected, At: now}
	sc.facts.Syntax, sc.facts.Fixed, sc.set = s.syntax, s.fixed, s.set
	if s.gone > 0 {
		sc.facts.Shown = &s.shown
	}
	if b.weigh(sc, wire.Item{}) {
		s.late = s.gone == 0
		s.mute = !s.late
		b.profile.LateDropped.Inc()
		b.s.putScratch(sc)
		return
	}
	rest, ok := strings.CutPrefix(sc.j.Sent, s.shown.Sent)
	if !ok { // rules that failed know nothing of what has left
		rest = text[s.shown.From:]
	}
	s.pass(rest, len(text))
	b.after = append(b.after, sc)
}

// conclude does what the judgements of streams ask for, now that their words have left.
func (b *bridge) conclude(out *transport.Output) {
	for len(b.after) > 0 {
		sc := b.after[0]
		b.after = b.after[1:]
		b.carryOut(sc, out)
		b.s.putScratch(sc)
	}
	b.after = nil
}

// endStreams ends every stream, since nothing more will come or nobody will see it.
func (b *bridge) endStreams(now time.Time, out *transport.Output) {
	if len(b.streams) == 0 {
		return
	}
	for _, s := range b.streams {
		b.endStream(s, false, now)
	}
	b.drain(nil, now, out)
	b.streams = nil
	b.conclude(out)
}

// spokenInto judges the streams that the customer speaks into, with what has come of them. What still comes is a reply of
// its own, but in the same words as far as the widget is told the text so far.
func (b *bridge) spokenInto(now time.Time, out *transport.Output) {
	if len(b.streams) == 0 {
		return
	}
	for _, s := range b.streams {
		switch {
		case s.over:
		case s.mode == wire.Replace && !s.judged:
			b.hearOut(s, b.carries(s), now)
		case s.mode == wire.Append:
			b.endStream(s, false, now)
			s.parted = true
		}
	}
	b.drain(nil, now, out)
	b.conclude(out)
}

// interrupt throws away what is held of the streams: the customer spoke over the bot.
func (b *bridge) interrupt(now time.Time, out *transport.Output) {
	for _, s := range b.streams {
		if s.over {
			continue
		}
		b.discard(s, now, out)
		if !s.judged {
			text, sent := s.text.String()[:s.gone], s.words(0, s.gone)
			s.text = strings.Builder{}
			s.text.WriteString(text)
			s.shown.From, s.shown.Sent, s.shown.Cut = len(text), sent, true
		}
		b.endStream(s, false, now)
		s.late = s.gone == 0 // a final says no more than was heard
		s.mute = !s.late
	}
	b.drain(nil, now, out)
	b.conclude(out)
}

// forgetStreams keeps nothing of streams that are done with.
func (b *bridge) forgetStreams(done func(s *stream) bool) {
	if b.streams = slices.DeleteFunc(b.streams, done); len(b.streams) == 0 {
		b.streams = nil
	}
}
