package lab_test

import (
	"os"
	"strings"
	"testing"

	"attune/rules"
	"attune/rules/lab"
)

func TestAmend(t *testing.T) {
	for _, x := range []struct {
		name, pack, want string
		amendment        lab.Amendment
	}{
		{"block", "signals:\n- id: a\n  points: 2   # two\n- id: b\n  points: 2\n", "signals:\n- id: a\n  points: 3.5   # two\n- id: b\n  points: 2\n", lab.Amendment{Points: map[string]float64{"a": 3.5}}},
		{"flow", "signals: [{id: a, points: 2}, {points: 0.50, id: b}]", "signals: [{id: a, points: 0}, {points: 12, id: b}]", lab.Amendment{Points: map[string]float64{"a": 0, "b": 12}}},
		{"quoted id, signs and CRLF", "what: “déjà” 🙂\r\nsignals:\r\n- {id: 'a', what: “é🙂”, points: 2}\r\n", "what: “déjà” 🙂\r\nsignals:\r\n- {id: 'a', what: “é🙂”, points: 1.5}\r\n", lab.Amendment{Points: map[string]float64{"a": 1.5}}},
		{"flag", "scoring: {half_life: 4, flag: 2, offer: {score: 2}}", "scoring: {half_life: 4, flag: 2.5, offer: {score: 2}}", lab.Amendment{Flag: 2.5}},
		{"scores", "scoring:\n  offer: {score: 5, dominated: 3} # a\n  escalate:\n    score: 8 # b\n", "scoring:\n  offer: {score: 4.5, dominated: 3} # a\n  escalate:\n    score: 7 # b\n", lab.Amendment{Offer: 4.5, Escalate: 7}},
		{"one pair only", "scoring:\n  flag: 2", "scoring:\n  flag: 1", lab.Amendment{Flag: 1}},
		{"nothing", "pack: x", "pack: x", lab.Amendment{}},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := lab.Amend(rules.File{Name: "t.yaml", Data: []byte(x.pack)}, x.amendment)
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Data) != x.want || got.Name != "t.yaml" {
				t.Errorf("%s:\n%q, want\n%q", got.Name, got.Data, x.want)
			}
		})
	}
}

func TestAmendRefuses(t *testing.T) {
	a := lab.Amendment{Points: map[string]float64{"a": 1}}
	for _, x := range []struct {
		name, pack, want string
		amendment        lab.Amendment
	}{
		{"no YAML", "a: [", "cannot be read as YAML", a},
		{"nothing", "", "not in it", a},
		{"no signals", "pack: x", "1 of 1 signals are not in it", a},
		{"another", "signals: [{id: b, points: 1}]", "1 of 1 signals are not in it", a},
		{"no points", "signals: [{id: a}]", "the points of a are not written there as a number", a},
		{"an alias", "x: &x 2\nsignals: [{id: a, points: *x}]", "the points of a are not written there as a number", a},
		{"no score", "scoring: {offer: {angry: 4}}", "the points of offer are not written there as a number", lab.Amendment{Offer: 1}},
		{"no flag", "scoring: {half_life: 4}", "the flag are not written there as a number", lab.Amendment{Flag: 1}},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := lab.Amend(rules.File{Name: "t.yaml", Data: []byte(x.pack)}, x.amendment)
			if err == nil || !strings.Contains(err.Error(), x.want) || !strings.HasPrefix(err.Error(), "amend t.yaml: ") {
				t.Errorf("error %v, want %q", err, x.want)
			}
		})
	}
}

// Whatever stands around a number, replacing it there and back gives the same file, or an error.
func FuzzAmend(f *testing.F) {
	data, err := os.ReadFile("testdata/fit.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("signals: [{id: telling, points: 0.5}]")
	f.Add("signals:\n- &x {id: telling, points: 1}\n- *x")
	f.Add("a: |\n  flag:\nsignals: !!seq [{id: telling, points: 0x1F}]")
	f.Add("signals:\n\t- id: telling\n\t  points: 1\n---\nsignals: []")
	f.Fuzz(func(t *testing.T, pack string) {
		there := rules.File{Name: "t.yaml", Data: []byte(pack)}
		once, err := lab.Amend(there, lab.Amendment{Points: map[string]float64{"telling": 1234.5}})
		if err != nil {
			return
		}
		// Its own number may have been spelt otherwise: it is compared as it is written here.
		twice, err := lab.Amend(once, lab.Amendment{Points: map[string]float64{"telling": 7}})
		if err != nil {
			t.Fatalf("amended, it cannot be amended again: %v\n%q", err, once.Data)
		}
		again, err := lab.Amend(twice, lab.Amendment{Points: map[string]float64{"telling": 1234.5}})
		if err != nil || string(again.Data) != string(once.Data) {
			t.Fatalf("there and back: %q, then %q (%v)", once.Data, again.Data, err)
		}
	})
}
