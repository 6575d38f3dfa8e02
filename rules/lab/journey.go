package lab

import (
	"fmt"
	"slices"
	"strings"

	"attune/rules"
)

// JourneyCount is what came of the dialogues at one touchpoint.
type JourneyCount struct {
	// Dialogues came by; Asked of them were put its question, and answered yes, no, or something else.
	Dialogues, Asked, Yes, No int
	// Held counts what was told of a proxy or of a feeling aimed for, by name.
	Held map[string]*HeldCount
}

// HeldCount is in how many of the dialogues something came to pass.
type HeldCount struct{ Held, Of int }

// Journey counts how a dialogue went at the touchpoints it came by: the Scorecards of the Replayer behind its lines.
func (s *Summary) Journey(cards []rules.Scorecard) {
	for _, c := range cards {
		j := s.journey(c.Touchpoint)
		j.Dialogues++
		for _, o := range slices.Concat(c.Proxies, c.Feelings) {
			h := j.Held[o.Name]
			if h == nil {
				h = &HeldCount{}
				j.Held[o.Name] = h
			}
			h.Of++
			if o.Held {
				h.Held++
			}
		}
	}
}

// answer counts what a line tells about the question of a touchpoint.
func (s *Summary) answer(l *Line) {
	if l.Survey == "" {
		return
	}
	j := s.journey(l.Survey)
	switch l.Answer {
	case "opened":
		j.Asked++
	case "accepted":
		j.Yes++
	case "declined":
		j.No++
	}
}

func (s *Summary) journey(id string) *JourneyCount {
	if s.Journeys == nil {
		s.Journeys = map[string]*JourneyCount{}
	}
	j := s.Journeys[id]
	if j == nil {
		j = &JourneyCount{Held: map[string]*HeldCount{}}
		s.Journeys[id] = j
	}
	return j
}

// journeys prints the touchpoints that somebody came by, with what is aimed for.
func (s *Summary) journeys(b *strings.Builder) {
	first := true
	for _, t := range s.Touchpoints {
		j := s.Journeys[t.ID]
		if j == nil {
			continue
		}
		if first {
			b.WriteString("\ntouchpoint              dialogues  share     aim\n")
			first = false
		}
		fmt.Fprintf(b, "%-22s  %9d  %s\n", t.ID, j.Dialogues, percent(j.Dialogues, s.Dialogues))
		if j.Asked > 0 {
			aim := ""
			if t.Target > 0 {
				aim = fmt.Sprintf("at least %.4g %%", 100*t.Target)
			}
			journeyRow(b, fmt.Sprintf("  asked %d, said yes", j.Asked), HeldCount{j.Yes, j.Yes + j.No}, aim)
		}
		for _, f := range t.Feel {
			if h := j.Held[f]; h != nil {
				journeyRow(b, "  "+f, *h, "")
			}
		}
		for _, p := range t.Proxies {
			bound := "at least"
			if p.AtMost {
				bound = "at most"
			}
			if h := j.Held[p.Name]; h != nil {
				journeyRow(b, "  "+p.Name, *h, fmt.Sprintf("%s %.4g %%", bound, 100*p.Share))
			}
		}
	}
}

func journeyRow(b *strings.Builder, name string, h HeldCount, aim string) {
	row := fmt.Sprintf("%-22s  %9s  %-8s  %s", name, fmt.Sprintf("%d of %d", h.Held, h.Of), percent(h.Held, h.Of), aim)
	b.WriteString(strings.TrimRight(row, " ") + "\n")
}
