package wire_test

import (
	"testing"

	"attune/proxy/wire"
)

func TestConfidence(t *testing.T) {
	p, err := wire.Lookup("jambonz")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, message string
		kind          wire.Kind
		want          float64
	}{
		{"said", `{"type":"verb:hook","data":{"reason":"speechDetected","speech":{"is_final":true,"alternatives":[{"confidence":0.93,"transcript":"hello"}]}}}`, wire.Message, 0.93},
		{"not understood", `{"type":"verb:hook","data":{"reason":"stt-low-confidence","speech":{"alternatives":[{"confidence":0.2,"transcript":"mumble"}]}}}`, wire.NoMatch, 0.2},
		{"as text", `{"type":"verb:hook","data":{"reason":"speechDetected","speech":{"is_final":true,"alternatives":[{"confidence":"0.5","transcript":"hello"}]}}}`, wire.Message, 0.5},
		{"not said", `{"type":"verb:hook","data":{"reason":"speechDetected","speech":{"is_final":true,"alternatives":[{"transcript":"hello"}]}}}`, wire.Message, 0},
		{"in percent", `{"type":"verb:hook","data":{"reason":"speechDetected","speech":{"is_final":true,"alternatives":[{"confidence":93,"transcript":"hello"}]}}}`, wire.Message, 0},
		{"below nothing", `{"type":"verb:hook","data":{"reason":"speechDetected","speech":{"is_final":true,"alternatives":[{"confidence":-1,"transcript":"hello"}]}}}`, wire.Message, 0},
		{"no number", `{"type":"verb:hook","data":{"reason":"speechDetected","speech":{"is_final":true,"alternatives":[{"confidence":"high","transcript":"hello"}]}}}`, wire.Message, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			items := p.Open(wire.Upgrade{}).Read(wire.Up, []byte(tt.message))
			if len(items) != 1 || items[0].Kind != tt.kind || items[0].Confidence != tt.want {
				t.Errorf("items %+v, want one %v with %v", items, tt.kind, tt.want)
			}
		})
	}
}
