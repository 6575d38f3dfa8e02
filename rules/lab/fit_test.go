package lab_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
	"attune/rules/lab"
)

func fitPack(tb testing.TB) ([]rules.File, *rules.Set) {
	tb.Helper()
	data, err := os.ReadFile("testdata/fit.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	files := []rules.File{{Name: "fit.yaml", Data: data}}
	set, found := rules.Compile(files)
	if set == nil || len(found) > 0 {
		tb.Fatalf("compile:\n%s", found)
	}
	return files, set
}

// talks makes labelled conversations: "telling" goes with dissatisfied turns, "noise" with any, "good" with others.
// poison labels those that are set aside the other way round.
func talks(tb testing.TB, n int, poison bool) []*lab.Dialogue {
	tb.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	var out []*lab.Dialogue
	for i := range n {
		id := fmt.Sprintf("talk-%d", i)
		var turns []string
		for range 4 {
			yes := random.Float64() < 0.2
			words := []string{"it is"}
			if yes && random.Float64() < 0.7 || !yes && random.Float64() < 0.03 {
				words = append(words, "telling")
			}
			if random.Float64() < 0.3 {
				words = append(words, "noise")
			}
			if !yes && random.Float64() < 0.3 {
				words = append(words, "good")
			}
			if random.Float64() < 0.002 {
				words = append(words, "rare")
			}
			if random.Float64() < 0.2 {
				words = append(words, "thanks")
			}
			label := 0
			if yes != (poison && lab.SetAside(id)) {
				label = 1
			}
			turns = append(turns, fmt.Sprintf(`{"role":"customer","text":%q,"label":{"dissatisfied":%d}},{"role":"bot","text":"Yes."}`, strings.Join(words, " "), label))
		}
		out = append(out, dialogue(tb, fmt.Sprintf(`{"id":%q,"turns":[%s]}`, id, strings.Join(turns, ","))))
	}
	return out
}

func fit(tb testing.TB, set *rules.Set, o lab.FitOptions, all []*lab.Dialogue) *lab.Fitted {
	tb.Helper()
	f := lab.NewFit(set, lab.Everyday(), o)
	for _, d := range all {
		f.Add(d)
	}
	fitted, err := f.Learn()
	if err != nil {
		tb.Fatal(err)
	}
	return fitted
}

func points(f *lab.Fitted) map[string][2]float64 {
	out := map[string][2]float64{}
	for _, c := range f.Rules {
		out[c.Rule] = [2]float64{c.Before, c.After}
	}
	return out
}

func TestFitLearnsWhatTells(t *testing.T) {
	files, set := fitPack(t)
	fitted := fit(t, set, lab.FitOptions{}, talks(t, 600, false))
	got := points(fitted)
	if got["telling"][1] < 2 {
		t.Errorf("telling has %v points, want enough for the flag", got["telling"])
	}
	if got["noise"][1] > 1 || got["good"][1] != 0 {
		t.Errorf("noise %v and good %v, want few points and none", got["noise"], got["good"])
	}
	if got["rare"] != [2]float64{1.5, 1.5} {
		t.Errorf("rare has %v points, want what it had", got["rare"])
	}
	if _, there := got["thanks"]; there {
		t.Error("what calms was learnt")
	}
	if c := fitted.Cross; c == nil || c.After.F1 < c.Before.F1+0.2 {
		t.Errorf("cross-validation %+v, want a good deal more", c)
	}
	out, after, err := fitted.Amend(files)
	if err != nil {
		t.Fatal(err)
	}
	for id, p := range after.Weighing("en").Points {
		if p != got[id][1] {
			t.Errorf("%s has %v points in the new set, want %v", id, p, got[id][1])
		}
	}
	if fitted.Findings != 0 {
		t.Errorf("%d findings, want none", fitted.Findings)
	}
	// Nothing but the numbers changed.
	undo := string(out[0].Data)
	for id, old := range map[string]string{"telling": "points:   0.5", "noise": "points: 2.0 # too many", "good": "points: 1\n"} {
		text := strings.Replace(old, strings.Fields(old)[1], fmt.Sprint(got[id][1]), 1)
		if strings.Count(undo, text) != 1 {
			t.Errorf("%q stands %d times in\n%s", text, strings.Count(undo, text), undo)
		}
		undo = strings.Replace(undo, text, old, 1)
	}
	if diff := cmp.Diff(string(files[0].Data), undo); diff != "" {
		t.Errorf("more than the points changed (-before +after):\n%s", diff)
	}
}

func TestFitNeverLooksAtWhatIsSetAside(t *testing.T) {
	_, set := fitPack(t)
	a, b := fit(t, set, lab.FitOptions{}, talks(t, 300, false)), fit(t, set, lab.FitOptions{}, talks(t, 300, true))
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("labels that are set aside change what is learnt:\n%s", diff)
	}
	if a.Seen.Aside == 0 {
		t.Error("nothing was set aside")
	}
}

