package lab

import (
	"strings"
	"sync"

	"github.com/jonreiter/govader"
)

// The VADER baseline is the next thing that people try behind keywords: a lexicon of general English with a weight for
// each word, turned round by a negation and made stronger or weaker by the words beside it, summed over the text
// (Hutto and Gilbert 2014), as govader has it in Go.
var vaderLexicon = sync.OnceValue(govader.NewSentimentIntensityAnalyzer)

// sadAt is the mood from which the baseline raises the alarm, the bound that VADER's authors give for negative.
const sadAt = -0.05

// vader is the mood of a text, from -1 to 1; 0 says nothing. Its negations are spelt with a straight apostrophe, which
// telephones do not type.
func vader(text string) float64 {
	return vaderLexicon().PolarityScores(strings.ReplaceAll(text, "’", "'")).Compound
}
