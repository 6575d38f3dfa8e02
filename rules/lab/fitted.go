package lab

import (
	"fmt"
	"slices"

	"attune/rules"
)

// Fitted is what Fit learnt, and what it is worth. Its JSON is the output of `attune fit --format json`.
type Fitted struct {
	Label string `json:"label"`
	// Before and After are the digests of the sets.
	Before string   `json:"before"`
	After  string   `json:"after"`
	Files  []string `json:"files"`
	Seen   FitSeen  `json:"learnt_from"`
	// Penalty holds the points to what they were; the larger, the less the labels count. It was chosen by
	// cross-validation.
	Penalty float64    `json:"penalty"`
	Flag    FlagChange `json:"flag"`
	// Limits are the thresholds of the score, and Load is what they mean for agents; nil unless they were asked for.
	Limits []LimitChange `json:"limits,omitempty"`
	Load   *LimitLoad    `json:"load,omitempty"`
	// Cross is what the labelled turns of each fold make of points learnt from the others; nil without labelled turns.
	Cross *CrossValidation `json:"cross_validation,omitempty"`
	Rules []RuleChange     `json:"rules"`
	// Measured compares the two sets on real runs.
	Measured []FitMeasure `json:"measured"`
	// Findings is how many more examples and tests of the packs do not hold with the new points.
	Findings int `json:"findings"`
}

// FlagChange is the threshold of the flag.
type FlagChange struct {
	Before float64 `json:"before"`
	After  float64 `json:"after"`
}

// CrossValidation compares the flagged turns under the old and the new points, each fold with points that were learnt
// without it.
type CrossValidation struct {
	Folds  int     `json:"folds"`
	Before Measure `json:"before"`
	After  Measure `json:"after"`
}

// RuleChange is what became of one rule.
type RuleChange struct {
	Rule string `json:"rule"`
	Pack string `json:"pack"`
	// Fired is on how many labelled cases it fired, Yes how many of these are labelled yes.
	Fired  int     `json:"fired"`
	Yes    int     `json:"yes"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// Why tells why it changed, or why it was left alone.
	Why string `json:"why"`
}

// FitMeasure compares the two sets on some dialogues: "tuning" (those learnt from), "aside", or "test" (other files).
type FitMeasure struct {
	Part   string  `json:"part"`
	Before FitSide `json:"before"`
	After  FitSide `json:"after"`
}

// FitSide is what one set is worth, as in EvalPart.
type FitSide struct {
	Dialogues  int         `json:"dialogues"`
	ByTurn     *ByTurn     `json:"by_turn,omitempty"`
	ByDialogue *ByDialogue `json:"by_dialogue,omitempty"`
	Calm       *Calm       `json:"calm,omitempty"`
}

// Amend returns the files of the set with what was learnt, those that did not change among them, and the set they
// make. files are those the set was compiled from.
func (f *Fitted) Amend(files []rules.File) ([]rules.File, *rules.Set, error) {
	scoring := Amendment{}
	if f.Flag.After != f.Flag.Before {
		scoring.Flag = f.Flag.After
	}
	for _, c := range f.Limits {
		switch {
		case c.After == c.Before:
		case c.Limit == "offer":
			scoring.Offer = c.After
		default:
			scoring.Escalate = c.After
		}
	}
	out, before, after, err := f.amended(files, scoring)
	if err != nil {
		return nil, nil, err
	}
	f.After = after.Digest()
	f.Findings = max(0, len(after.Check())-len(before.Check()))
	return out, after, nil
}

// withoutLimits returns the set with the points that were learnt, in which no score leads to a person.
func (f *Fitted) withoutLimits(files []rules.File, w rules.Weighing) (*rules.Set, error) {
	scoring := Amendment{}
	if w.Offer > 0 {
		scoring.Offer = outOfReach
	}
	if w.Escalate > 0 {
		scoring.Escalate = outOfReach
	}
	_, _, after, err := f.amended(files, scoring)
	return after, err
}

// amended writes the points that were learnt, and numbers of the scoring, into the files.
func (f *Fitted) amended(files []rules.File, scoring Amendment) (out []rules.File, before, after *rules.Set, err error) {
	byPack := map[string]Amendment{}
	for _, c := range f.Rules {
		if c.After == c.Before {
			continue
		}
		a := byPack[c.Pack]
		if a.Points == nil {
			a.Points = map[string]float64{}
		}
		a.Points[c.Rule] = c.After
		byPack[c.Pack] = a
	}
	before, _ = rules.Compile(files)
	if before == nil {
		return nil, nil, nil, fmt.Errorf("amend: the packs do not compile")
	}
	names := map[string]string{} // files by pack
	for _, r := range before.Rules() {
		names[r.Pack] = r.File
	}
	if scoring.scores() {
		pack := f.scoring(files, names, scoring)
		a := scoring
		a.Points = byPack[pack].Points
		byPack[pack] = a
	}
	out = slices.Clone(files)
	for _, pack := range sortedKeys(byPack) {
		at := slices.IndexFunc(out, func(x rules.File) bool { return x.Name == names[pack] })
		if at < 0 {
			return nil, nil, nil, fmt.Errorf("amend: the file of pack %s is not there", pack)
		}
		if out[at], err = Amend(out[at], byPack[pack]); err != nil {
			return nil, nil, nil, err
		}
	}
	after, found := rules.Compile(out)
	if after == nil {
		return nil, nil, nil, fmt.Errorf("amend: the packs do not compile with what was learnt: %s", found)
	}
	return out, before, after, nil
}

// scoring is the pack of the rules that has the numbers of the scoring that change.
func (f *Fitted) scoring(files []rules.File, names map[string]string, scoring Amendment) string {
	for _, c := range f.Rules {
		for _, file := range files {
			if file.Name != names[c.Pack] {
				continue
			}
			if _, err := Amend(file, scoring); err == nil {
				return c.Pack
			}
		}
	}
	return ""
}

// Compare puts what two measurements found beside each other. Both are of the same dialogues in the same parts. name
// stands for a part called all.
func (f *Fitted) Compare(name string, before, after *EvalReport) {
	side := func(p *EvalPart) FitSide {
		return FitSide{Dialogues: p.Dialogues, ByTurn: p.ByTurn, ByDialogue: p.ByDialogue, Calm: p.Calm}
	}
	for i := range before.Parts {
		part := before.Parts[i].Part
		if part == "all" {
			part = name
		}
		f.Measured = append(f.Measured, FitMeasure{Part: part, Before: side(&before.Parts[i]), After: side(&after.Parts[i])})
	}
}
