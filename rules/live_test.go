package rules

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// shippedSet is the shipped packs, compiled once.
var shippedSet = sync.OnceValue(func() *Set {
	names, err := filepath.Glob("packs/*.yaml")
	if err != nil {
		panic(err)
	}
	var files []File
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		files = append(files, File{Name: filepath.Base(name), Data: data})
	}
	set, found := Compile(files)
	if set == nil {
		panic(found)
	}
	return set
})

// streamed judges a reply as it comes in pieces: what has settled leaves, the rest at its end. It returns what the
// customer sees, and what had left before the end.
func streamed(set *Set, st *State, f Facts, pieces []string, j *Judgement) (sent string, early int) {
	turn := Turn{Role: Bot}
	w := set.Watch(st, &turn, &f)
	var shown Shown
	for _, p := range pieces {
		turn.Text += p
		settled, reword := w.Next(turn.Text)
		switch {
		case settled <= shown.From:
		case reword:
			set.Settle(st, &turn, &f, &shown, settled)
		default:
			shown.Pass(turn.Text[shown.From:settled], settled-shown.From)
		}
	}
	if shown.From > 0 {
		f.Shown = &shown
	}
	set.Judge(st, &turn, &f, j)
	return j.Sent, shown.From
}

// inRunes cuts a text after every n characters, but not behind a space: one that has left is not taken back.
func inRunes(text string, n int) []string {
	var out []string
	for len(text) > 0 {
		end := 0
		for k := 0; end < len(text) && (k < n || text[end-1] == ' '); k++ {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		out = append(out, text[:end])
		text = text[end:]
	}
	return out
}

// inWords cuts a text as language models do: a word with the space before it.
func inWords(text string) []string {
	var out []string
	for len(text) > 0 {
		end := 1 + strings.IndexAny(text[1:], " \n")
		if end == 0 {
			end = len(text)
		}
		out = append(out, text[:end])
		text = text[end:]
	}
	return out
}

// exampleCase is one reply of an example, in its conversation.
type exampleCase struct {
	rule  *rewriteSpec
	in    string
	facts Facts
	state State
	whole string // what Judge makes of it
}

// exampleCases lists the replies of the shipped rewrites' examples, each with all rules in force.
func exampleCases(t testing.TB) []exampleCase {
	set := shippedSet()
	var out []exampleCase
	for _, p := range set.specs {
		for _, x := range p.rewrites {
			if x.examples == nil {
				continue
			}
			for _, e := range x.examples.list {
				c := &checker{set: set, sc: newScratch(set.lexicon)}
				w := defaultWorld(p.locale, p.register)
				for _, g := range e.given {
					for _, s := range g.set {
						s(&w)
					}
				}
				ec := exampleCase{rule: x, in: e.in}
				c.play(&ec.state, &w, e.before, nil, "", 0, nil)
				ec.facts = *w.judged()
				var j Judgement
				set.Judge(ec.state.Clone(), &Turn{Role: Bot, Text: e.in}, &ec.facts, &j)
				ec.whole = j.Sent
				out = append(out, ec)
			}
		}
	}
	if len(out) < 500 {
		t.Fatalf("only %d examples", len(out))
	}
	return out
}

func TestStreamedExamplesAreRewordedAsWholeOnes(t *testing.T) {
	set := shippedSet()
	for _, c := range exampleCases(t) {
		for name, pieces := range map[string][]string{"runes": inRunes(c.in, 1), "words": inWords(c.in), "three": inRunes(c.in, 3)} {
			var j Judgement
			if sent, early := streamed(set, c.state.Clone(), c.facts, pieces, &j); sent != c.whole {
				t.Errorf("%s, %s: %q after %d bytes had left\n sent %q\nwhole %q", c.rule.id, name, c.in, early, sent, c.whole)
			}
		}
	}
}

// Every byte that a rewrite changes is live until its sentence ends.
func TestNothingThatIsRewordedLeavesBefore(t *testing.T) {
	set := shippedSet()
	for _, c := range exampleCases(t) {
		if c.whole == c.in {
			continue
		}
		first := commonStart(c.in, c.whole)
		first += len(c.in[first:]) - len(strings.TrimLeft(c.in[first:], " "))
		var text Text
		text.Reset(c.in)
		end := len(c.in)
		for s := range text.sentences {
			if span := text.sentenceSpan(s); span.end > first {
				end = span.end
				break
			}
		}
		turn := Turn{Role: Bot}
		w := set.Watch(&c.state, &turn, &c.facts)
		for _, p := range inRunes(c.in, 1) {
			turn.Text += p
			settled, _ := w.Next(turn.Text)
			if len(turn.Text) > end {
				break
			}
			if settled > first {
				t.Errorf("%s: %q: %d bytes settled, and byte %d becomes another", c.rule.id, turn.Text, settled, first)
				break
			}
		}
	}
}

func commonStart(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return n
}

// What people's bots say is hardly held: BenchmarkHeld reports, over the replies of the shipped packs' conversations and
// examples, the share of words that wait for another one, and how many words they wait.
func BenchmarkHeld(b *testing.B) {
	set := shippedSet()
	type reply struct {
		text  string
		facts Facts
		state *State
	}
	kinds := map[string][]reply{}
	for _, p := range set.specs {
		for _, test := range p.tests {
			c := &checker{set: set, sc: newScratch(set.lexicon)}
			w := defaultWorld(p.locale, p.register)
			if test.given != nil {
				for _, s := range test.given.set {
					s(&w)
				}
			}
			var st State
			for i, turn := range test.turns {
				if turn.role == Bot && turn.text != "" && turn.expect == nil && turn.given == nil {
					kind := "conversations, untouched"
					var j Judgement
					if set.Judge(st.Clone(), &Turn{Role: Bot, Text: turn.text}, w.judged(), &j); j.Sent != turn.text {
						kind = "conversations, reworded"
					}
					kinds[kind] = append(kinds[kind], reply{turn.text, *w.judged(), st.Clone()})
				}
				c.play(&st, &w, test.turns[i:i+1], nil, "", 0, nil)
			}
		}
	}
	for _, c := range exampleCases(b) {
		kind := "examples, untouched"
		if c.whole != c.in {
			kind = "examples, reworded"
		}
		kinds[kind] = append(kinds[kind], reply{c.in, c.facts, c.state.Clone()})
	}
	for kind, replies := range kinds {
		b.Run(kind, func(b *testing.B) {
			words, held, waited := 0, 0, 0
			for b.Loop() {
				words, held, waited = 0, 0, 0
				for _, r := range replies {
					turn := Turn{Role: Bot}
					w := set.Watch(r.state, &turn, &r.facts)
					gone, pieces := 0, inWords(r.text)
					var ends []int
					for i, p := range pieces {
						turn.Text += p
						words++
						ends = append(ends, len(turn.Text))
						settled, _ := w.Next(turn.Text)
						if i == len(pieces)-1 {
							settled = len(turn.Text)
						}
						for gone < len(ends) && ends[gone] <= settled {
							if gone < i {
								held++
								waited += i - gone
							}
							gone++
						}
					}
				}
			}
			b.ReportMetric(float64(len(replies)), "replies")
			b.ReportMetric(100*float64(held)/float64(words), "%held")
			b.ReportMetric(float64(waited)/float64(max(1, held)), "words/wait")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*words), "ns/word")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// However a reply comes and whatever leaves too soon, its facts stand in what is seen, in order, and what has left is never
// taken back.
func TestStreamedFactsStand(t *testing.T) {
	set := shippedSet()
	var byLocale [4][]exampleCase
	locales := []string{"en", "de", "es", "fr"}
	for _, c := range exampleCases(t) {
		if i := slices.Index(locales, c.facts.locale()); i >= 0 && c.facts.channel() == "text" {
			byLocale[i] = append(byLocale[i], c)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		cases := rapid.SampledFrom(byLocale[:]).Draw(t, "locale")
		first := rapid.SampledFrom(cases).Draw(t, "first")
		turn := Turn{Role: Bot}
		var parts []string
		for range rapid.IntRange(1, 4).Draw(t, "sentences") {
			parts = append(parts, rapid.SampledFrom(cases).Draw(t, "next").in)
		}
		reply := strings.Join(parts, " ")
		st := first.state.Clone()
		w := set.Watch(st, &turn, &first.facts)
		var shown Shown
		for rest := reply; rest != ""; {
			n := min(len(rest), rapid.IntRange(1, 20).Draw(t, "length"))
			for n < len(rest) && !utf8.RuneStart(rest[n]) {
				n++
			}
			turn.Text, rest = turn.Text+rest[:n], rest[n:]
			before := shown.Sent
			settled, reword := w.Next(turn.Text)
			switch {
			case settled <= shown.From:
			case reword:
				set.Settle(st, &turn, &first.facts, &shown, settled)
			default:
				shown.Pass(turn.Text[shown.From:settled], settled-shown.From)
			}
			if rapid.IntRange(0, 15).Draw(t, "overdue") == 0 && shown.From < len(turn.Text) {
				shown.Overdue(turn.Text[shown.From:])
				w.Left(len(turn.Text))
			}
			if !strings.HasPrefix(shown.Sent, before) || shown.From > len(turn.Text) {
				t.Fatalf("%q was seen, and now %q", before, shown.Sent)
			}
		}
		facts := first.facts
		facts.Shown = &shown
		var j Judgement
		set.Judge(st, &turn, &facts, &j)
		if !strings.HasPrefix(j.Sent, shown.Sent) {
			t.Fatalf("%q was seen, and in the end %q", shown.Sent, j.Sent)
		}
		var l factLock
		var said, sent Text
		markup := facts.Syntax == HTML || facts.Syntax == SSML
		said.read(reply, markup)
		sent.read(j.Sent, markup)
		l.open(facts.locale(), &said, markup)
		if ok, by := l.check(&sent, nil); !ok {
			t.Fatalf("a %s is lost or moved\nof %q\n in %q", by, reply, j.Sent)
		}
	})
}

// BenchmarkWatch is what a piece of a streamed reply costs that no rule touches: one word of a reply of 80.
func BenchmarkWatch(b *testing.B) {
	set := shippedSet()
	for _, c := range []struct{ locale, reply string }{
		{"en", "Your order 1182 left our warehouse in Leeds on Monday and should be with you by Thursday evening. The courier sends a message on the morning of the delivery, with a window of two hours. If nobody is in, the parcel goes to the shop on the corner, where it stays for seven days. Would you like me to change the address, or to pick another day for the delivery? Both are free until the parcel is in the van."},
		{"de", "Bestellung 1182 hat am Montag unser Lager in Leipzig verlassen und kommt bis Donnerstagabend bei Ihnen an. Am Morgen der Lieferung schickt der Fahrer eine Nachricht mit einem Fenster von zwei Stunden. Ist niemand da, geht das Paket in den Laden an der Ecke und bleibt dort sieben Tage. Wollen Sie die Adresse noch ändern oder einen anderen Tag wählen? Beides ist frei, solange das Paket nicht im Wagen liegt."},
	} {
		b.Run(c.locale, func(b *testing.B) {
			f := Facts{Locale: c.locale}
			var st State
			pieces := inWords(c.reply)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				turn := Turn{Role: Bot}
				w := set.Watch(&st, &turn, &f)
				end := 0
				for _, p := range pieces {
					end += len(p)
					w.Next(c.reply[:end])
					n++
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/word")
		})
	}
}
