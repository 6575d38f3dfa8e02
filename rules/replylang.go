package rules

import (
	"unicode"
	"unicode/utf8"
)

// knownLanguages are those whose small words are known, in the order of their traits.
var knownLanguages = [...]string{"en", "de", "es", "fr"}

// otherLanguage tells whether the reply is surely not in the language of the conversation: its small words speak for
// another one, or it is written in another script. Then no pack covers it.
func (m *moment) otherLanguage() bool {
	if m.sc.known != nil {
		return m.sc.known.foreign
	}
	return otherLanguage(m.sc.text, mainLanguage(m.facts.locale()))
}

func otherLanguage(t *Text, own string) bool {
	if !t.identity { // what is ASCII is Latin
		if script := foreignScript(t.raw); script != latin {
			return !writtenIn(own, script)
		}
	}
	var counts [len(knownLanguages)]int
	words := 0
	for i := range t.tokens {
		if t.tokens[i].kind&kindLetter == 0 || t.tokens[i].kind&kindAddress != 0 {
			continue
		}
		words++
		of := traitsOf(t.ids[i].first)
		for k := range counts { // without a branch: how words alternate between languages cannot be guessed
			counts[k] += int(of >> k & 1)
		}
	}
	best, mine, known := 0, 0, false
	for k, l := range knownLanguages {
		if l == own {
			mine, known = counts[k], true
		} else {
			best = max(best, counts[k])
		}
	}
	// Names and borrowed words make single hits; two more than the own language, in a third of the words, do not
	// come about by chance.
	return known && best >= mine+2 && 3*best >= words
}

type script uint8

const (
	latin script = iota
	cyrillic
	greek
	arabic
	hebrew
	asian
	otherScript
)

// foreignScript returns the script that most letters of a text are in.
func foreignScript(s string) script {
	letters, foreign := 0, [otherScript + 1]int{}
	for _, r := range s {
		if r < utf8.RuneSelf {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				letters++
			}
			continue
		}
		if r < 0x250 || !unicode.IsLetter(r) {
			continue
		}
		foreign[scriptOfLetter(r)]++
	}
	for sc := cyrillic; sc <= otherScript; sc++ {
		if foreign[sc] > letters {
			return sc
		}
	}
	return latin
}

func scriptOfLetter(r rune) script {
	switch {
	case unicode.Is(unicode.Latin, r):
		return latin
	case unicode.Is(unicode.Cyrillic, r):
		return cyrillic
	case unicode.Is(unicode.Greek, r):
		return greek
	case unicode.Is(unicode.Arabic, r):
		return arabic
	case unicode.Is(unicode.Hebrew, r):
		return hebrew
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return asian
	}
	return otherScript
}

// writtenIn tells whether a language is written in a script. Languages that are not listed are taken at their word.
func writtenIn(lang string, s script) bool {
	switch lang {
	case "ru", "uk", "bg", "sr", "be", "mk", "kk":
		return s == cyrillic
	case "el":
		return s == greek
	case "ar", "fa", "ur":
		return s == arabic
	case "he", "yi":
		return s == hebrew
	case "zh", "ja", "ko", "yue":
		return s == asian
	case "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "ca", "ga":
		return false
	}
	return true
}
