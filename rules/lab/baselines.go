package lab

import (
	"strings"
	"unicode"
)

// The keyword baseline is what most bots have: a list of words that upset or determined people use. A detector that
// does not beat it is not worth its rules. It is English, and it is not tuned to anything.
var keywordLists = []string{
	// Profanity.
	"damn, damned, goddamn, crap, crappy, shit, shitty, bullshit, fuck, fucking, fucked, wtf, hell, bitch, bastard, ass, asshole, idiot, idiots, moron, stupid, dumb",
	// Words of frustration.
	"angry, furious, mad, annoyed, annoying, frustrated, frustrating, frustration, upset, unhappy, disappointed, disappointing, dissatisfied, unacceptable, ridiculous, absurd, terrible, horrible, awful, worst, useless, pathetic, garbage, disgusting, disgusted, hate, sucks, joke, fed up, sick of, tired of, had enough, waste of time, not helpful, unhelpful, does not work, doesn't work, not working",
	// Asking for a person.
	"human, real person, live agent, live person, representative, supervisor, manager, operator, speak to someone, talk to someone, speak to a person, talk to a person",
}

// keywords maps the first word of each entry to what must follow; "" is the word alone.
var keywords = func() map[string][]string {
	m := map[string][]string{}
	for _, list := range keywordLists {
		for entry := range strings.SplitSeq(list, ", ") {
			first, rest, _ := strings.Cut(entry, " ")
			m[first] = append(m[first], rest)
		}
	}
	return m
}()

// hasKeyword tells whether the keyword baseline would raise the alarm.
func hasKeyword(text string) bool {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	for text != "" {
		start := strings.IndexFunc(text, isLetter)
		if start < 0 {
			return false
		}
		text = text[start:]
		end := strings.IndexFunc(text, isNoWord)
		if end < 0 {
			end = len(text)
		}
		word := strings.TrimRight(text[:end], "'")
		rest := text[len(word):]
		for _, more := range keywords[word] {
			if more == "" {
				return true
			}
			if after, ok := strings.CutPrefix(rest, " "+more); ok && (after == "" || strings.IndexFunc(after, isNoWord) == 0) {
				return true
			}
		}
		text = rest
	}
	return false
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
func isNoWord(r rune) bool { return !isLetter(r) && r != '\'' }
