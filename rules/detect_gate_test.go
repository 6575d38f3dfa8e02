package rules

import (
	"testing"

	"pgregory.net/rapid"
)

// TestDetectorsNeedTheirCues: a detector that is not asked where none of its cues is met would have found nothing there.
func TestDetectorsNeedTheirCues(t *testing.T) {
	gated := 0
	for _, spec := range detectorList() {
		if spec.cues == 0 {
			continue
		}
		gated++
		detect, _, errs := newDetector(spec.name, nil)
		if len(errs) > 0 {
			t.Fatal(spec.name, errs)
		}
		rapid.Check(t, func(t *rapid.T) {
			var h history
			for range rapid.IntRange(0, pastBot).Draw(t, "replies") {
				o := observation{role: Bot, flags: pastFlags(rapid.Uint16().Draw(t, "flags")), text: new(Text)}
				h.add(&o)
			}
			text := new(Text)
			text.Reset(rapid.SampledFrom([]string{"", "no", "no, the other one please", "WHAT? why is that, may I ask"}).Draw(t, "text"))
			o := observation{role: spec.role, text: text}
			o.cues.set = cueSet(rapid.Uint32().Draw(t, "cues")) &^ spec.cues
			if _, ok := detect(&o, &h); ok {
				t.Fatalf("%s finds something without its cues", spec.name)
			}
		})
	}
	if gated == 0 {
		t.Fatal("no detector has cues")
	}
}
