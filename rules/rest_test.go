package rules_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules"
)

const halfBroken = `pack: half
locale: en
phrases:
  late: ["late again"]
signals:
  - id: late
    wat: The customer is late.
    why: Late is late, whatever comes.
    from: customer
    match: {phrases: [late]}
    points: 1
    examples: {fires: ["late again"], silent: ["early"]}
  - id: new
    what: The customer says something new.
    why: Nothing old is new.
    from: customer
    match: {phrases: ["brand new"]}
    points: 1
    examples: {fires: ["quite old", [{bot: "New?"}, {customer: "late again"}]], silent: ["early"]}
  - id: needs-late
    what: The customer is late again and again.
    why: Twice is worse than once.
    from: customer
    match: {phrases: ["and again"]}
    when: "fired('late', 1)"
    points: 1
    examples: {fires: ["late again and again"], silent: ["early"]}
rewrites:
  - id: one
    what: Says it in other words.
    why: Other words help the customer.
    match: {text: "it is gone"}
    say: ["It has left."]
    examples: [{in: "It is gone.", out: "It has left us."}]
  - id: other
    what: Says it in words of its own.
    why: Its own words help the customer.
    match: {text: "it is gone"}
    say: ["It went."]
    examples: [{in: "It is gone.", out: "It went."}, {in: "Bye.", unchanged: true}]
tests:
  - {name: late at last, turns: [{customer: "late again"}, {expect: {signals: [late]}}]}
messages:
  msg.here: ["Used by what is broken."]
`

// TestWhatIsSoundIsChecked: one misspelt key does not hide examples that fail elsewhere, and what needs the broken rule,
// or all of them, is not called wrong.
func TestWhatIsSoundIsChecked(t *testing.T) {
	files := []rules.File{{Name: "half.yaml", Data: []byte(halfBroken)}, {Name: "no.yaml", Data: []byte("pack: no\nversion: x\n")}}
	set, found := rules.Compile(files)
	if set != nil {
		t.Fatal("it compiled")
	}
	var got []string
	for _, d := range rules.Rest(files, found) {
		got = append(got, d.Severity.String()+" "+d.Message)
	}
	want := []string{
		`error rewrites "one" and "other" both replace "It is gone.", with equal priority and specificity`,
		`error "new" does not fire on this example`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// TestWhatIsNotReadIsNotBlamed: of texts that are no YAML nothing else is said.
func TestWhatIsNotReadIsNotBlamed(t *testing.T) {
	files := []rules.File{{Name: "p.yaml", Data: []byte("pack: p\nsignals:\n" + strings.NewReplacer(
		"what: The", "what: Note: the", "why: It", "why: Since: it").Replace(signalLike("a", "(awful)", "", "awful")))}}
	_, found := rules.Compile(files)
	if len(found) != 2 {
		t.Errorf("found\n%s", found)
	}
	if rest := rules.Rest(files, found); len(rest) > 0 {
		t.Errorf("found beside them\n%s", rest)
	}
}

// TestWhatIsSoundIsNotBlamed breaks one rule of the shipped English pack after the other: nothing else is at fault.
func TestWhatIsSoundIsNotBlamed(t *testing.T) {
	data, err := os.ReadFile("packs/core-en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	tried := 0
	for i, line := range lines {
		if !strings.HasPrefix(line, "    what: ") || i%31 != 0 {
			continue
		}
		tried++
		broken := append([]string(nil), lines...)
		broken[i] = strings.Replace(line, "what:", "wat:", 1)
		files := []rules.File{{Name: "core-en.yaml", Data: []byte(strings.Join(broken, "\n"))}}
		_, found := rules.Compile(files)
		for _, d := range rules.Rest(files, found) {
			t.Errorf("with %q misspelt in line %d, nothing is wrong with\n%s", "what", i+1, d)
		}
	}
	if tried < 3 {
		t.Errorf("only %d lines were tried", tried)
	}
}
