package footprint_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"attune/metrics/footprint"
)

// What is computed with was measured, all of it.
func TestEverythingWasMeasured(t *testing.T) {
	f, err := footprint.Read()
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s is missing", v.Type().Field(i).Name)
		}
	}
	if !strings.Contains(f.Command, "deploy/bench/run.sh") {
		t.Errorf("measured by %q", f.Command)
	}
}

func ExampleRead() {
	f, err := footprint.Read()
	fmt.Println(f.SessionMessages, err)
	// Output: 10 <nil>
}
