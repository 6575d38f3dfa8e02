package rules_test

import (
	"os"
	"testing"

	"attune/rules"
)

// sample compiles the pack that the design document prints; it is the contract of the format.
func sample(t testing.TB) *rules.Set {
	t.Helper()
	data, err := os.ReadFile("testdata/design-sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, found := rules.Compile([]rules.File{{Name: "design-sample.yaml", Data: data}})
	if set == nil || len(found) > 0 {
		t.Fatalf("compile:\n%s", found)
	}
	return set
}

func TestDesignSampleCompiles(t *testing.T) {
	sample(t)
}

func TestDesignSampleExamples(t *testing.T) {
	if found := sample(t).Check(); len(found) > 0 {
		t.Fatalf("check:\n%s", found)
	}
}
