package rules

import (
	"bytes"
)

// botRepeat is `bot.repeat`: the bot says what it said before. In MHCH, repetition is the strongest cue for handing
// over (precision .70 to .80), but in SGD the same count is harmless (0.5 times the base) because it consists of
// confirmations: those, menus and closing questions are meant to be said again and do not count.
func botRepeat() detectorSpec {
	return detectorSpec{
		name: "bot.repeat", role: Bot,
		doc:    "the bot repeats one of its last replies; confirmations, menus and closing questions do not count",
		source: "MHCH (Liu et al., AAAI 2021): precision .70 to .80. In SGD confirmations alone make it harmless (0.5 times the base), so they do not count.",
		params: []paramSpec{
			{name: "window", kind: paramCount, standard: "3", low: 1, high: pastBot, doc: "replies looked back at"},
			{name: "same", kind: paramChoice, standard: "exactly", choices: sameNames(), doc: "how alike"},
			{name: "times", kind: paramCount, standard: "1", low: 1, high: pastBot, doc: "how many of them must be alike"},
		},
		make: func(p settings) detector {
			window, same, times := p.count("window"), levelOf(p["same"]), p.count("times")
			return func(o *observation, h *history) (span, bool) {
				if o.flags&pastTemplate != 0 {
					return span{}, false
				}
				return span{}, repeats(o, h.Bot, window, same) >= times
			}
		},
	}
}

// sameNames lists the levels of `same`.
func sameNames() []string { return []string{"exactly", "mostly", "partly"} }

// repeats counts how many of the last turns in a list o is the same as, to a level. Exactly the same means word for word.
func repeats(o *observation, list []past, window int, same level) int {
	n := 0
	for i := max(0, len(list)-window); i < len(list); i++ {
		if (!same.exactly || o.sketch.hash == list[i].Sketch.hash) && o.like(list, i) >= same.least {
			n++
		}
	}
	return n
}

// level is a value of `same`, looked up when the detector is made.
type level struct {
	exactly bool
	least   float64
}

func levelOf(name string) level { return level{name == "exactly", sameLevels[name]} }

// botFlags says what kind of reply o is.
func botFlags(o *observation) pastFlags {
	var f pastFlags
	if o.cues.has(cueFallback) {
		f |= pastFallback
	}
	if refuses(o) {
		f |= pastRefusal
	}
	if o.cues.has(cueMore) {
		f |= pastMore
	}
	if o.expected == "form" {
		f |= pastForm
	}
	if asks(o.text) {
		f |= pastQuestion
		if o.cues.has(cueWish) && !o.cues.has(cueConfirm) {
			f |= pastYesNo
		}
	}
	failing := f & (pastFallback | pastRefusal)
	if failing == 0 && (o.cues.has(cueConfirm) || o.cues.has(cueMore) || isMenu(o.text)) {
		f |= pastTemplate
	}
	return f
}

// asks reports whether the last sentence is a question.
func asks(t *Text) bool {
	if len(t.sentences) == 0 {
		return false
	}
	return t.sentences[len(t.sentences)-1].asks(t)
}

// asks reports whether a sentence is a question.
func (s sentence) asks(t *Text) bool { return bytes.ContainsAny(s.tail(t), "?؟？") }

// tail returns what stands behind the last token of a sentence.
func (s sentence) tail(t *Text) []byte {
	if s.last == s.first {
		return t.plain[s.start:s.end]
	}
	return t.plain[t.tokens[s.last-1].end:s.end]
}

// isMenu reports whether a reply offers a list of at least three lines to choose from.
func isMenu(t *Text) bool {
	items := 0
	for _, s := range t.sentences {
		if s.last > s.first && len(s.tail(t)) == 0 && s.last-s.first <= 6 {
			items++
		}
	}
	return items >= 3
}
