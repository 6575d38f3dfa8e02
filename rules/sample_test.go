package rules_test

import (
	"os"
	"path/filepath"
	"testing"

	"attune/rules"
)

// contract compiles a pack of testdata that holds the format to its contract.
func contract(t testing.TB, name string) *rules.Set {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	set, found := rules.Compile([]rules.File{{Name: name, Data: data}})
	if set == nil || len(found) > 0 {
		t.Fatalf("compile:\n%s", found)
	}
	return set
}

// sample is the pack that the design document prints, design-words.yaml what its words of the format add to that.
func sample(t testing.TB) *rules.Set { return contract(t, "design-sample.yaml") }

func TestDesignSamples(t *testing.T) {
	for _, name := range []string{"design-sample.yaml", "design-words.yaml"} {
		t.Run(name, func(t *testing.T) {
			if found := contract(t, name).Check(); len(found) > 0 {
				t.Fatalf("check:\n%s", found)
			}
		})
	}
}
