package rules_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attune/rules"
	"attune/rules/packs"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(rules.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("pack.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("pack.json")
	if err != nil {
		t.Fatalf("the schema is not one of draft 2020-12: %v", err)
	}
	return s
}

// validate holds a pack against the schema, as an editor does.
func validate(t *testing.T, s *jsonschema.Schema, f rules.File) error {
	t.Helper()
	var doc any
	if err := yaml.Unmarshal(f.Data, &doc); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return s.Validate(doc)
}

// samplePacks are the shipped packs, the pack of the design document and the one of the README.
func samplePacks(t *testing.T) []rules.File {
	t.Helper()
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	sample, err := os.ReadFile("testdata/design-sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("packs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, composed, _ := strings.Cut(string(readme), "```yaml\n")
	composed, _, _ = strings.Cut(composed, "```")
	return append(files, rules.File{Name: "design-sample.yaml", Data: sample}, rules.File{Name: "README.md", Data: []byte(composed)})
}

func TestSchemaAcceptsPacks(t *testing.T) {
	s := schema(t)
	for _, f := range samplePacks(t) {
		if err := validate(t, s, f); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestSchemaRefusesUnknownKeys(t *testing.T) {
	s := schema(t)
	goldens, err := filepath.Glob("testdata/broken/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, name := range goldens {
		golden, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(strings.TrimSuffix(name, ".golden") + ".yaml")
		if err != nil || !bytes.Contains(golden, []byte("unknown key")) {
			continue
		}
		if validate(t, s, rules.File{Name: name, Data: data}) == nil {
			t.Errorf("%s: the schema accepts a key that the decoder does not know", name)
		}
		refused++
	}
	if refused < 3 {
		t.Errorf("only %d broken packs have unknown keys, so this test looks in the wrong place", refused)
	}
}

// Parameters of detectors and names of conditions are known to editors, too.
func TestSchemaKnowsDetectorsAndConditions(t *testing.T) {
	s := schema(t)
	const signal = "pack: p\nsignals: [{id: a, what: w, why: w, from: customer, match: %m, when: %w, examples: {fires: [a], silent: [b]}}]\n"
	for _, tt := range []struct {
		match, when string
		good        bool
	}{
		{"{detect: customer.repeat, window: 3, same: mostly}", "{feeling.dominated: '>= 3', customer_turn: '> 2'}", true},
		{"{detect: event.dtmf, value: '0', not: {phrases: [x]}}", "{\"fired('b', 2)\": true}", true},
		{"{detect: bot.fallback}", "score > 1", true},
		{"{detect: customer.repeat, windw: 3}", "true", false},
		{"{detect: customer.repeat, window: 300}", "true", false},
		{"{detect: customer.repeat, same: sortof}", "true", false},
		{"{detect: bot.fallback, window: 3}", "true", false},
		{"{phrases: [x], window: 3}", "true", false},
		{"{phrases: [x]}", "{scoer: '> 3'}", false},
	} {
		text := strings.NewReplacer("%m", tt.match, "%w", tt.when).Replace(signal)
		if err := validate(t, s, rules.File{Name: "p.yaml", Data: []byte(text)}); (err == nil) != tt.good {
			t.Errorf("match %s when %s: %v", tt.match, tt.when, err)
		}
	}
}

func TestSchemaRefusesWhatIsMissing(t *testing.T) {
	s := schema(t)
	for name, text := range map[string]string{
		"a pack without a name":        "locale: en",
		"a signal without a why":       "pack: a\nsignals: [{id: x, what: w, from: customer, match: {phrases: [a]}, examples: {fires: [b]}}]",
		"a word that is not in a list": "pack: a\nregister: posh",
		"a number out of range":        "pack: a\nscoring: {half_life: 0}",
		"an override without a why":    "pack: a\nsignals: [{id: x, overrides: {pack: b, digest: c}}]",
		"a detector nobody knows":      "pack: a\nsignals: [{id: x, what: w, why: y, from: customer, match: {detect: customer.repaet}, examples: {fires: [b]}}]",
		"a share without a percent":    "pack: a\ntouchpoints: [{id: x, when: a, story: s, target: 80}]",
	} {
		if validate(t, s, rules.File{Name: name, Data: []byte(text)}) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestEveryKeyOfTheSchemaIsRead(t *testing.T) {
	rare := pack(`
pack: rare
signals:
  - {id: a, what: w, why: y, from: customer, match: {near: {phrases: ["(no)", "(way)"], words: 3}}, examples: {fires: ["no way"]}}
rewrites:
  - {id: b, what: w, why: y, match: {text: no}, say: [no], adds: [promise], approved: {by: someone, until: 2030-01-01}, examples: [{in: a, out: b}]}
`)
	if err := validate(t, schema(t), rare); err != nil {
		t.Error(err)
	}
	if unread := rules.UnreadKeys(append(samplePacks(t), rare)); len(unread) > 0 {
		t.Errorf("keys in the table of the format that the decoder does not read: %v", unread)
	}
}
