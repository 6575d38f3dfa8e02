package rules

import (
	"bytes"
	"strings"
)

// questioning is how a language asks for a yes or no.
type questioning struct {
	verbs    map[string]bool // at the head of a question that a yes answers
	behind   map[string]bool // behind a verb and a hyphen anywhere in it ("la porte est-elle fermée ?")
	what     map[string]bool // in a question that wants more than a yes
	requests map[string]bool // in a question that wants something done: "could you rephrase?"
	yes, no  string
	or       string
}

var questions = map[string]*questioning{
	"en": {
		verbs: wordSet(`is isn't are aren't am was wasn't were weren't do don't does doesn't did didn't have haven't has hasn't had can can't
			could couldn't will won't would wouldn't shall should`),
		what: wordSet(`what what's which who who's whom whose when where where's why how`),
		requests: wordSet(`rephrase reword repeat reformulate tell give provide share send describe specify enter try clarify explain say type
			write name choose select`),
		yes: "yes", no: "no", or: "or",
	},
	"de": {
		verbs: wordSet(`ist sind war waren bin hat haben hatte hatten habe hast habt bist kann kannst können könnt könnten könntest soll sollen
			sollte will willst wollen darf dürfen wird werden wurde wurden würde würden gibt geht läuft funktioniert leuchtet blinkt stimmt
			passt liegt steht sehen siehst hören`),
		what: wordSet(`was wer wen wem wessen wie wieviel wieviele wo wann warum wieso weshalb weswegen wohin woher womit wofür wozu woran
			worum worüber wodurch welche welcher welches welchen welchem`),
		requests: wordSet(`formulieren umformulieren wiederholen sagen nennen geben angeben eingeben mitteilen schicken senden beschreiben erklären
			erläutern präzisieren stellen schreiben versuchen wählen auswählen`),
		yes: "ja", no: "nein", or: "oder",
	},
	"es": {
		verbs: wordSet(`es son era está están estaba ha has han hay fue fueron puede puedes pueden podría podrías ve ves sigue funciona aparece
			llega sale sabe sabes`),
		what: wordSet(`qué cuál cuáles cuándo dónde adónde cómo quién quiénes cuánto cuánta cuántos cuántas`),
		requests: wordSet(`reformular reformularla reformularlo repetir repetirlo repetirla decir decirme decirlo indicar indicarme dar darme
			explicar explicarme facilitar facilitarme proporcionar proporcionarme escribir escribirlo concretar aclarar contarme enviar enviarme
			elegir seleccionar intentar`),
		yes: "sí", no: "no", or: "o",
	},
	"fr": {
		behind: wordSet(`ce il elle ils elles vous tu`),
		what:   wordSet(`quel quelle quels quelles quoi où quand comment combien pourquoi lequel laquelle lesquels lesquelles`),
		requests: wordSet(`reformuler répéter préciser dire donner indiquer fournir expliquer décrire saisir écrire envoyer choisir sélectionner
			essayer`),
		yes: "oui", no: "non", or: "ou",
	},
}

// takesYes tells whether what is sent of the reply at hand puts a question that a yes or no would answer. No other
// question of that kind stands beside it: what the customer says to the bot must not be taken for an answer to Attune.
// "Anything else?" does not count: the offer beside it is what is answered.
func (m *moment) takesYes(sent string) bool {
	o := &m.sc.obs
	if o.flags&pastMore != 0 {
		return false
	}
	t, q := o.text, questions[mainLanguage(m.tongue.locale)]
	wish := o.cues.has(cueWish) || o.cues.has(cueConfirm)
	for i, s := range t.sentences {
		puts := s.asks(t) && (wish || q != nil && q.asksYes(t, s)) || q != nil && q.namesBoth(t, s)
		if where := t.sentenceSpan(i); puts && strings.Contains(sent, t.raw[where.start:where.end]) {
			return true
		}
	}
	return false
}

// asksYes tells whether a question begins, or goes on behind a comma, with a verb that asks for a yes or no.
func (q *questioning) asksYes(t *Text, s sentence) bool {
	asks := false
	for i := int(s.first); i < int(s.last); i++ {
		w := string(t.word(i))
		if q.what[w] || q.requests[w] {
			return false
		}
		var before []byte
		if i > int(s.first) {
			before = t.plain[t.tokens[i-1].end:t.tokens[i].start]
		}
		head := i == int(s.first) || bytes.IndexByte(before, ',') >= 0
		asks = asks || head && q.verbs[w] || q.behind[w] && string(before) == "-"
	}
	return asks
}

// namesBoth tells whether a sentence asks for a yes or a no in so many words ("yes or no", "yes/no").
func (q *questioning) namesBoth(t *Text, s sentence) bool {
	for i := int(s.first); i+1 < int(s.last); i++ {
		if string(t.word(i)) != q.yes {
			continue
		}
		next := i + 1
		if string(t.word(next)) == q.or && next+1 < int(s.last) {
			next++
		}
		if string(t.word(next)) == q.no {
			return true
		}
	}
	return false
}
