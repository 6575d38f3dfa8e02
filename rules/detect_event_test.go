package rules_test

import "testing"

func TestEvents(t *testing.T) {
	for _, d := range []detected{
		{"event.no-input", []string{"e: no_input"}, []string{"e: no_match", "e: silence"}},
		{"event.no-input, times: 2", []string{"e: no_input / e: no_input"}, []string{"e: no_input", "e: no_input / c: hello / e: no_input"}},
		{"event.no-match", []string{"e: no_match"}, []string{"e: no_input"}},
		{"event.no-match, times: 3", []string{"e: no_match / e: no_match / e: no_match"}, []string{"e: no_match / e: no_match"}},
		{"event.barge-in, times: 2", []string{"e: barge_in / c: wait / b: Hm. / e: barge_in"}, []string{"e: barge_in"}},
		{"event.silence", []string{"e: silence"}, []string{"e: no_input"}},
		{"event.silence, times: 2", []string{"e: silence / c: here / e: silence"}, []string{"e: silence"}},
		{"event.reconnect", []string{"e: reconnect"}, []string{"e: silence"}},
		{"event.misses", []string{"e: no_input / e: no_match / e: no_input"}, []string{"e: no_input / e: no_match", "e: no_input / e: no_match / e: silence", "e: no_input / e: no_match / c: hello / e: no_input"}},
		{"event.dtmf", []string{"e: dtmf 0"}, []string{"e: dtmf 1", "e: dtmf 00", "e: dtmf", "e: no_input"}},
		{"event.dtmf, value: '*9'", []string{"e: dtmf 9", "e: dtmf *"}, []string{"e: dtmf 0", "e: dtmf *9"}},
	} {
		d.run(t)
	}
}
