package lab

// Counts compares what was said with what is true, over turns or dialogues.
type Counts struct {
	TruePositives  int `json:"tp"`
	FalsePositives int `json:"fp"`
	FalseNegatives int `json:"fn"`
	TrueNegatives  int `json:"tn"`
}

// add counts n cases.
func (c *Counts) add(said, yes bool, n int) {
	switch {
	case said && yes:
		c.TruePositives += n
	case said:
		c.FalsePositives += n
	case yes:
		c.FalseNegatives += n
	default:
		c.TrueNegatives += n
	}
}

// plus adds other counts, n times.
func (c *Counts) plus(o *Counts, n int) {
	c.TruePositives += n * o.TruePositives
	c.FalsePositives += n * o.FalsePositives
	c.FalseNegatives += n * o.FalseNegatives
	c.TrueNegatives += n * o.TrueNegatives
}

// Yes and No count what is true.
func (c Counts) Yes() int { return c.TruePositives + c.FalseNegatives }

// No is the other part of the cases.
func (c Counts) No() int { return c.FalsePositives + c.TrueNegatives }

// Said counts the alarms.
func (c Counts) Said() int { return c.TruePositives + c.FalsePositives }

// Precision is the share of the alarms that were right; 0 without alarms.
func (c Counts) Precision() float64 { return ratio(c.TruePositives, c.Said()) }

// Recall is the share of the cases that were found; 0 without cases.
func (c Counts) Recall() float64 { return ratio(c.TruePositives, c.Yes()) }

// F1 is the harmonic mean of precision and recall.
func (c Counts) F1() float64 {
	return ratio(2*c.TruePositives, c.Said()+c.Yes())
}

// PaperF1 is 2PR/max(P+R,1), which the code behind the USS figures calls F1. It is lower than F1 whenever P+R is
// below 1, and stands beside published figures only.
func (c Counts) PaperF1() float64 {
	p, r := c.Precision(), c.Recall()
	return 2 * p * r / max(p+r, 1)
}

func ratio(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}
