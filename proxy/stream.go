package proxy

import (
	"strings"
	"time"
	"unicode/utf8"

	"attune/proxy/wire"
	"attune/rules"
)

// stream is one reply of the bot that comes in pieces. It knows the text so far, how much of it is settled, and where
// the words to send differ from the bot's. What it decides once stays: a piece that has left is never changed.
type stream struct {
	of   int    // which of the profile's streams
	key  string // which of several at a time
	mode wire.StreamMode
	idle time.Duration

	set   *rules.Set // in force when it began
	watch rules.Watch
	shown rules.Shown
	text  strings.Builder // of the bot, as far as it is kept
	cuts  []cut           // where other words are sent, in order
	gone  int             // bytes of text that have left for the widget
	ends  time.Time       // it is over then, when nothing more comes

	syntax   rules.Syntax
	fixed    bool
	expected string

	before  *stream // what came of the same reply before the customer spoke into it
	parted  bool    // the customer spoke into it
	carried bool    // the last of the text has left, with what was added behind it

	judged bool            // once: at its end, when the customer speaks, or when it grew too long
	over   bool            // no more pieces are expected; a final may still repeat it
	late   bool            // nothing of it was shown: somebody else has the floor
	mute   bool            // nothing more of it is shown, for the same reason
	tail   strings.Builder // what came after it was judged
}

// cut is a part of a stream's text in whose place other words are sent.
type cut struct{ from, to, sentFrom, sentTo int }

// maxHold is how long a piece waits for what may follow it.
const maxHold = 800 * time.Millisecond

// quiet is when a stream is over whose profile does not say: no bot pauses for so long in a sentence.
const quiet = 5 * time.Second

// remembers is how long the text of a stream that is over is kept for finals that repeat it.
const remembers = 10 * time.Second

// settled tells whether the text up to a byte may leave.
func (s *stream) settled(to int) bool { return s.judged || to <= s.shown.From }

// more keeps what comes behind the text that was judged, as far as there is room.
func (s *stream) more(said string, bound int) {
	if s.text.Len()+s.tail.Len()+len(said) <= bound {
		s.tail.WriteString(said)
	}
}

// overdue lets a piece go as it is, with all that comes before it.
func (s *stream) overdue(x piece) {
	if x.final || x.asis || s.late || s.mute || s.settled(x.to) {
		return
	}
	s.shown.Overdue(s.text.String()[s.shown.From:x.to])
	s.watch.Left(x.to)
}

// pass notes that the text up to a byte leaves as with; the rest of what is sent follows from it.
func (s *stream) pass(with string, to int) {
	s.note(s.shown.From, to, len(s.shown.Sent), with)
	s.shown.Pass(with, to-s.shown.From)
}

// note keeps where text[from:to] and what is sent for it differ; sent is where that begins.
func (s *stream) note(from, to, sent int, with string) {
	old := s.text.String()[from:to]
	if with == old {
		return
	}
	head := commonPrefix(old, with)
	tail := commonSuffix(old[head:], with[head:])
	s.cuts = append(s.cuts, cut{from + head, to - tail, sent + head, sent + len(with) - tail})
}

// at is where in what is sent a byte of the text stands. Inside a part that has other words these are dealt out in
// proportion, word by word, so that every piece carries some.
func (s *stream) at(offset int) int {
	moved := 0
	for _, c := range s.cuts {
		switch {
		case offset <= c.from:
			return offset + moved
		case offset < c.to:
			share := c.sentFrom + (offset-c.from)*(c.sentTo-c.sentFrom)/(c.to-c.from)
			if next := strings.IndexByte(s.shown.Sent[share:c.sentTo], ' '); next >= 0 {
				return share + next
			}
			return c.sentTo
		}
		moved = c.sentTo - c.to
	}
	return offset + moved
}

// words are what is sent for the piece text[from:to]. The piece with the last of it takes along what was added behind.
func (s *stream) words(from, to int) string {
	end := min(s.at(to), len(s.shown.Sent))
	if s.judged && to == s.text.Len() {
		end = len(s.shown.Sent)
	}
	start := 0
	switch {
	case from == 0:
	case s.carried && from == to: // an empty piece behind that one
		start = end
	default:
		start = min(s.at(from), end)
	}
	return s.shown.Sent[start:end]
}

// repeated is what a final says that repeats the text: the same words that were sent, wherever they differ. Of a reply that
// is not shown to its end it says what was shown.
func (s *stream) repeated(final string) string {
	said, sent := s.earlier()
	rest, ok := strings.CutPrefix(final, said)
	if !ok {
		sent, rest = "", final
	}
	if s.mute {
		return sent + s.shown.Sent[:min(s.at(s.gone), len(s.shown.Sent))]
	}
	return sent + s.likewise(rest)
}

// earlier is what the parts of the reply before this one said, and what was sent for it.
func (s *stream) earlier() (said, sent string) {
	for p := s.before; p != nil; p = p.before {
		said, sent = p.text.String()+said, p.shown.Sent+sent
	}
	return said, sent
}

// likewise changes a text that holds the stream's as the stream's was changed.
func (s *stream) likewise(final string) string {
	text, sent := s.text.String(), s.shown.Sent
	if at := strings.Index(final, text); at >= 0 && text != "" && (at == 0 || strings.Count(final, text) == 1) {
		return final[:at] + sent + final[at+len(text):]
	}
	if final == strings.TrimSpace(text) {
		return strings.TrimSpace(sent)
	}
	var b strings.Builder
	from := 0
	for _, c := range s.cuts {
		old := text[c.from:c.to]
		at := strings.Index(final[from:], old)
		if old == "" || at < 0 {
			continue
		}
		b.WriteString(final[from : from+at])
		b.WriteString(sent[c.sentFrom:c.sentTo])
		from += at + len(old)
	}
	b.WriteString(final[from:])
	return b.String()
}

// said tells whether a text is the stream's.
func (s *stream) said(text string) bool { return s.text.String() == text }

// commonPrefix is how many bytes a and b begin with in common, up to the end of a whole character.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && (n < len(a) && !utf8.RuneStart(a[n]) || n < len(b) && !utf8.RuneStart(b[n])) {
		n--
	}
	return n
}

// commonSuffix is how many bytes a and b end with in common, from the start of a whole character.
func commonSuffix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && !utf8.RuneStart(a[len(a)-n]) {
		n--
	}
	return n
}
