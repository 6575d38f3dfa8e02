package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cheerWords open a sentence of nothing but cheer.
var cheerWords = map[string]bool{
	"parfait": true, "génial": true, "formidable": true, "chouette": true, "magnifique": true, "merveilleux": true, "fantastique": true,
	"impeccable": true, "nickel": true, "top": true, "très bien": true, "bonne nouvelle": true, "excellente nouvelle": true,
	"bonne question": true, "excellente question": true, "avec plaisir": true, "avec grand plaisir": true, "youpi": true,
	"great": true, "awesome": true, "wonderful": true, "fantastic": true, "perfect": true, "excellent": true,
	"congratulations": true, "congrats": true, "félicitations": true, "glückwunsch": true, "herzlichen glückwunsch": true,
	"amazing": true, "brilliant": true, "yay": true, "woohoo": true, "hooray": true, "super": true, "lovely": true,
	"good news": true, "great news": true, "great question": true, "good question": true,
	"genial": true, "estupendo": true, "fantástico": true, "fantastico": true, "perfecto": true, "excelente": true, "maravilloso": true,
	"fenomenal": true, "bravo": true, "enhorabuena": true, "felicidades": true, "felicitaciones": true, "buenas noticias": true,
	"buena noticia": true, "muy bien": true, "buena pregunta": true, "qué bien": true, "que bien": true,
	"con mucho gusto": true, "me alegro": true, "me alegro mucho": true, "encantado de ayudarle": true, "encantada de ayudarle": true,
	"toll": true, "prima": true, "klasse": true, "spitze": true, "wunderbar": true, "grossartig": true, "perfekt": true, "ausgezeichnet": true,
	"hervorragend": true, "hurra": true, "gern": true, "gerne": true, "sehr gern": true, "sehr gerne": true, "gute nachrichten": true, "gute frage": true,
	"das freut mich": true, "das freut uns": true, "freut mich": true, "super das freut mich": true, "toll das freut mich": true,
	"genial me alegro": true, "super ravi de l'apprendre": true, "glad to hear that": true, "happy to hear that": true,
}

// longestCheer is how many words the longest of them has.
const longestCheer = 4

