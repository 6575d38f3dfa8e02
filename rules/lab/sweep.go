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
		flag := units(sweepThreshold(i))
		var turns Counts
		for points, c := range p.sweep {
			turns.add(points >= flag, true, c.TruePositives)
			turns.add(points >= flag, false, c.FalsePositives)
		}
		calm, flagged := 0, 0
		for j := range p.dialogues {
			if d := &p.dialogues[j]; d.calm {
				calm++
				if d.topPoints >= flag {
					flagged++
				}
			}
		}
		steps[i] = SweepStep{Flag: sweepThreshold(i)}
		if turns != (Counts{}) {
			steps[i].Turns = measured(turns)
		}
		if calm > 0 {
			share := round(ratio(flagged, calm))
			steps[i].CalmDialogues = &share
		}
	}
	return steps
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
		steps[i].Score = float64(i + 1)
		var talks Counts
		calm, reached := 0, 0
		for j := range p.dialogues {
			d := &p.dialogues[j]
			said := d.topScore >= units(steps[i].Score)
			if d.known {
				talks.add(said, d.yes, 1)
			}
			if d.calm {
				calm++
				if said {
					reached++
				}
			}
		}
		if talks != (Counts{}) {
			steps[i].Dialogues = measured(talks)
		}
		if calm > 0 {
			share := round(ratio(reached, calm))
			steps[i].CalmDialogues = &share
		}
	}
	return steps
}