// The labels say the opposite of each other in two files; how often people are dissatisfied differs between them and
// is no reason for points.
func TestFitLeavesAFilesMoodAlone(t *testing.T) {
	_, set := fitPack(t)
	f := lab.NewFit(set, lab.Everyday(), lab.FitOptions{})
	turn := `{"role":"customer","text":%q,"label":{"dissatisfied":%d}}`
	for i := range 400 {
		f.Add(dialogue(t, fmt.Sprintf(`{"id":"calm-%d","turns":[`+turn+`]}`, i, "it is fine", min(1, i%10/9))))
	}
	f.Source()
	for i := range 400 {
		f.Add(dialogue(t, fmt.Sprintf(`{"id":"angry-%d","turns":[`+turn+`]}`, i, "noise", min(1, i%10))))
	}
	fitted, err := f.Learn()
	if err != nil {
		t.Fatal(err)
	}
	if got := points(fitted)["noise"]; got[1] > got[0] {
		t.Errorf("noise went from %v to %v points for the mood of a file", got[0], got[1])
	}
}

// A label of the whole conversation counts where its score was highest.
func TestFitLearnsFromDialogues(t *testing.T) {
	_, set := fitPack(t)
	f := lab.NewFit(set, lab.Everyday(), lab.FitOptions{Label: "unhappy"})
	for i := range 500 {
		text, label := "it is noise", i%7%2
		if i%3 == 0 {
			text, label = "this is telling", 1
		}
		f.Add(dialogue(t, fmt.Sprintf(`{"id":"c%d","lang":"en-GB","turns":[{"role":"customer","text":%q},{"role":"customer","text":"bye"}],"label":{"unhappy":%d}}`, i, text, label)))
	}
	f.Add(dialogue(t, `{"id":"none","turns":[]}`))
	fitted, err := f.Learn()
	if err != nil {
		t.Fatal(err)
	}
	if s := fitted.Seen; s.LabelledTurns != 0 || s.LabelledDialogues+s.Aside != 500 || fitted.Cross != nil {
		t.Errorf("learnt from %+v, cross-validation %v", s, fitted.Cross)
	}
	if got := points(fitted)["telling"]; got[1] <= got[0] {
		t.Errorf("telling went from %v to %v points, want more", got[0], got[1])
	}
}

func TestFitMovesTheFlagWhenAsked(t *testing.T) {
	files, set := fitPack(t)
	all := talks(t, 400, false)
	if f := fit(t, set, lab.FitOptions{}, all); f.Flag != (lab.FlagChange{Before: 2, After: 2}) {
		t.Errorf("flag %+v without being asked", f.Flag)
	}
	fitted := fit(t, set, lab.FitOptions{Flag: true}, all)
	_, after, err := fitted.Amend(files)
	if err != nil {
		t.Fatal(err)
	}
	if got := after.Weighing("en").Flag; got != fitted.Flag.After {
		t.Errorf("flag %v in the new set, want %v", got, fitted.Flag.After)
	}
}

func TestFitRefusesTooLittle(t *testing.T) {
	_, set := fitPack(t)
	f := lab.NewFit(set, lab.Everyday(), lab.FitOptions{})
	for _, d := range talks(t, 20, false) {
		f.Add(d)
	}
	_, err := f.Learn()
	var little *lab.TooLittleError
	if !errors.As(err, &little) {
		t.Fatalf("error %v, want too little", err)
	}
	if !strings.Contains(err.Error(), "at least 30 of each") {
		t.Errorf("%q does not say how much is wanted", err)
	}
}

// What other packs are written for is left to them; a language without any is learnt from.
func TestFitTakesItsLanguage(t *testing.T) {
	set := shipped(t)
	f := lab.NewFit(set, lab.Everyday(), lab.FitOptions{})
	for i, lang := range []string{"de", "fr-CA", "en-GB", "", "xx"} {
		f.Add(dialogue(t, fmt.Sprintf(`{"id":"c%d","lang":%q,"turns":[{"role":"customer","text":"hello","label":{"dissatisfied":1}}]}`, i+100, lang)))
	}
	_, err := f.Learn()
	var little *lab.TooLittleError
	if !errors.As(err, &little) || little.Dialogues != 3 {
		t.Errorf("error %v, want that of three dialogues", err)
	}
}

func BenchmarkFit(b *testing.B) {
	_, set := fitPack(b)
	all := talks(b, 2000, false)
	for b.Loop() {
		fit(b, set, lab.FitOptions{}, all)
	}
}
