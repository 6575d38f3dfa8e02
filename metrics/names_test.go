package metrics_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// promised is the table that dashboards and alerts rely on: name, type,
// labels in order. A change here is a change for users.
const promised = `
attune_sessions gauge profile
attune_bridges gauge profile
attune_bridges_missing_backend gauge profile
attune_upgrades_total counter result
attune_closes_total counter code,side
attune_messages_total counter direction,role
attune_added_latency_seconds histogram direction
attune_backend_dial_seconds histogram profile
attune_backend_reply_seconds histogram profile
attune_signals_total counter rule
attune_decisions_total counter decision,rule
attune_asks_total counter ask,outcome
attune_rewrites_total counter rule,outcome
attune_session_score histogram outcome
attune_floor_changes_total counter to
attune_late_frames_dropped_total counter profile
attune_handoffs_total counter desk,state
attune_handoff_queue_depth gauge desk
attune_handoff_oldest_wait_seconds gauge desk
attune_handoff_wait_seconds histogram desk,outcome
attune_handoff_verdicts_total counter desk,verdict
attune_promises_total counter outcome
attune_silence_total counter said
attune_rules_info gauge digest,slot
attune_rules_reloads_total counter result
attune_rules_last_reload_timestamp_seconds gauge result
attune_store_info gauge mode
attune_degraded gauge -
attune_store_seconds histogram op
attune_store_errors_total counter op
attune_fail_open_total counter reason
attune_build_info gauge version,goversion
attune_sessions_opened_total counter outcome
attune_backend_reconnects_total counter profile,result
attune_wire_unread_total counter reason
attune_http_requests_total counter result
attune_panics_total counter -
attune_stream_held_seconds histogram outcome
attune_rules_off gauge -
attune_slot_turns_total counter slot
attune_slot_signals_total counter slot,rule
attune_slot_decisions_total counter slot,decision,rule
attune_slot_rewrites_total counter slot,rule,outcome
attune_touchpoint_sessions_total counter touchpoint
attune_touchpoint_answers_total counter touchpoint,outcome
attune_touchpoint_feelings_total counter touchpoint,feeling,outcome
attune_touchpoint_proxies_total counter touchpoint,proxy,outcome
attune_touchpoint_target_ratio gauge touchpoint
attune_touchpoint_proxy_target_ratio gauge touchpoint,proxy,bound
attune_deliveries_total counter desk,outcome
attune_delivery_seconds histogram desk
attune_outbox_depth gauge -
attune_outbox_oldest_seconds gauge -
`

func TestNamesAndLabels(t *testing.T) {
	want := strings.Split(strings.ReplaceAll(strings.TrimSpace(promised), " ", "|"), "\n")
	slices.Sort(want)
	if diff := cmp.Diff(want, collectors()); diff != "" {
		t.Errorf("collectors differ from the promised table (-want +got):\n%s", diff)
	}
}

func TestReadmeTable(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if name, ok := strings.CutPrefix(cells[0], "| attune_"); ok && len(cells) == 4 {
			rows = append(rows, "attune_"+name+"|"+cells[1]+"|"+strings.ReplaceAll(cells[2], " ", ""))
		}
	}
	slices.Sort(rows)
	if diff := cmp.Diff(collectors(), rows); diff != "" {
		t.Errorf("README.md differs from the code (-code +README):\n%s", diff)
	}
}