// cheerEdits takes the cheer out of a reply: exclamation marks become full stops, emoji that only decorate go, and so do sentences of
// nothing but cheer, as long as another one is left. Marks inside words, addresses, code and tags stay. The inverted
// marks of Spanish stay in pairs: "¡" goes with its "!", and what "¿" opens ends with "?".
func cheerEdits(t *Text, text string) []edit {
	var out []edit
	cheer := cheerSentences(t, text)
	if len(cheer) == 0 && t.identity && strings.IndexByte(text, '!') < 0 {
		return nil // no emoji either
	}
	emoji := decoration{speaks: !t.identity && speaksInSmiles(text)}
	code := false
	depth := 0
	var inverted opener
	for i := 0; i < len(text); {
		if len(cheer) > 0 && cheer[0].start <= i {
			if cheer[0].start == i {
				out = append(out, cheer[0])
				i = cheer[0].end
			}
			cheer = cheer[1:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '`':
			code = !code
		case r == '«' && !code && depth == 0 && guillemets(text[i:]) > 0:
			i += guillemets(text[i:]) // somebody's own words
			continue
		case r == '<':
			depth++
		case r == '>' && depth > 0:
			depth--
		case code || depth > 0:
		case r == '¡':
			if !inverted.shout || inverted.end != i {
				inverted.shout, inverted.at, inverted.before = true, i, len(out)
			}
			inverted.end = i + n
		case r == '¿':
			inverted.question = true
		case r == '?':
			inverted.question = false
		case r == '\n':
			inverted = opener{}
		case r == '!':
			end := i
			question := inverted.question || i > 0 && text[i-1] == '?'
			for end < len(text) && (text[end] == '!' || text[end] == '?') {
				question = question || text[end] == '?'
				end++
			}
			if e, ok := calmMark(text, i, end, question); ok {
				out = inverted.close(append(out, e))
			}
			inverted = opener{}
			i = end
			continue
		case isEmoji(r):
			i = emoji.take(text, i, &out)
			continue
		}
		i += n
	}
	return closed(out, text)
}

// closed lets a reply that ends with what is taken out end where that begins, without the spaces before it.
func closed(out []edit, text string) []edit {
	end := len(text)
	for i := len(out) - 1; i >= 0 && out[i].end == end && out[i].with == ""; i-- {
		for end = out[i].start; end > 0 && text[end-1] == ' ' && (i == 0 || out[i-1].end < end); {
			end--
		}
		out[i].start = end
	}
	return out
}

// cheerSentences takes out the sentences of nothing but cheer, with the space behind them.
func cheerSentences(t *Text, text string) []edit {
	var out []edit
	taken := 0
	for i := range t.sentences {
		s := &t.sentences[i]
		if !cheerWords[phraseOf(t, int(s.first), int(s.last))] {
			continue
		}
		where := t.sentenceSpan(i)
		end := where.end
		if i+1 < len(t.sentences) {
			if next := t.sentenceSpan(i + 1).start; end <= next && !strings.ContainsAny(text[end:next], "\n<") {
				end = next
			}
		}
		for end < len(text) && strings.IndexByte(" \t\r\n", text[end]) >= 0 { // but not the mark of a list item
			end++
		}
		if strings.ContainsAny(text[where.start:end], "<>") {
			continue // tags that begin or end in between would be torn
		}
		if where.start > 0 && text[where.start-1] == '>' && strings.HasPrefix(text[where.end:], "<") {
			continue // an element of its own would be left empty
		}
		taken++
		if n := len(out); n > 0 && out[n-1].end == where.start {
			out[n-1].end = end
		} else {
			out = append(out, edit{start: where.start, end: end})
		}
	}
	if taken == len(t.sentences) {
		return nil
	}
	return out
}

// onlyCheer tells whether a reply is nothing but cheer. Nothing is added to it: beside words of ours it would have to go.
func onlyCheer(t *Text) bool {
	for i := range t.sentences {
		if s := &t.sentences[i]; !cheerWords[phraseOf(t, int(s.first), int(s.last))] {
			return false
		}
	}
	return len(t.sentences) > 0
}

// opener is what inverted marks have opened and nothing has closed yet.
type opener struct {
	shout, question bool
	at, end         int // the run of "¡"
	before          int // edits that come before it
}

// close adds the edit that takes a "¡" along with its "!".
func (o *opener) close(out []edit) []edit {
	if !o.shout {
		return out
	}
	return slices.Insert(out, o.before, edit{start: o.at, end: o.end})
}

// phraseOf joins the folded words of tokens [first, last), up to three of them.
func phraseOf(t *Text, first, last int) string {
	if last-first > longestCheer {
		return ""
	}
	var b strings.Builder
	for i := first; i < last; i++ {
		if i > first {
			b.WriteByte(' ')
		}
		b.Write(t.word(i))
	}
	return b.String()
}

// calmMark is the edit for a run of exclamation marks, if it ends a word. The space that French puts before the mark goes
// along, but not before a question mark.
func calmMark(text string, start, end int, question bool) (edit, bool) {
	if end < len(text) && !strings.ContainsRune(" \t\r\n<\"')]}*_", rune(text[end])) && text[end] < utf8.RuneSelf {
		return edit{}, false
	}
	word := strings.TrimRight(text[:start], " \u00a0\u202f")
	last, _ := utf8.DecodeLastRuneInString(word)
	apart := start > len(word)
	if !question && !apart && ownsMark(word, text[end:]) {
		return edit{}, false
	}
	if apart && utf8.RuneCountInString(text[len(word):start]) > 1 || word == "" || last == '\n' {
		return edit{}, false
	}
	switch {
	case apart && strings.ContainsRune("!?.…", last): // "! ! !"
		return edit{start: len(word), end: end}, true
	case apart && !unicode.IsLetter(last) && !unicode.IsNumber(last) && !strings.ContainsRune(")]»”\"*_%€$", last):
		return edit{}, false
	case question && last == '?':
		return edit{start: start, end: end}, true
	case question:
		return edit{start: start, end: end, with: "?"}, true
	case strings.ContainsRune(".:;,…", last):
		return edit{start: start, end: end}, true
	}
	return edit{start: len(word), end: end, with: "."}, true
}

// ownsMark tells whether an exclamation mark belongs to the word before it: to a password or code ("Abc123!", "P@ss!"), to
// a name in the middle of a sentence ("Yahoo! is"), or to a sum ("5! = 120").
func ownsMark(before, behind string) bool {
	word := before[strings.LastIndexAny(before, " \t\n>\u00a0")+1:]
	letters := strings.ContainsFunc(word, unicode.IsLetter)
	if letters && strings.ContainsAny(word, "0123456789@#_!=") {
		return true
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(behind, " "))
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(word, "(\"'“„*"))
	return !letters && strings.HasPrefix(behind, " ") && strings.ContainsRune("=+*/×", next) || unicode.IsUpper(first) && unicode.IsLower(next)
}

// guillemets returns the length of the text in « » that s begins with, 0 when nothing closes it near by.
func guillemets(s string) int {
	at := strings.Index(s[:min(len(s), longestQuote)], "»")
	if at < 0 || strings.Contains(s[:at], "\n") {
		return 0
	}
	return at + len("»")
}
