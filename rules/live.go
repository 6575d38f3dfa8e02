package rules

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Watch follows one reply that comes piece by piece and tells how much of it may leave: all that no rewrite can touch
// any more, whatever follows. It looks at the end of the reply only, so that a piece costs about the same wherever it
// stands. Get one from Set.Watch for each reply; it belongs to one goroutine at a time.
type Watch struct {
	set    *Set
	index  *live
	tongue *tongue
	now    time.Time // when the reply began, for rules that expire
	markup bool
	cheer  bool // some rule takes cheer out
	before bool // something may be said before the reply
	from   int  // the reply is looked at from here on
	start  bool // a sentence begins there
}

// maxLive bounds the unfinished text that is looked at and held, in bytes: far above what a pattern matches.
const maxLive = 1 << 10

// mostCheer is how many sentences a reply may begin with that are nothing but cheer, to be held until another one comes.
const mostCheer = 4

// Watch begins to follow a reply. Nothing is ever live where the mode, the language or the conversation lets no reply be
// reworded. It leaves st as it is.
func (s *Set) Watch(st *State, t *Turn, f *Facts) Watch {
	tongue := s.tongueFor(f.Locale, f.Register)
	w := Watch{set: s, tongue: tongue, now: t.At, markup: f.Syntax == HTML || f.Syntax == SSML, start: true}
	if !f.Mode.tuned() || !tongue.covered || f.Fixed || f.floor() != "bot" || st.d.Crisis {
		return w
	}
	w.index = tongue.sides[sideIndex(Bot)].live
	for _, x := range tongue.rewrites {
		if s.silentRule(&x.head, t.At) || x.mode == modeShadow {
			continue
		}
		w.cheer = w.cheer || x.rewrite.place == placeCheer
		w.before = w.before || x.rewrite.place == placeBefore && (!x.rewrite.heard || st.heardNow(x.hash))
	}
	return w
}

// heardNow tells whether the customer's last words gave a rule something to acknowledge.
func (st *State) heardNow(rule uint32) bool {
	return slices.ContainsFunc(st.d.Heard, func(h heard) bool { return h.Rule == rule && h.Turn == st.d.Turn })
}

// Next is told the reply so far, which begins with what it was told before. What lies before settled may leave: no
// rewrite can touch it, whatever follows. reword tells that some of what settled since the last call matches a rewrite
// now, so that Set.Settle has to be asked for the words to send.
func (w *Watch) Next(reply string) (settled int, reword bool) {
	if w.index == nil || len(reply) > longestReply {
		return len(reply), false
	}
	sc, _ := w.set.pool.Get().(*scratch)
	defer w.set.pool.Put(sc)
	end := len(reply)
	if w.markup {
		end = w.from + tagless(reply[w.from:])
	}
	tail := reply[w.from:end]
	t := sc.text
	t.read(tail, w.markup)
	g := glance{w: w, t: t, live: len(tail), cheerful: -1, threads: &sc.threads}
	if w.before && !(len(t.sentences) > 1 && g.closed(0)) {
		g.hold(0)
	}
	if w.before && g.live > 0 {
		w.before, g.reword = false, true
	}
	if w.cheer {
		g.signs(tail)
	}
	for s := range t.sentences {
		g.sentence(s, s > 0 || w.start)
	}
	if g.cheerful >= 0 && !g.plain && len(t.sentences) <= mostCheer {
		g.hold(g.cheerful)
	}
	g.gap(tail)
	if len(tail)-g.live > maxLive {
		g.live = len(tail)
	}
	settled = w.from + g.live
	w.move(t, len(tail), g.live)
	return settled, g.reword
}

// Left tells that the first n bytes have left, settled or not: the sentence that they end in is not reworded as a whole.
func (w *Watch) Left(n int) {
	if n > w.from {
		w.from, w.start, w.before = n, false, false
	}
}

// tagless is how much of a text with markup can be read: up to a tag that is not whole yet.
func tagless(s string) int {
	if at := strings.LastIndexByte(s, '<'); at >= 0 && strings.IndexByte(s[at:], '>') < 0 && len(s)-at < maxLive {
		return at
	}
	return len(s)
}

// move chooses where to look from next time: from what is live, else from the last word, which may not be whole yet.
func (w *Watch) move(t *Text, end, live int) {
	from := min(live, t.behind(len(t.tokens)-2))
	if end-from > maxLive {
		from = end // a word without end, or no word at all
	}
	for s := range t.sentences {
		x := &t.sentences[s]
		if x.last > x.first && t.behind(int(x.last)-1) > from {
			w.start = t.behind(int(x.first)-1) <= from && t.tokenSpan(int(x.first), int(x.first)+1).start >= from && (s > 0 || w.start)
			break
		}
	}
	w.from += from
}

// behind is where the text behind a token begins, in raw bytes; 0 for the one before the first.
func (t *Text) behind(token int) int {
	if token < 0 {
		return 0
	}
	return t.tokenSpan(token, token+1).end
}

// glance is one look at the end of a reply.
type glance struct {
	w      *Watch
	t      *Text
	live   int // raw byte of the tail from which on it may be touched
	reword bool

	cheerful int  // where cheer was found, -1: nowhere
	plain    bool // a sentence without cheer is over behind it
	threads  *threads
}

