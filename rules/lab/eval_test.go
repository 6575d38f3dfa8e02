package lab_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"attune/rules"
	"attune/rules/lab"
)

// weights is a pack of words that weigh: meh 1, bad 2, awful 5.
func weights(tb testing.TB) *rules.Set {
	tb.Helper()
	var b strings.Builder
	b.WriteString("pack: weights\nversion: 1\nlocale: en\nowner: test@example.com\n" +
		"scoring: {half_life: 4, flag: 2, offer: {score: 5}, escalate: {score: 8}, rearm_below: 3}\nsignals:\n")
	for _, s := range []struct {
		word   string
		points int
	}{{"meh", 1}, {"bad", 2}, {"awful", 5}} {
		fmt.Fprintf(&b, "  - {id: %s, what: The customer says it., why: It weighs., from: customer, match: {phrases: ['(%s)']}, points: %d, "+
			"feels: [frustrated], examples: {fires: ['%s'], silent: ['fine']}}\n", s.word, s.word, s.points, s.word)
	}
	set, found := rules.Compile([]rules.File{{Name: "weights.yaml", Data: []byte(b.String())}})
	if set == nil {
		tb.Fatal(found)
	}
	return set
}

// labelled are six conversations; the comments say points and score of the labelled turns.
var labelled = []string{
	// 0/0, 2/2, 3/4.6818: right three times.
	`{"id":"d1","turns":[{"role":"customer","text":"fine","label":{"x":0}},{"role":"bot","text":"ok"},` +
		`{"role":"customer","text":"bad","label":{"x":1}},{"role":"bot","text":"ok"},{"role":"customer","text":"meh, bad","label":{"x":1}}],"label":{"x":1}}`,
	// 2/2, 0/1.6818: a false alarm in a calm dialogue.
	`{"id":"d2","turns":[{"role":"customer","text":"bad","label":{"x":0}},{"role":"customer","text":"hello","label":{"x":0}}],"label":{"x":0}}`,
	// 0/0, 5/5: missed, then a false alarm, which offers a person.
	`{"id":"d3","turns":[{"role":"customer","text":"hello","label":{"x":1}},{"role":"customer","text":"awful","label":{"x":0}}],"label":{"x":1,"told":true}}`,
	// Not labelled.
	`{"id":"d4","turns":[{"role":"customer","text":"bad"}]}`,
	// A calm dialogue, only labelled as a whole; offer, then escalation.
	`{"id":"d5","turns":[{"role":"customer","text":"awful"},{"role":"customer","text":"awful","label":{"x":null}}],"label":{"x":0}}`,
	// 1/1, 1/1.8409: missed twice; no label of its own.
	`{"id":"d6","turns":[{"role":"customer","text":"meh","label":{"x":1}},{"role":"customer","text":"meh","label":{"x":1}}],"label":{"x":null}}`,
}

func evaluated(tb testing.TB, o lab.EvalOptions, dialogues ...string) *lab.EvalReport {
	tb.Helper()
	o.Label = "x"
	e := lab.NewEval(weights(tb), lab.Everyday(), o)
	for _, d := range dialogues {
		e.Add(dialogue(tb, d))
	}
	return e.Report()
}

func measure(tp, fp, fn, tn int, p, r, f1, paper float64) lab.Measure {
	return lab.Measure{
		Counts:    lab.Counts{TruePositives: tp, FalsePositives: fp, FalseNegatives: fn, TrueNegatives: tn},
		Precision: p, Recall: r, F1: f1, PaperF1: paper,
	}
}

func area(v float64) lab.Area { return lab.Area{AUC: new(v)} }

// noIntervals leaves out what is drawn.
var noIntervals = cmp.Options{
	cmpopts.IgnoreFields(lab.Measure{}, "Intervals"), cmpopts.IgnoreFields(lab.Area{}, "Interval"),
	cmpopts.IgnoreFields(lab.FalseAlarms{}, "Interval"), cmpopts.IgnoreUnexported(lab.FirstAlarm{}, lab.Lead{}),
	// The regression has tests of its own.
	cmpopts.IgnoreFields(lab.ByTurn{}, "Regression", "RegressionArea"), cmpopts.IgnoreFields(lab.ByDialogue{}, "Regression", "RegressionArea"),
}

