package rules

import (
	"strings"
	"unicode/utf8"
)

// A factLock decides whether a rewritten reply may be sent: every fact of the original must stand in it, in the same
// order, and it may bring along only what is its own. On any doubt it says no. The zero value is ready; it keeps its
// memory and belongs to one goroutine at a time.
type factLock struct {
	original, sent factReader
	locale         string
	markup         bool
	facts          []fact // of the original, from its bytes
}

// open takes the facts of the original, which is not asked about again. It may be checked against several rewrites.
func (l *factLock) open(locale string, original *Text, markup bool) {
	l.openFacts(locale, l.original.of(original, locale, markup), markup)
}

// openFacts is open for an original whose facts are known.
func (l *factLock) openFacts(locale string, facts []fact, markup bool) {
	l.locale, l.markup, l.facts = locale, markup, facts
}

// check reports whether sent keeps the facts of the original, and if not the kind of the first that is missing or not
// allowed. own are the facts that the rule may bring along: those it declares, and those of what fills its slots from
// elsewhere. Beyond own, modal verbs and quoted words may be added, and what the original says anyway may be said
// again, but for negations and conditions. A nil own (not an empty one) means that additions were checked when the
// rule was loaded and are not looked at again.
func (l *factLock) check(sent *Text, own []fact) (ok bool, by string) {
	return l.holds(l.sent.of(sent, l.locale, l.markup), own)
}

// holds is check for a reply whose facts are known.
func (l *factLock) holds(got, own []fact) (ok bool, by string) {
	j := 0
	for i := range l.facts {
		f := &l.facts[i]
		if f.weak {
			continue
		}
		for {
			if j == len(got) {
				return false, f.kind.String()
			}
			g := &got[j]
			j++
			if g.same(f) {
				break
			}
			if !l.may(g, own) {
				return false, g.kind.String()
			}
		}
	}
	for ; j < len(got); j++ {
		if g := &got[j]; !l.may(g, own) {
			return false, g.kind.String()
		}
	}
	return true, ""
}

// may reports whether sent may hold g beyond the facts of the original.
func (l *factLock) may(g *fact, own []fact) bool {
	if own == nil || g.free() || holdsFact(own, g) {
		return true
	}
	return g.kind != factNegation && g.kind != factCondition && holdsFact(l.facts, g)
}

// free reports whether authored text may bring f without saying so.
func (f *fact) free() bool { return f.weak || f.quoted || f.mild || f.kind == factModal }

func holdsFact(list []fact, f *fact) bool {
	for i := range list {
		if list[i].same(f) {
			return true
		}
	}
	return false
}

// lock reports whether sent, a plain text, keeps the facts of original; see factLock.check. It allocates: where replies
// are judged one after another, a factLock is kept.
func lock(locale, original, sent string, own []fact) (ok bool, by string) {
	var l factLock
	var before, after Text
	before.Reset(original)
	after.Reset(sent)
	l.open(locale, &before, false)
	return l.check(&after, own)
}

// brings returns the facts that authored text brings along and that `adds: [fact]` must declare: all but modal verbs,
// quoted words, and those that whatever was matched held for sure. Slots are left out of text before. Two "not" need
// two in what was matched.
func brings(locale, text string, sure []fact) []fact {
	rest := append([]fact(nil), sure...)
	var out []fact
next:
	for _, f := range factsOf(locale, text) {
		if f.free() {
			continue
		}
		for i := range rest {
			if rest[i].same(&f) {
				rest = append(rest[:i], rest[i+1:]...)
				continue next
			}
		}
		out = append(out, f)
	}
	return out
}

// sureFacts returns the facts that every text matched by p holds outside its captures: a rewrite that says "can't"
// where the pattern had "can't" or "cannot" brings no negation of its own.
func (p *phrase) sureFacts(locale string) []fact {
	return sureOf(p.root, locale)
}

func sureOf(n *node, locale string) []fact {
	var out []fact
	switch n.kind {
	case nodeWord:
		out = sureOfWords([]*node{n}, locale)
	case nodeSequence:
		unsure := 0     // kids that may belong to a turn of speech, which is no fact
		var run []*node // words that stand side by side: "up to" is one fact
		for i, k := range n.kids {
			unsure = max(unsure, factWordsOf(locale).idiomOf(k, n.kids[i+1:]))
			unsure--
			if unsure < 0 && k.kind == nodeWord {
				run = append(run, k)
				continue
			}
			out, run = append(out, sureOfWords(run, locale)...), nil
			if unsure < 0 {
				out = append(out, sureOf(k, locale)...)
			}
		}
		out = append(out, sureOfWords(run, locale)...)
	case nodeChoice:
		for i, k := range n.kids {
			if f := sureOf(k, locale); i == 0 {
				out = f
			} else {
				out = commonFacts(out, f)
			}
		}
	case nodeList:
		for i, p := range n.target {
			if f := sureOf(p.root, locale); i == 0 {
				out = f
			} else {
				out = commonFacts(out, f)
			}
		}
	}
	return out
}

// sureOfWords returns the facts of words that follow one another, whichever of its forms each takes. What they say only
// together ("up to") is weak: beside what a capture holds it may be read otherwise, so nobody is told that it is missing.
func sureOfWords(words []*node, locale string) []fact {
	var out []fact
	forms := 0
	for _, w := range words {
		forms = max(forms, len(w.words))
		var own []fact
		for i, form := range w.words {
			if f := factsOf(locale, form); i == 0 {
				own = f
			} else {
				own = commonFacts(own, f)
			}
		}
		out = append(out, own...)
	}
	if len(words) < 2 {
		return out
	}
	var together []fact
	for form := range forms {
		var said strings.Builder
		for _, w := range words {
			if len(w.words) > 0 {
				said.WriteString(w.words[min(form, len(w.words)-1)] + " ")
			}
		}
		if f := factsOf(locale, said.String()); form == 0 {
			together = f
		} else {
			together = commonFacts(together, f)
		}
	}
	for _, f := range together {
		if !holdsFact(out, &f) {
			f.weak = true
			out = append(out, f)
		}
	}
	return out
}

func commonFacts(a, b []fact) []fact {
	var out []fact
	for i := range a {
		if holdsFact(b, &a[i]) {
			out = append(out, a[i])
		}
	}
	return out
}

// Bounds of how much longer a reply may become. Speech is counted at 16 characters a second, some 190 words a minute,
// the default rate of the usual voices.
const (
	growthFactor = 1.5
	growthChars  = 160
	growthVoice  = 40 // two and a half seconds
)

// growsTooMuch reports whether sent is longer than a rewrite of original may be: the larger of 1.5 times and 160
// characters more; spoken, two and a half seconds more.
func growsTooMuch(original, sent string, voice bool) bool {
	if !voice && len(sent) <= growthChars {
		return false
	}
	before, after := utf8.RuneCountInString(original), utf8.RuneCountInString(sent)
	if voice {
		return after > before+growthVoice
	}
	return float64(after) > max(growthFactor*float64(before), float64(before+growthChars))
}
