package rules

import "fmt"

// A cue is a kind of wording that detectors build on. Cues of all locales listen at once: a session's locale is
// often only the default, and the phrases are long enough not to mean something else in another language.
type cue uint8

const (
	// In what customers say.
	cueThanks      cue = iota // thanks, or is pleased
	cueGoodbye                // takes leave
	cueClosing                // wants nothing more
	cueNo                     // says no
	cueCorrection             // corrects what the bot made of it
	cueReject                 // turns down what the bot offered
	cueAgain                  // again, still, keeps on
	cueAgainKindly            // "thanks again", "see you again": again without a complaint
	cueCheck                  // doubts the answer
	cueAlternative            // asks for something else
	cueFailure                // reports that something does not work
	cueEffort                 // says how long or how often they have tried
	cueNegation               // any negation
	cueAsking                 // begins or is worded like a question

	// In what bots say.
	cueFallback  // did not understand
	cueRefusal   // cannot, will not, has nothing
	cueConfirm   // asks to confirm, or confirms
	cueMore      // anything else?
	cueWish      // asks for a plain yes or no about what the customer wants or has
	cueNoRefusal // looks like a refusal and is none

	cues
)

// wording is the phrases of one language, by cue.
type wording map[cue][]string

// cueLists returns the wording of all languages.
func cueLists() []wording {
	return []wording{cuesEnglish(), cuesGerman(), cuesSpanish(), cuesFrench()}
}

// compileCues compiles all cues from first to last, to be looked for together with the phrases of rules. The phrases are
// ours: one that does not parse is a fault of the program, found by any test.
func compileCues(lists []wording, first, last cue, c *phraseCompiler) []sought {
	b := matcherBuilder{compiler: c}
	for _, l := range lists {
		for k := first; k <= last; k++ {
			for _, src := range l[k] {
				p, err := parsePhrase(src)
				if err == nil {
					err = b.enter(p, sought{id: k.id(), written: true}, false)
				}
				if err != nil {
					panic(fmt.Sprintf("rules: cue %q: %v", src, err))
				}
			}
		}
	}
	return b.sought
}

// id is what stands for a cue among the ids of a matcher: the leaves of rules count from 0.
func (k cue) id() int { return -1 - int(k) }

// asCue returns the cue that a hit is of, and whether it is of one.
func (h *hit) asCue() (cue, bool) { return cue(-1 - h.id), h.id < 0 }

// cueSet is a set of cues, a bit for each.
type cueSet uint32

func cuesOf(cues ...cue) (set cueSet) {
	for _, k := range cues {
		set |= 1 << k
	}
	return set
}

// cueHits are the cues met in one turn, with the place of the first of each.
type cueHits struct {
	set   cueSet
	where [cues]span
	token [cues]int // first token of the first hit
	last  [cues]int // token behind it
}

func (c *cueHits) reset() { c.set = 0 }

func (c *cueHits) has(k cue) bool { return c.set&(1<<k) != 0 }

func (c *cueHits) add(k cue, h *hit) {
	if c.has(k) && h.first >= c.token[k] {
		return
	}
	c.set |= 1 << k
	c.where[k] = span{h.start, h.end}
	c.token[k], c.last[k] = h.first, h.last
}
