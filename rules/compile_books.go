package rules

import (
	"errors"
	"slices"
	"strings"
)

// A library holds what the tongues of a set share: each pattern of the packs parsed, linked and compiled once, however
// many locales listen to it.
type library struct {
	compiler *phraseCompiler
	books    []*book
	r        *report
}

func newLibrary(l *lexicon, r *report) *library {
	return &library{compiler: newPhraseCompiler(l), r: r}
}

// A book is the lists that a pack may name, and the patterns written in place that may refer to them.
type book struct {
	packs   []*spec
	lists   phraseBook
	inPlace map[string]inPlace
}

type inPlace struct {
	phrase *phrase
	errs   []error
}

// book reads the lists of some packs, those that come first hiding those of the same name behind them. Faults are
// reported once.
func (l *library) book(packs []*spec) *book {
	for _, b := range l.books {
		if slices.Equal(b.packs, packs) {
			return b
		}
	}
	b := &book{packs: packs, lists: phraseBook{}, inPlace: map[string]inPlace{}}
	l.books = append(l.books, b)
	owner := map[string]*listSpec{}
	for _, q := range packs {
		for i := range q.lists {
			list := &q.lists[i]
			if _, hidden := owner[list.name]; hidden {
				continue
			}
			owner[list.name] = list
			for _, n := range list.patterns {
				ph, err := parsePhrase(n.text)
				if err != nil {
					l.r.phraseFault(n, err)
					ph = unreadable() // keeps the indexes right
				}
				b.lists[list.name] = append(b.lists[list.name], ph)
			}
			if len(list.patterns) == 0 {
				l.r.errorf(list.at, "the list %q is empty", list.name)
			}
		}
	}
	for _, err := range b.lists.resolve() {
		var pe *PhraseError
		if errors.As(err, &pe) && owner[pe.List] != nil && pe.Index < len(owner[pe.List].patterns) {
			l.r.phraseFault(owner[pe.List].patterns[pe.Index], err)
			// In its place too: others refer to the phrase, and one without an end must not be followed.
			b.lists[pe.List][pe.Index].root = unreadable().root
		}
	}
	return b
}

// inline reads a pattern written in place.
func (b *book) inline(text string) (*phrase, []error) {
	p, ok := b.inPlace[text]
	if !ok {
		var err error
		if p.phrase, err = parsePhrase(text); err != nil {
			p.errs = []error{err}
		} else {
			p.errs = b.lists.link(p.phrase)
		}
		b.inPlace[text] = p
	}
	return p.phrase, p.errs
}

// isInline tells a pattern written in place from the name of a list.
func isInline(s string) bool {
	return strings.ContainsAny(s, " ()[]<>{}|")
}

// unreadable stands for a phrase that was reported; the set is not built.
func unreadable() *phrase {
	return &phrase{src: "unreadable", root: &node{kind: nodeWord, words: []string{"unreadable"}}}
}

// phraseFault reports a fault of a pattern at its column.
func (r *report) phraseFault(n *yamlNode, err error) {
	var pe *PhraseError
	if !errors.As(err, &pe) {
		r.errorf(n, "%s", err.Error())
		return
	}
	if r.lost[pe.unknown] {
		return
	}
	line, col := n.inside(pe.Col - 1)
	r.add(Error, n.src, line, col, pe.Hint, "%s", pe.Msg)
}