// Every figure was worked out by hand.
func TestEval(t *testing.T) {
	r := evaluated(t, lab.EvalOptions{}, labelled...)
	if r.Label != "x" || r.Rules != weights(t).Digest() || len(r.Parts) != 1 {
		t.Errorf("label %q, rules %q, %d parts", r.Label, r.Rules, len(r.Parts))
	}
	got := r.Parts[0]
	sweep, scores := got.Sweep, got.ScoreSweep
	got.Sweep, got.ScoreSweep = nil, nil
	want := lab.EvalPart{
		Part: "all", Dialogues: 6, Turns: 14, LabelledTurns: 9, YesTurns: 5, LabelledDialogues: 5, YesDialogues: 3,
		ByTurn: &lab.ByTurn{
			Flagged: measure(2, 2, 3, 2, 0.5, 0.4, 0.4444, 0.4),
			// Awful is on the list.
			Keywords: measure(0, 1, 5, 3, 0, 0, 0, 0),
			// So it is in the lexicon, as are bad and meh; fine is there with a better mood. 13 of 20 pairs are in order.
			Vader: measure(4, 2, 1, 2, 0.6667, 0.8, 0.7273, 0.7273), VaderArea: area(0.65),
			Always: measure(5, 4, 0, 0, 0.5556, 1, 0.7143, 0.7143),
			// 9 and 10.5 of 20 pairs are in order.
			Score: area(0.45), Points: area(0.525), KeywordArea: area(0.375),
		},
		ByDialogue: &lab.ByDialogue{
			Flagged:  measure(2, 2, 1, 0, 0.5, 0.6667, 0.5714, 0.5714),
			Offer:    measure(1, 1, 2, 1, 0.5, 0.3333, 0.4, 0.3333),
			Escalate: measure(0, 1, 3, 1, 0, 0, 0, 0),
			Keywords: measure(1, 1, 2, 1, 0.5, 0.3333, 0.4, 0.3333), Vader: measure(3, 2, 0, 0, 0.6, 1, 0.75, 0.75),
			Always: measure(3, 2, 0, 0, 0.6, 1, 0.75, 0.75),
			// Highest scores 4.6818, 5, 1.8409 against 2, 9.2045; points 3, 5, 1 against 2, 5.
			Score: area(0.3333), Points: area(0.4167),
		},
		Calm: &lab.Calm{
			Dialogues: 2,
			Flagged:   lab.FalseAlarms{Dialogues: 2, Share: 1, PerDialogue: 1.5},
			Offer:     lab.FalseAlarms{Dialogues: 1, Share: 0.5, PerDialogue: 1},
			Escalate:  lab.FalseAlarms{Dialogues: 1, Share: 0.5, PerDialogue: 0.5},
		},
		Timing: &lab.Timing{
			// d1 is in time, d3 one late (e^-1/2, e^-1/8, e^-1/18), d6 missed; d2 is needless.
			Dialogues: 3, GT: &[3]float64{0.5355, 0.6275, 0.6487}, GTAll: [3]float64{0.4016, 0.4706, 0.4865},
			Flagged:  lab.FirstAlarm{Same: 1, After: 1, Never: 1, Median: new(0.5)},
			Offer:    lab.FirstAlarm{After: 1, Never: 2, Median: new(1.0)},
			Escalate: lab.FirstAlarm{Never: 3},
		},
		// Of five labelled dialogues d5 is offered and given a person for nothing.
		Cost: &lab.Cost{Dialogues: 5, Offers: 20, Persons: 20, Each: 8, Minutes: [2]float64{160, 160}},
		// d1 is flagged a turn before its end, d3 on its last turn, which is also offered; d6 is not.
		Leads: &lab.Leads{Left: lab.LeadTo{
			Dialogues: 3, Flagged: lab.Lead{Before: 2, Median: new(0.5)}, Offer: lab.Lead{Before: 1, Median: new(0.0)},
		}},
		Rules: []lab.RuleWorth{
			{
				Rule: "bad", Fires: 4, Labelled: 3, Yes: 2, Precision: 0.6667, Lift: 1.2, LostF1: 0.4444,
				Dialogues: 2, DialoguesYes: 1, DialoguePrecision: 0.5, DialogueLift: 0.8333,
			},
			{
				Rule: "meh", Fires: 3, Labelled: 3, Yes: 3, Precision: 1, Lift: 1.8,
				Dialogues: 2, DialoguesYes: 2, DialoguePrecision: 1, DialogueLift: 1.6667,
			},
			{
				Rule: "awful", Fires: 3, Labelled: 1, LostF1: -0.0556,
				Dialogues: 2, DialoguesYes: 1, DialoguePrecision: 0.5, DialogueLift: 0.8333,
			},
		},
	}
	if diff := cmp.Diff(want, got, noIntervals); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	// d3 reaches 5, d5 more; d1 stays below, and d2 and d6 further.
	if diff := cmp.Diff(lab.ScoreStep{Score: 5, Dialogues: new(measure(1, 1, 2, 1, 0.5, 0.3333, 0.4, 0.3333)), CalmDialogues: new(0.5)}, scores[4], noIntervals); diff != "" {
		t.Errorf("score 5 (-want +got):\n%s", diff)
	}
	if len(sweep) != 12 {
		t.Fatalf("%d thresholds, want 12", len(sweep))
	}
	for i, want := range map[int]lab.SweepStep{
		0:  {Flag: 0.5, Turns: new(measure(4, 2, 1, 2, 0.6667, 0.8, 0.7273, 0.7273)), CalmDialogues: new(1.0)},
		3:  {Flag: 2, Turns: new(measure(2, 2, 3, 2, 0.5, 0.4, 0.4444, 0.4)), CalmDialogues: new(1.0)},
		4:  {Flag: 2.5, Turns: new(measure(1, 1, 4, 3, 0.5, 0.2, 0.2857, 0.2)), CalmDialogues: new(0.5)},
		9:  {Flag: 5, Turns: new(measure(0, 1, 5, 3, 0, 0, 0, 0)), CalmDialogues: new(0.5)},
		11: {Flag: 6, Turns: new(measure(0, 0, 5, 4, 0, 0, 0, 0)), CalmDialogues: new(0.0)},
	} {
		if diff := cmp.Diff(want, sweep[i], noIntervals); diff != "" {
			t.Errorf("threshold %v (-want +got):\n%s", want.Flag, diff)
		}
	}
}

