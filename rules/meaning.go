package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Meaning says what the numbers of the packs come to: a sentence for each pack that scores, about what a customer who is
// let down on every turn lives through, and one for each touchpoint, about what is asked and measured there and what is
// not.
func (s *Set) Meaning() []string {
	var out []string
	for _, p := range s.specs {
		if p.scoring != nil {
			out = append(out, fmt.Sprintf("%s (%s): %s", p.name, p.locale, p.scoring.meaning()))
		}
		for _, t := range p.touchpoints {
			out = append(out, fmt.Sprintf("%s (%s): touchpoint %s: %s", p.name, p.locale, t.id, t.meaning()))
		}
	}
	return out
}

// turnsAhead is how many turns of a conversation are thought through.
const turnsAhead = 50

func (s *scoringSpec) meaning() string {
	points := s.flag
	if points <= 0 {
		points = 1
	}
	every := fmt.Sprintf("%s every turn: ", plural(points, "point"))
	var steps []string
	for _, x := range [...]struct {
		limit float64
		name  string
	}{{s.offer.score, "offer"}, {s.escalate.score, "escalation"}} {
		switch n := s.turnsTo(x.limit, points); {
		case x.limit <= 0:
			steps = append(steps, "no "+x.name+" by score")
		case n == 0:
			steps = append(steps, x.name+" never")
		default:
			steps = append(steps, x.name+" on the "+ordinal(n))
		}
	}
	calm := math.Ceil(s.halfLife*math.Log2(max(1, s.escalate.score/max(s.rearm, 0.5))) - 1e-9)
	return every + strings.Join(steps, ", ") +
		fmt.Sprintf("; half is left after %s, and after an escalation %s without a sign arm it again",
			plural(s.halfLife, "customer turn"), plural(max(1, calm), "turn"))
}

// meaning says what a touchpoint asks and measures.
func (t *touchpointSpec) meaning() string {
	asks := "nobody is asked"
	if t.askText != nil {
		asks = fmt.Sprintf("%g %% of the sessions are asked", t.share)
		if t.target > 0 {
			asks += fmt.Sprintf(", %g %% yes is the aim", t.target)
		}
	}
	parts := []string{asks}
	for _, f := range t.feel {
		parts = append(parts, fmt.Sprintf("%s is taken for the absence of %s", f, goodFeelings[f]))
	}
	for _, p := range t.proxies {
		for _, m := range proxyMeanings {
			switch {
			case m.name != p.name:
			case m.unmeasured != "":
				parts = append(parts, fmt.Sprintf("%s is NOT measured: %s", p.name, m.unmeasured))
			default:
				parts = append(parts, fmt.Sprintf("%s is measured", p.name))
			}
		}
	}
	return strings.Join(parts, "; ")
}

// turnsTo counts the turns with that many points each until the score reaches a limit; 0 is never.
func (s *scoringSpec) turnsTo(limit, points float64) int {
	var st State
	factor := math.Exp2(-1 / s.halfLife)
	for n := 1; n <= turnsAhead; n++ {
		st.scale(factor)
		st.d.Score += points
		if st.d.Score >= limit {
			return n
		}
	}
	return 0
}

func plural(n float64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatFloat(n, 'g', -1, 64) + " " + noun + "s"
}

func ordinal(n int) string {
	suffix := "th"
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		suffix = "st"
	case n%10 == 2:
		suffix = "nd"
	case n%10 == 3:
		suffix = "rd"
	}
	return strconv.Itoa(n) + suffix
}
