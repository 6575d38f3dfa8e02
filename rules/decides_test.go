package rules_test

import (
	"slices"
	"testing"

	"attune/rules"
)

func TestWhatRulesDecideByThemselves(t *testing.T) {
	set := sample(t)
	var all []string
	set.Decides(func(rule string, d rules.Decision) { all = append(all, rule+" "+d.String()) })
	slices.Sort(all)
	want := []string{"asks-for-person escalate", "legal-trigger route", "self-harm crisis", "two-failures offer"}
	if !slices.Equal(all, want) {
		t.Errorf("the rules decide %q, want %q", all, want)
	}
}
