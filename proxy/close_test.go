package proxy

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"attune/proxy/frame"
)

// TestEndings: every reason fits into a Close, every code may be sent and is
// documented.
func TestEndings(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	causes := map[string]bool{}
	for _, e := range endings {
		if len(e.reason) > 123 || !frame.ValidCode(e.code) {
			t.Errorf("%+v cannot be sent", e)
		}
		if causes[e.cause] {
			t.Errorf("cause %q twice", e.cause)
		}
		causes[e.cause] = true
		retry := "no"
		if e.retry {
			retry = "yes"
		}
		if e == endGone { // for backends, which do not come back by themselves
			retry = "-"
		}
		if row := fmt.Sprintf("| %d | %s |", e.code, retry); !strings.Contains(string(readme), row) {
			t.Errorf("README has no row %q for %q", row, e.cause)
		}
	}
}
