//go:build !race

package wire_test

import (
	"testing"

	"attune/proxy/wire"
)

// Not under the race detector: pools drop at random there.
func TestReadDoesNotAllocate(t *testing.T) {
	for _, tt := range []struct{ profile, msg string }{
		{"botkit-web", reply300},
		{"json", `{"text":"caf\u00e9 \ud83d\ude00"}`},
		{"rasa-socketio", `42/support,17["bot_uttered",{"text":"Refunds take 5 days."}]`},
	} {
		tr, msg := lookup(t, tt.profile).Open(wire.Upgrade{}), []byte(tt.msg)
		n := testing.AllocsPerRun(2000, func() {
			if tr.Read(wire.Down, msg) == nil {
				t.Fatal("not read")
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations a message", tt.profile, n)
		}
	}
}
