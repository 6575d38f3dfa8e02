package lab

// Ranked is one case for AUC.
type Ranked struct {
	Dialogue, Value int32
	Yes             bool
}

// AUC ranks cases and returns the area; each dialogue counts as often as weights says.
func AUC(cases []Ranked, weights []int32) (float64, bool) {
	var r ranking
	for _, c := range cases {
		r.put(c.Dialogue, c.Value, c.Yes)
	}
	r.sort()
	return r.auc(weights)
}

// Transfer is the GT-T of one dialogue.
func Transfer(alarms, due []int, tolerance float64) float64 { return transfer(alarms, due, tolerance) }

// HasKeyword is the keyword baseline.
func HasKeyword(text string) bool { return hasKeyword(text) }
