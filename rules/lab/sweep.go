package lab

// sweepSteps are the flag thresholds that are tried: 0.5, 1, … 6.
const sweepSteps = 12

// sweepThreshold is the threshold of a step, in points.
func sweepThreshold(step int) float64 { return float64(step+1) / 2 }

// SweepStep is what another flag threshold would do to the same turns.
type SweepStep struct {
	Flag float64 `json:"flag"`
	// Turns compares the turns that would be flagged with their labels; nil without labelled turns.
	Turns *Measure `json:"turns,omitempty"`
	// CalmDialogues is the share of calm dialogues in which a turn would be flagged; nil without calm ones.
	CalmDialogues *float64 `json:"calm_dialogues,omitempty"`
}

func (p *evalPart) swept() []SweepStep {
	steps := make([]SweepStep, sweepSteps)
	for i := range steps {
		flag := sweepThreshold(i)
		steps[i] = SweepStep{Flag: flag, Turns: p.points.sweep(flag), CalmDialogues: p.calmPoints.reach(flag)}
	}
	return steps
}

// sweep compares the cases from a value on with their labels; nil without cases.
func (v byValue) sweep(from float64) *Measure {
	if len(v) == 0 {
		return nil
	}
	return measured(v.from(units(from)))
}

// reach is the share of the cases from a value on; nil without cases.
func (v byValue) reach(from float64) *float64 {
	if len(v) == 0 {
		return nil
	}
	c := v.from(units(from))
	share := round(ratio(c.Said(), c.Yes()+c.No()))
	return &share
}

// ScoreStep is what would come of the dialogues if a person were offered at a score, and for no other reason.
type ScoreStep struct {
	Score float64 `json:"score"`
	// Dialogues compares those that reach it with their labels; nil without labelled dialogues.
	Dialogues *Measure `json:"dialogues,omitempty"`
	// CalmDialogues is the share of calm dialogues that reach it; nil without calm ones.
	CalmDialogues *float64 `json:"calm_dialogues,omitempty"`
}

// scoreSteps are the scores that are tried: 1, 2, … 12.
const scoreSteps = 12

func (p *evalPart) sweptScores() []ScoreStep {
	steps := make([]ScoreStep, scoreSteps)
	for i := range steps {
		score := float64(i + 1)
		steps[i] = ScoreStep{Score: score, Dialogues: p.topScores.sweep(score), CalmDialogues: p.calmScores.reach(score)}
	}
	return steps
}
