package proxy

import (
	"slices"
	"testing"

	"attune/proxy/handoff"
)

// lift is a platform that is handed conversations and says how that ended.
const lift = `
profile: lift
framing: raw
frames:
  - {dir: up, kind: control, when: ["$.type == back"], returned: ["$.type == back"]}
  - {dir: up, kind: control, when: ["$.type == sorry"], refused: ["$.type == sorry"]}
  - {dir: up, kind: message, role: customer, text: ["$.text"]}
  - {dir: down, kind: message, role: bot, text: ["$.text"]}
inject: {bot: '{"text":{{text}}}', handoff: '{"type":"lift"}'}
`

// TestGivenBack: what a platform says about a handoff counts once it was handed
// one, also before that is noted, and is not for the bot. A handoff that waits for
// its turn at the desk is not touched.
func TestGivenBack(t *testing.T) {
	for message, want := range map[string]handoff.State{`{"type":"back"}`: handoff.Returned, `{"type":"sorry"}`: handoff.Failed} {
		for _, handed := range []bool{true, false} {
			p, _ := asked(t, lift, "phone: {kind: backend}", handoff.Card{})
			p.b.handed = handed
			p.customer(message)
			if slices.Contains(p.heard, message) == handed {
				t.Errorf("handed %v: the bot hears %q", handed, p.heard)
			}
			state := want
			if !handed {
				state = handoff.Queued
			}
			if got := p.state(); got != state {
				t.Errorf("handed %v, %s: it is %s, want %s", handed, message, got, state)
			}
		}
	}
}
