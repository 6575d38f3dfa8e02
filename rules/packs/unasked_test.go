package packs_test

import (
	"testing"

	"attune/rules"
	"attune/rules/packs"
)

// TestNobodyIsFetchedUnaskedWhereNobodyIs gives a calm customer each reply that a
// rewrite is about, with no agent there: whatever the steps of the rewrite need,
// passing them over must not end in a wait that nobody asked for.
func TestNobodyIsFetchedUnaskedWhereNobodyIs(t *testing.T) {
	set := compile(t)
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, f := range files {
		d := read(t, f)
		for _, r := range d.Rewrites {
			for _, e := range r.Examples {
				in, ok := e["in"].(string)
				if !ok || e["unchanged"] == true || e["before"] != nil {
					continue
				}
				for _, channel := range []string{"text", "voice"} {
					tried++
					var st rules.State
					var j rules.Judgement
					facts := &rules.Facts{Session: "unasked", Locale: d.Locale, Channel: channel}
					set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "1182"}, facts, &j)
					set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: in}, facts, &j)
					if j.Decision > rules.Offer {
						t.Errorf("%s, %s: after %q a person is fetched (%v, by %s, %s), with nobody there", f.Name, r.ID, in, j.Decision, j.Reason, channel)
					}
				}
			}
		}
	}
	if tried < 200 {
		t.Errorf("%d replies tried: the packs' examples are not read as they are written", tried)
	}
}
