package rules

import "strings"

// factWords are the words of one language that are facts by themselves.
//
// Some words are too common to lock wherever they stand, for most of what a bot says would become a fact:
//
//   - "from", "to", "under", "over", "about", "since" and their like are facts only before a number, date or day, where
//     they make a limit of it ("from 9 to 5");
//   - "a" is a fact only before a unit of time or measure ("a week"), where it counts;
//   - "when", "while", "once", "first" must stay where they are, but authored text may have them of its own;
//   - turns of speech ("by the way", "once again", "while I look", a menu's "invalid option") say nothing of the case;
//   - "all", "any", "some", "still", "already", "in", "on", "at", "for" and the articles are never facts.
type factWords struct {
	single   map[string]factWord
	pairs    map[string][]factPair // by first word
	spans    map[string]bool       // "week": what "next" makes a date of
	pointing map[string]bool       // "that": makes "one" a pronoun; in German, makes what follows a noun
	stop     traits                // function words, which are no names however they are written
	never    map[string]bool       // more words that are no names
	idioms   map[string][]string   // by first word: the words behind it with which it is a turn of speech and no fact
	counts   map[string]bool       // "a" of "a week", which counts as "one" does
	nouns    bool                  // every noun is capitalised
	negates  bool                  // its negations are known: without them no sentence may be replaced
	begins   []*factEntry          // by number of the word among ownWords: what begins with it, nil for most
}

// factEntry is all that begins with one word.
type factEntry struct {
	single *factWord // nil: it is no fact by itself
	pairs  []factPair
	idioms [][]string // the words behind it
}

// factWord is what one word stands for.
type factWord struct {
	kind  factKind
	key   string // the word all of its forms count as; "" for itself
	modal string // a modal verb it holds as well
	only  factOnly
	mild  bool // authored text may bring it along: see fact.mild
}

type factPair struct {
	second string
	kind   factKind
	mild   bool
}

// factOnly is when a word with two readings is a fact.
type factOnly uint8

const (
	always factOnly = iota
	onlyMonth
	onlyAfterNumber
	onlyBeforeTime
	onlyCounting
	onlyAfterNe
	onlyBeforeFigure
)

// at is what begins with a word, by its number in any lexicon; nil when nothing does.
func (w *factWords) at(word uint32) *factEntry {
	if int(word) < len(w.begins) {
		return w.begins[word]
	}
	return nil
}

// number makes the index by the numbers of words.
func (w *factWords) number(l *lexicon) {
	w.begins = make([]*factEntry, len(l.words)+1)
	for first := range w.firsts() {
		e := &factEntry{pairs: w.pairs[first]}
		if f, ok := w.single[first]; ok {
			e.single = &f
		}
		for _, rest := range w.idioms[first] {
			e.idioms = append(e.idioms, strings.Fields(rest))
		}
		w.begins[l.number(first)] = e
	}
}

// pair looks up a second word that makes one fact with the first ("up to").
func (e *factEntry) pair(second []byte) (factPair, bool) {
	for _, p := range e.pairs {
		if p.second == string(second) {
			return p, true
		}
	}
	return factPair{}, false
}

// factWordsOf returns the words of a locale. Where there are none the lock still holds figures, names, addresses, code
// and quoted text, but cannot tell a negation, so no sentence is replaced there.
func factWordsOf(locale string) *factWords {
	switch mainLanguage(locale) {
	case "", "en":
		return factsEnglish
	case "de":
		return factsGerman
	case "es":
		return factsSpanish
	case "fr":
		return factsFrench
	}
	return factsElsewhere
}

var factsElsewhere = factList{}.build()

// idiom returns how many words behind the first belong to a turn of speech that begins with it, 0 when there is none.
func (e *factEntry) idiom(word func(i int) []byte) int {
next:
	for _, rest := range e.idioms {
		for i, s := range rest {
			if string(word(i+1)) != s {
				continue next
			}
		}
		return len(rest)
	}
	return 0
}