// Dialogues that nobody labelled are calm when they are said to be.
func TestEvalCalm(t *testing.T) {
	c := evaluated(t, lab.EvalOptions{Calm: true}, labelled...).Parts[0].Calm
	want := &lab.Calm{
		Dialogues: 3,
		Flagged:   lab.FalseAlarms{Dialogues: 3, Share: 1, PerDialogue: 1.3333},
		Offer:     lab.FalseAlarms{Dialogues: 1, Share: 0.3333, PerDialogue: 0.6667},
		Escalate:  lab.FalseAlarms{Dialogues: 1, Share: 0.3333, PerDialogue: 0.3333},
	}
	if diff := cmp.Diff(want, c, noIntervals); diff != "" {
		t.Errorf("calm (-want +got):\n%s", diff)
	}
	p := evaluated(t, lab.EvalOptions{Calm: true}, labelled[3]).Parts[0]
	if p.ByTurn != nil || p.ByDialogue != nil || p.Timing != nil || p.Sweep[0].Turns != nil || p.Calm.Dialogues != 1 {
		t.Errorf("without labels %+v", p)
	}
}

func TestEvalExcept(t *testing.T) {
	p := evaluated(t, lab.EvalOptions{Except: "told"}, labelled...).Parts[0]
	if p.Dialogues != 5 || p.YesDialogues != 2 {
		t.Errorf("%d dialogues, %d yes; want 5 and 2", p.Dialogues, p.YesDialogues)
	}
}

