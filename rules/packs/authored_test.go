package packs_test

import (
	"os"
	"testing"

	"github.com/goccy/go-yaml"

	"attune/rules"
)

// document is the part of a pack that tests about its authoring read.
type document struct {
	Locale  string `yaml:"locale"`
	Signals []struct {
		ID       string `yaml:"id"`
		Examples struct {
			Fires  []any `yaml:"fires"`
			Silent []any `yaml:"silent"`
		} `yaml:"examples"`
	} `yaml:"signals"`
	Rewrites []struct {
		ID    string `yaml:"id"`
		Move  string `yaml:"move"`
		Say   any    `yaml:"say"`
		Steps []struct {
			Say any `yaml:"say"`
		} `yaml:"steps"`
		Examples []map[string]any `yaml:"examples"`
	} `yaml:"rewrites"`
	Messages map[string]any `yaml:"messages"`
}

func read(t *testing.T, f rules.File) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(f.Data, &d); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return d
}

// authored lists every sentence of a pack that customers may read.
func authored(t *testing.T, f rules.File) []string {
	t.Helper()
	d := read(t, f)
	var out []string
	for _, r := range d.Rewrites {
		out = append(out, texts(r.Say)...)
		for _, s := range r.Steps {
			out = append(out, texts(s.Say)...)
		}
	}
	for _, m := range d.Messages {
		out = append(out, texts(m)...)
	}
	return out
}

// texts reads a list of texts, or one text.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, texts(x)...)
		}
		return out
	}
	return nil
}

func TestEveryRuleShowsBothSides(t *testing.T) {
	for _, name := range []string{"core-en.yaml", "voice-en.yaml"} {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d := read(t, rules.File{Name: name, Data: file})
		for _, s := range d.Signals {
			if len(s.Examples.Fires) == 0 || len(s.Examples.Silent) == 0 {
				t.Errorf("%s: signal %s lacks an example that fires or one that stays silent", name, s.ID)
			}
		}
		for _, r := range d.Rewrites {
			changed, unchanged := 0, 0
			for _, e := range r.Examples {
				if e["unchanged"] == true {
					unchanged++
				} else {
					changed++
				}
			}
			if changed == 0 || unchanged == 0 {
				t.Errorf("%s: rewrite %s lacks an example that is changed or one that is left alone", name, r.ID)
			}
		}
	}
}
