//go:build !race

package wire_test

import (
	"testing"

	"attune/proxy/wire"
)

// Not under the race detector: pools drop at random there.
func TestReadDoesNotAllocate(t *testing.T) {
	type sample struct{ profile, msg string }
	samples := []sample{
		{"botkit-web", reply300},
		{"json", `{"text":"caf\u00e9 \ud83d\ude00"}`},
		{"rasa-socketio", `42/support,17["bot_uttered",{"text":"Refunds take 5 days."}]`},
		{"framing: stomp\nlocale: '@h.lang'\nframes: [{dir: any, kind: message, when: ['@h.x == \"a:b\"'], text: [$]}]", "SEND\nlang:de\nx:a\\cb\nreceipt:1\n\nhi\x00"},
		{"framing: socketio\nframes: [{dir: any, kind: message, when: ['@ns == /a', '@id == 7'], text: ['$[0]']}]", `42/a,7["x"]`},
	}
	for _, framing := range benched {
		profile, msg := wrapped(framing)
		samples = append(samples, sample{profile, msg})
	}
	for _, tt := range samples {
		tr, msg := named(t, tt.profile).Open(wire.Upgrade{}), []byte(tt.msg)
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
