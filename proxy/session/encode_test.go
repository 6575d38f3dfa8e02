package session

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestEncodingIsThatOfEncodingJSON holds what the flush writes against encoding/json.
func TestEncodingIsThatOfEncodingJSON(t *testing.T) {
	text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("a\"\\<>&\n\r\t\b\f\x00\x1f\x7f\u2028\u2029é🎉"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	list := rapid.SliceOfN(text, 0, 3)
	when := rapid.Map(rapid.Int64Range(-1<<45, 1<<45), time.UnixMilli)
	rapid.Check(t, func(t *rapid.T) {
		turn := Turn{
			ID: text.Draw(t, "id"), Role: text.Draw(t, "role"), Text: text.Draw(t, "text"), Sent: text.Draw(t, "sent"),
			Agent: text.Draw(t, "agent"), Event: text.Draw(t, "event"), At: when.Draw(t, "at"), Rules: list.Draw(t, "rules"),
			Signals: list.Draw(t, "signals"), Late: rapid.Bool().Draw(t, "late"),
		}
		want, err := json.Marshal(turnJSON{
			ID: turn.ID, Role: turn.Role, Text: turn.Text, Sent: turn.Sent, Agent: turn.Agent, Event: turn.Event,
			At: turn.At.UnixMilli(), Rules: turn.Rules, Signals: turn.Signals, Late: turn.Late,
		})
		if got := appendTurn(nil, &turn); err != nil || string(got) != string(want) {
			t.Fatalf("turn: %s\nwant: %s", got, want)
		}
		meta := Meta{turn.ID, turn.Role, turn.Text, turn.Sent, turn.At, when.Draw(t, "seen")}
		want, err = json.Marshal(metaJSON{
			meta.Profile, meta.Locale, meta.Path, meta.Channel, meta.Started.UnixMilli(), meta.Seen.UnixMilli(),
		})
		if got := appendMeta(nil, &meta); err != nil || string(got) != string(want) {
			t.Fatalf("meta: %s\nwant: %s", got, want)
		}
	})
}

func BenchmarkEncodeTurn(b *testing.B) {
	turn := Turn{
		ID: "7f3a-12", Role: "bot", Text: strings.Repeat("It's on its way & will be there soon. ", 4), At: time.UnixMilli(1_700_000_000_000),
		Rules: []string{"plain-words"}, Signals: []string{"refusal"},
	}
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			appendTurn(make([]byte, 0, 256), &turn)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(turn); err != nil {
				b.Fatal(err)
			}
		}
	})
}