func (g *glance) hold(at int) { g.live = min(g.live, at) }

// closed tells whether sentence s is surely over, whatever follows: the next one has begun, and what stands between
// them cannot turn out to be a number's point or an abbreviation's.
func (g *glance) closed(s int) bool {
	t := g.t
	if s+1 >= len(t.sentences) || t.sentences[s+1].first >= t.sentences[s+1].last {
		return false
	}
	next := int(t.sentences[s+1].first)
	if next == 0 {
		return true
	}
	k := &t.tokens[next-1]
	gap := t.plain[k.end:t.tokens[next].start]
	mark := bytes.IndexFunc(gap, isEndMark)
	if mark < 0 || bytes.IndexByte(gap, '\n') >= 0 || gap[mark] != '.' || markRun(gap[mark:]) > 1 {
		return true
	}
	w := t.word(next - 1)
	if k.kind&(kindDigit|kindAddress) == 0 && utf8.RuneCount(w) > 1 && !abbreviations[string(w)] && !numberAbbreviations[string(w)] {
		return true
	}
	return g.whole(next)
}

// whole tells whether a token cannot grow any more.
func (g *glance) whole(token int) bool {
	if token+1 < len(g.t.tokens) {
		return true
	}
	r, n := utf8.DecodeRune(g.t.plain[g.t.tokens[token].end:])
	return n > 0 && (unicode.IsSpace(r) || strings.ContainsRune(",;!?)\"”»…|", r))
}

// sentence looks at one sentence. begins tells that its beginning is in the tail.
func (g *glance) sentence(s int, begins bool) {
	t := g.t
	first, last := int(t.sentences[s].first), int(t.sentences[s].last)
	if first == last {
		return
	}
	p := pursuit{l: g.w.index, w: g.w, t: t, first: first, last: last, open: !g.closed(s), threads: g.threads}
	p.growing = p.open && last == len(t.tokens) && !g.whole(last-1)
	start := 0 // the space before a sentence goes with it
	if s > 0 {
		start = t.sentenceSpan(s - 1).end
	}
	if begins && (p.from(liveWhole, first) || p.freely()) {
		g.hold(start)
	}
	for i := first; i < last; i++ {
		if p.from(liveAnywhere, i) {
			at := start
			if i > first || !begins {
				at = t.behind(i - 1)
			}
			g.hold(at)
			break
		}
	}
	if at := p.expressions(s); at >= 0 {
		g.hold(at)
	}
	if begins && g.w.cheer {
		switch p.cheerful() {
		case isAlive:
			g.hold(start)
		case isMatch:
			g.cheered(start)
			return
		}
	}
	for _, e := range t.emoji {
		if g.w.index.emoji[e.r] && e.at >= t.sentences[s].start && e.at < t.sentences[s].end {
			p.matched = true
			if p.open {
				g.hold(t.rawSpan(e.at, e.at+1).start)
			}
		}
	}
	g.reword = g.reword || p.matched && !p.open
	g.plain = g.plain || g.cheerful >= 0 && start >= g.cheerful && !p.open
}

// cheered notes cheer that may be out of place: what comes next may be bad news. It waits for the next sentence.
func (g *glance) cheered(at int) {
	if g.reword = true; g.cheerful < 0 || at < g.cheerful {
		g.cheerful = at
	}
}

// gap holds signs behind the last word that belong to what comes next: an opening bracket, the mark of a list item, a
// comma that goes with the words behind it.
func (g *glance) gap(tail string) {
	from := g.t.behind(len(g.t.tokens) - 1)
	gap := []byte(tail[from:])
	at := max(0, bytes.IndexFunc(gap, isEndMark))
	if at > 0 || len(gap) > 0 && markRun(gap) > 0 {
		at += markRun(gap[at:])
		at += closers(gap[at:])
	}
	rest := bytes.TrimLeftFunc(gap[at:], unicode.IsSpace)
	if len(rest) > 0 && len(rest) < maxLive {
		g.hold(from + at)
	}
}

// signs looks for the cheer that stands in signs: exclamation marks, emoji. One at the very end may go on.
func (g *glance) signs(tail string) {
	opened := -1
	for i := 0; i < len(tail); {
		r, n := utf8.DecodeRuneInString(tail[i:])
		end := i + n
		switch {
		case r == '¡':
			opened = i
		case r == '!' || isEmoji(r):
			for end < len(tail) {
				next, size := utf8.DecodeRuneInString(tail[end:])
				if next != '!' && next != '?' && !isEmoji(next) && next != 0x200D && next != 0xFE0F {
					break
				}
				end += size
			}
			opened, g.reword = -1, true
			if r != '!' {
				g.cheered(len(strings.TrimRight(tail[:i], " ")))
			}
			if at := len(strings.TrimRight(tail[:i], " \u00a0\u202f")); strings.TrimSpace(tail[end:]) == "" {
				g.hold(at)
				return
			}
		}
		i = end
	}
	if opened >= 0 {
		g.hold(opened)
	}
}
