package rules_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attune/rules"
)

// detected is one use of a detector: conversations whose last turn it fires on, and others where it is silent. A
// conversation is written in lines, see talk.say, joined by " / ".
type detected struct {
	detector string // with parameters: "customer.repeat, same: exactly"
	fires    []string
	silent   []string
}

// run compiles a pack with nothing but the detector and plays the conversations.
func (d detected) run(t *testing.T) {
	t.Helper()
	name, _, _ := strings.Cut(d.detector, ",")
	from, _, _ := strings.Cut(name, ".")
	set := compile(t, packOf("en", "signals:\n"+signalOf("it", from, "{detect: "+d.detector+"}", "points: 1,")))
	t.Run(d.detector, func(t *testing.T) {
		for _, c := range d.fires {
			if !firesLast(t, set, c) {
				t.Errorf("silent on %q", c)
			}
		}
		for _, c := range d.silent {
			if firesLast(t, set, c) {
				t.Errorf("fires on %q", c)
			}
		}
	})
}

func firesLast(t *testing.T, set *rules.Set, conversation string) bool {
	t.Helper()
	k := newTalk(set)
	fired := false
	for line := range strings.SplitSeq(conversation, " / ") {
		fired = slices.Contains(k.say(t, line).Signals, "it")
	}
	return fired
}

func TestDetectorParameters(t *testing.T) {
	for _, bad := range []string{
		"customer.repaet", "customer.repeat, window: 0", "customer.repeat, window: 99", "customer.repeat, same: nearly",
		"customer.repeat, colour: red", "customer.shouting, share: NaN", "customer.shouting, share: 2", "event.dtmf, value: ''",
	} {
		set, found := rules.Compile([]rules.File{{Name: "p.yaml", Data: []byte(packOf("en",
			"signals:\n"+signalOf("it", "customer", "{detect: "+bad+"}", "points: 1,")))}})
		if set != nil || !found.HasErrors() {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// Every detector says what it sees and where that comes from, and has a table of conversations.
func TestEveryDetectorIsAccountedFor(t *testing.T) {
	files, err := filepath.Glob("detect_*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tables strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tables.Write(data)
	}
	sections := map[string]string{}
	for _, s := range strings.Split(rules.DetectorPage(), "\n## ")[1:] {
		name, text, _ := strings.Cut(s, "\n")
		sections[name] = text
	}
	for _, name := range rules.DetectorNames() {
		if !strings.Contains(tables.String(), `{"`+name+`"`) && !strings.Contains(tables.String(), `{"`+name+`, `) && !strings.Contains(tables.String(), `"`+name+`"`) {
			t.Errorf("%s has no table", name)
		}
		text := sections[name]
		if _, source, ok := strings.Cut(text, "Source: "); !ok || len(strings.TrimSpace(text[:strings.Index(text, ".")])) < 10 || len(source) < 10 || source[0] == '\n' {
			t.Errorf("%s does not say what it sees or where that comes from:%s", name, text)
		}
	}
}
