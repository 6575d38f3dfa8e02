//go:build !race

package proxy

import (
	"testing"
	"time"

	"attune/proxy/transport"
)

// TestMessageAllocations holds the ceilings of the usual messages: what is
// remembered of them takes memory only now and then. (Under the race detector
// pools forget on purpose.)
func TestMessageAllocations(t *testing.T) {
	most := map[string]float64{"utterance": 1, "reply untouched": 1, "reply reworded": 11}
	for _, m := range usualMessages {
		if m.heard { // less is done for them
			continue
		}
		br := benchBridge(t)
		sent, now := m.frames()[0], time.Now()
		buf := make([]byte, len(sent))
		var out transport.Output
		pass := func() {
			copy(buf, sent) // the bridge unmasks in place
			out.Send[0], out.Send[1] = out.Send[0][:0], out.Send[1][:0]
			br.Receive(m.from, buf, now, &out)
		}
		for range 100 {
			pass()
		}
		if n := testing.AllocsPerRun(100, pass); n > most[m.name] {
			t.Errorf("%s: %v allocations, at most %v", m.name, n, most[m.name])
		}
		if len(out.Send[m.from.Other()]) == 0 {
			t.Errorf("%s: nothing was passed on", m.name)
		}
	}
}
