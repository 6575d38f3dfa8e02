package rules_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain makes the tests of random replies say the same of the same commit; -rapid.seed=N looks elsewhere.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("20261127")
	}
	os.Exit(m.Run())
}
