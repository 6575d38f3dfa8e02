package lab

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"attune/rules"
)

// movesPack finds the moves. It is a pack so that they are written and checked as rules are, and shares no phrase with
// the packs that it measures.
//
//go:embed moves.yaml
var movesPack []byte

// moves compiles the pack, once: it is immutable. Its own test keeps it sound.
var moves = sync.OnceValues(func() (*rules.Set, rules.Diagnostics) {
	return rules.Compile([]rules.File{{Name: "moves.yaml", Data: movesPack}})
})

// Moves are what Tone counts, in the order of the report. The last three are to be avoided. Plain words are a reply
// without jargon whose sentences have at most 25 words, the bound of the British government's style guide.
func Moves() []string {
	return slices.Clone(moveNames[:])
}

var moveNames = [...]string{"acknowledge", "own", "next-step", "way-out", "plain-words", "blame", "jargon", "cheer"}

// longSentence is the number of words from which a sentence is not plain.
const longSentence = 26

// The groups of replies and the speakers, in the order of the report.
const (
	everyReply = iota
	hardReply
	uneasyReply
	changedReply
	toneGroups
)

const (
	byBot = iota
	byAttune
	byAgent
	toneSpeakers
)

var (
	toneGroupNames   = [toneGroups]string{"all", "hard", "uneasy", "changed"}
	toneSpeakerNames = [toneSpeakers]string{"bot", "attune", "agent"}
)

// Tone counts the moves of replies: as the bot wrote them, as Attune would have sent them, and those of human agents,
// who are the benchmark. It keeps numbers only, and reads English only. One caller at a time.
type Tone struct {
	replayer *Replayer
	digest   string
	moves    *rules.Set
	state    rules.State
	j        rules.Judgement
	counts   [toneGroups][toneSpeakers]toneCount
	foreign  int
}

// toneCount is what was counted over some replies.
type toneCount struct {
	replies, words int
	moves          [len(moveNames)]int
}

// reading is what one reply holds.
type reading struct {
	words int
	moves [len(moveNames)]bool
	hard  bool
}

// NewTone counts what set makes of replies in the world of facts.
func NewTone(set *rules.Set, facts rules.Facts) *Tone {
	m, found := moves()
	if m == nil {
		panic("lab: moves.yaml does not compile: " + found.String())
	}
	return &Tone{replayer: NewReplayer(set, facts), digest: set.Digest(), moves: m}
}

// Add counts the replies of a dialogue, those of agents too. Empty replies hold nothing and are passed over.
func (t *Tone) Add(d *Dialogue) {
	english := d.Lang == "" || d.Lang == "en" || strings.HasPrefix(d.Lang, "en-")
	uneasy := false
	// Nothing here can fail.
	_ = t.replayer.Run(d, func(l *Line) error {
		switch role := d.Turns[l.Turn].Role; {
		case role == rules.Customer:
			uneasy = l.Flagged
		case role == rules.Event || strings.TrimSpace(l.Text) == "":
		case !english:
			t.foreign++
		case role == rules.Agent:
			r := t.read(l.Text)
			t.count(byAgent, &r, r.hard, uneasy, false)
		default:
			before := t.read(l.Text)
			after := before
			if l.Sent != l.Text {
				after = t.read(l.Sent)
			}
			t.count(byBot, &before, before.hard, uneasy, l.Sent != l.Text)
			t.count(byAttune, &after, before.hard, uneasy, l.Sent != l.Text)
		}
		return nil
	})
}

func (t *Tone) count(speaker int, r *reading, hard, uneasy, changed bool) {
	for group, in := range [toneGroups]bool{everyReply: true, hardReply: hard, uneasyReply: uneasy, changedReply: changed} {
		if !in {
			continue
		}
		c := &t.counts[group][speaker]
		c.replies++
		c.words += r.words
		for i, made := range r.moves {
			if made {
				c.moves[i]++
			}
		}
	}
}

// read finds the moves of one reply, whatever was said before it.
func (t *Tone) read(text string) reading {
	t.state = rules.State{}
	t.moves.Judge(&t.state, &rules.Turn{Role: rules.Bot, Text: text}, &rules.Facts{Mode: rules.ObserveAll}, &t.j)
	var r reading
	for _, id := range t.j.Signals {
		if i := slices.Index(moveNames[:], id); i >= 0 {
			r.moves[i] = true
		}
		r.hard = r.hard || id == "hard"
	}
	words, longest := measureSentences(text)
	r.words = words
	r.moves[slices.Index(moveNames[:], "plain-words")] = longest < longSentence && !slices.Contains(t.j.Signals, "jargon")
	return r
}

// measureSentences counts the words of a text and those of its longest sentence. A sentence ends with a stop behind a
// word, or with a line.
func measureSentences(text string) (words, longest int) {
	in := 0 // the sentence at hand
	for line := range strings.Lines(text) {
		for w := range strings.FieldsSeq(line) {
			if strings.IndexFunc(w, isLetter) >= 0 {
				words++
				in++
				longest = max(longest, in)
			}
			if last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(w, isClosing)); strings.ContainsRune(".!?:;…", last) {
				in = 0
			}
		}
		in = 0
	}
	return words, longest
}

// isClosing tells what may stand behind the end of a sentence.
func isClosing(r rune) bool {
	return unicode.In(r, unicode.Pe, unicode.Pf) || r == '"' || r == '\''
}