// Labels on bot turns count like those on the customer's.
func TestEvalOfBotTurns(t *testing.T) {
	p := evaluated(t, lab.EvalOptions{}, `{"id":"a","turns":[{"role":"customer","text":"bad","label":{"x":1}},`+
		`{"role":"bot","text":"ok","label":{"x":1}},{"role":"customer","text":"bad"},{"role":"bot","text":"ok","label":{"x":0}}]}`).Parts[0]
	if diff := cmp.Diff(measure(1, 0, 1, 1, 1, 0.5, 0.6667, 0.6667), p.ByTurn.Flagged, noIntervals); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

// The labels that are there are named when the one that is wanted is not.
func TestEvalLabels(t *testing.T) {
	e := lab.NewEval(weights(t), lab.Everyday(), lab.EvalOptions{})
	for _, d := range labelled {
		e.Add(dialogue(t, d))
	}
	if names, found := e.Labels(); found || fmt.Sprint(names) != "[told x]" {
		t.Errorf("labels %v, found %v", names, found)
	}
	e.Add(dialogue(t, `{"turns":[],"label":{"dissatisfied":0}}`))
	if names, found := e.Labels(); !found || names != nil {
		t.Errorf("labels %v, found %v", names, found)
	}
}

// A fifth is set aside, and each dialogue is in one part.
func TestEvalAside(t *testing.T) {
	var all []string
	aside := 0
	for i := range 500 {
		id := fmt.Sprint("talk-", i)
		if lab.SetAside(id) {
			aside++
		}
		all = append(all, strings.Replace(labelled[i%2], `"id":"d`, `"id":"`+id+`","was":"`, 1))
	}
	r := evaluated(t, lab.EvalOptions{Aside: true}, all...)
	if len(r.Parts) != 2 || r.Parts[0].Part != "tuning" || r.Parts[1].Part != "aside" {
		t.Fatalf("parts %+v", r.Parts)
	}
	if got := r.Parts[1].Dialogues; got != aside || got < 80 || got > 120 || r.Parts[0].Dialogues != 500-aside {
		t.Errorf("%d and %d dialogues, want %d in the second", r.Parts[0].Dialogues, got, aside)
	}
	// SHA-256 of the id, as anybody can work it out.
	if lab.SetAside("talk-0") || !lab.SetAside("talk-4") {
		t.Error("the choice has changed: figures published before no longer hold")
	}
}

// Intervals hold the figure, are one point where all dialogues are alike, and narrow with their number.
func TestIntervals(t *testing.T) {
	alike := evaluated(t, lab.EvalOptions{}, labelled[0], labelled[0], labelled[0]).Parts[0].ByTurn
	if got := *alike.Flagged.Intervals.F1; got != (lab.Interval{1, 1}) {
		t.Errorf("interval of dialogues that are all right %v", got)
	}
	width := 1.0
	for _, n := range []int{4, 40, 400} {
		var all []string
		for i := range n {
			all = append(all, labelled[[]int{0, 1, 2, 5}[i%4]])
		}
		turns := evaluated(t, lab.EvalOptions{}, all...).Parts[0].ByTurn
		in := turns.Flagged.Intervals.F1
		if turns.Flagged.F1 < in[0] || turns.Flagged.F1 > in[1] || in[1]-in[0] >= width {
			t.Errorf("%d dialogues: F1 %v in %v, after a width of %v", n, turns.Flagged.F1, in, width)
		}
		width = in[1] - in[0]
		if a := turns.Score; *a.AUC < a.Interval[0] || *a.AUC > a.Interval[1] {
			t.Errorf("%d dialogues: AUC %v in %v", n, *a.AUC, a.Interval)
		}
	}
}

// The same dialogues give the same bytes.
func TestEvalIsRepeatable(t *testing.T) {
	var first []byte
	for range 3 {
		var b bytes.Buffer
		r := evaluated(t, lab.EvalOptions{Aside: true}, labelled...)
		for _, write := range []func(io.Writer) error{r.WriteText, r.WriteJSON, r.WriteSVG} {
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
		}
		if first == nil {
			first = b.Bytes()
		}
		if diff := cmp.Diff(string(first), b.String()); diff != "" {
			t.Fatalf("another run (-first +now):\n%s", diff)
		}
	}
}

func TestEvalOfNothing(t *testing.T) {
	r := evaluated(t, lab.EvalOptions{Aside: true})
	for _, write := range []func(io.Writer) error{r.WriteText, r.WriteJSON} {
		if err := write(io.Discard); err != nil {
			t.Error(err)
		}
	}
	if err := r.WriteSVG(io.Discard); !errors.Is(err, lab.ErrNoTurns) {
		t.Errorf("chart of nothing: %v", err)
	}
}

func TestChart(t *testing.T) {
	var b bytes.Buffer
	if err := evaluated(t, lab.EvalOptions{}, labelled...).WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	lines := 0
	for dec := xml.NewDecoder(&b); ; {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "polyline" {
			lines++
			for _, a := range e.Attr {
				if points := strings.Fields(a.Value); a.Name.Local == "points" && len(points) != 12 {
					t.Errorf("a line of %d points", len(points))
				}
			}
		}
	}
	if lines != 3 {
		t.Errorf("%d lines, want precision, recall and F1", lines)
	}
}

func TestReportsThatCannotBeWritten(t *testing.T) {
	r := evaluated(t, lab.EvalOptions{}, labelled...)
	for i, write := range []func(io.Writer) error{r.WriteText, r.WriteJSON, r.WriteSVG} {
		if err := write(fullDisk{}); !errors.Is(err, errFull) {
			t.Errorf("writer %d: %v", i, err)
		}
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