// factList is the source of a factWords: lists of words separated by spaces, pairs by commas.
type factList struct {
	numbers, counting, months, monthOrVerb, days, dayParts, nextWords, spans, units string
	conditions, negations, modals                                                   string
	conditionPairs, dayPairs, modalPairs                                            string
	mildConditions, mildNumbers, mildPairs                                          string            // see fact.mild
	limits                                                                          string            // conditions only before a figure
	counts                                                                          string            // what counts a unit as "one" does
	negated, negatedEndings, not                                                    string            // adjectives that hold a "not"
	contracted                                                                      map[string]string // negated word -> modal in it
	onlyAfterNe                                                                     string
	idioms                                                                          string // separated by commas
	pointing, never                                                                 string
	stop                                                                            traits
	nouns                                                                           bool
}

func (l factList) build() *factWords {
	w := &factWords{
		single: map[string]factWord{}, pairs: map[string][]factPair{}, spans: wordSet(l.spans), pointing: wordSet(l.pointing),
		never: wordSet(l.never), nouns: l.nouns, stop: l.stop, idioms: map[string][]string{}, counts: wordSet(l.counts), negates: l.negations != "",
	}
	enter := func(list string, f factWord) {
		for _, s := range strings.Fields(list) {
			w.single[s] = f
		}
	}
	enter(l.units, factWord{kind: factTime, only: onlyAfterNumber})
	enter(l.nextWords, factWord{kind: factDay, only: onlyBeforeTime})
	enter(l.limits, factWord{kind: factCondition, only: onlyBeforeFigure})
	enter(l.numbers, factWord{kind: factNumber})
	enter(l.mildNumbers, factWord{kind: factNumber, mild: true})
	enter(l.counting, factWord{kind: factNumber, only: onlyCounting})
	enter(l.months, factWord{kind: factDate})
	enter(l.days+" "+l.dayParts, factWord{kind: factDay})
	enter(l.conditions, factWord{kind: factCondition})
	enter(l.mildConditions, factWord{kind: factCondition, mild: true})
	for _, s := range strings.Fields(l.modals) {
		w.single[s] = factWord{kind: factModal, modal: s}
	}
	for _, s := range strings.Fields(l.monthOrVerb) {
		f := w.single[s]
		w.single[s] = factWord{kind: factDate, modal: f.modal, only: onlyMonth}
	}
	enter(l.negations, factWord{kind: factNegation})
	enter(l.onlyAfterNe, factWord{kind: factNegation, only: onlyAfterNe})
	for _, stem := range strings.Fields(l.negated) {
		w.single[stem] = factWord{kind: factNegation, key: l.not}
		for _, ending := range strings.Fields(l.negatedEndings) {
			w.single[stem+ending] = factWord{kind: factNegation, key: l.not}
		}
	}
	for word, modal := range l.contracted {
		f := factWord{kind: factNegation, key: "not", modal: modal}
		w.single[word] = f
		w.single[strings.ReplaceAll(word, "'", "")] = f
	}
	for s := range strings.SplitSeq(l.idioms, ",") {
		if first, rest, ok := strings.Cut(strings.TrimSpace(s), " "); ok {
			w.idioms[first] = append(w.idioms[first], rest)
		}
	}
	for _, list := range []struct {
		pairs string
		kind  factKind
		mild  bool
	}{{l.conditionPairs, factCondition, false}, {l.mildPairs, factCondition, true}, {l.dayPairs, factDay, false}, {l.modalPairs, factModal, false}} {
		for _, p := range strings.Split(list.pairs, ",") {
			if first, second, ok := strings.Cut(strings.TrimSpace(p), " "); ok {
				w.pairs[first] = append(w.pairs[first], factPair{second, list.kind, list.mild})
			}
		}
	}
	return w
}

// firsts are the words that a fact, or a turn of speech that is none, may begin with.
func (w *factWords) firsts() map[string]bool {
	out := map[string]bool{}
	for word := range w.single {
		out[word] = true
	}
	for word := range w.pairs {
		out[word] = true
	}
	for word := range w.idioms {
		out[word] = true
	}
	return out
}
