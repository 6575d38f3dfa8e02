package rules

import (
	"maps"
	"slices"
)

// traits are what the program itself knows of a word, whatever the packs say.
type traits uint16

// One bit for each language with packs, in one order.
const (
	stopEnglish traits = 1 << iota // carries no topic: see stopWords
	stopGerman
	stopSpanish
	stopFrench
	factEnglish // begins something that may be a fact: see factWords
	factGerman
	factSpanish
	factFrench
	falseFriend // looks like a slip of another word and is none
)

// ownWords numbers the words that have traits. Every lexicon extends it.
var ownWords, ownTraits = wordsWithTraits()

func wordsWithTraits() (*lexicon, []traits) {
	l, list := &lexicon{}, []traits{0}
	enter := func(words map[string]bool, t traits) {
		for _, w := range slices.Sorted(maps.Keys(words)) {
			n := l.number(w)
			if int(n) == len(list) {
				list = append(list, 0)
			}
			list[n] |= t
		}
	}
	enter(stopsEnglish, stopEnglish)
	enter(stopsGerman, stopGerman)
	enter(stopsSpanish, stopSpanish)
	enter(stopsFrench, stopFrench)
	enter(factsEnglish.firsts(), factEnglish)
	enter(factsGerman.firsts(), factGerman)
	enter(factsSpanish.firsts(), factSpanish)
	enter(factsFrench.firsts(), factFrench)
	enter(falseFriends, falseFriend)
	for _, w := range [...]*factWords{factsEnglish, factsGerman, factsSpanish, factsFrench} {
		w.number(l)
	}
	return l, list
}

// traitsOf returns the traits of a word by its number in any lexicon.
func traitsOf(word uint32) traits {
	if int(word) < len(ownTraits) {
		return ownTraits[word]
	}
	return 0
}
