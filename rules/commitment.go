package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A commitment is what authored text must not do unsaid: apologise, promise, offer. What it says is told from wording
// that binds whoever sends it: "we will refund", but not "I'll look for that". The lists are short and hit real promises
// only; a language without one is not checked.
type commitment struct {
	adds addition
	name string // as in adds
	does string
}

var commitmentsByID = [...]commitment{
	{addsApology, "apology", "apologises"},
	{addsPromise, "promise", "promises something"},
	{addsOffer, "offer", "offers a person"},
}

// commitmentList is the wording of one language, as phrase patterns.
type commitmentList struct{ apologies, promises, offers []string }

// commitmentMatchers finds the commitments in texts, by language. They are built when the first pack is compiled.
var commitmentMatchers = sync.OnceValue(func() map[string]*matcher {
	out := map[string]*matcher{}
	for language, l := range map[string]commitmentList{
		"en": commitmentsEnglish, "de": commitmentsGerman, "es": commitmentsSpanish, "fr": commitmentsFrench,
	} {
		var b matcherBuilder
		for id, list := range [...][]string{l.apologies, l.promises, l.offers} {
			for _, src := range list {
				p, err := parsePhrase(src)
				if err == nil {
					err = b.add(p, id, false)
				}
				if err != nil {
					panic(fmt.Sprintf("rules: commitment %q: %v", src, err))
				}
			}
		}
		out[language] = b.build()
	}
	return out
})

// undeclared returns what a text commits to beyond what is declared, in a fixed order.
func undeclared(locale, text string, declared addition) []commitment {
	m := commitmentMatchers()[mainLanguage(locale)]
	if m == nil {
		return nil
	}
	var found addition
	var t Text
	t.Reset(text)
	m.scan(&t, func(h *hit) { found |= commitmentsByID[h.id].adds })
	if admitsFault(text) {
		found |= addsApology
	}
	var out []commitment
	for _, c := range commitmentsByID {
		if found&^declared&c.adds != 0 {
			out = append(out, c)
		}
	}
	return out
}

// faultWords are ways to admit fault in an apology.
var faultWords = []string{
	"our fault", "my fault", "our mistake", "my mistake", "our error", "we made a mistake", "we got this wrong",
	"we should have", "we failed", "we are responsible", "we're responsible", "we are to blame", "we let you down", "down to us",
	"unser fehler", "mein fehler", "unsere schuld", "meine schuld", "unser versehen", "an uns gelegen", "liegt an uns", "wir sind schuld",
	"culpa nuestra", "nuestra culpa", "error nuestro", "nuestro error", "culpa mía", "mi culpa", "nos hemos equivocado", "es responsabilidad nuestra",
	"notre faute", "notre erreur", "ma faute", "mon erreur", "nous nous sommes trompés", "nous sommes responsables", "de notre fait",
}

func admitsFault(s string) bool {
	s = " " + strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(s, "’", "'"))), " ") + " "
	return slices.ContainsFunc(faultWords, func(w string) bool {
		at := strings.Index(s, " "+w)
		return at >= 0 && !isWordByte(s[at+1+len(w)])
	})
}
