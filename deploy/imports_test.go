// Package deploy holds what is needed to run Attune; its tests hold the
// repository as a whole to its promises.
package deploy

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

type listed struct {
	ImportPath string
	Imports    []string
}

// packages asks the go command for every package of the module.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "attune/...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// may says which rooms a room may enter: cmd, then proxy, then the rooms
// around it; rules and metrics know nobody. The bench stands outside and drives
// the program. A room that is not listed may enter none of ours.
var may = map[string][]string{
	"attune/cmd/attune":        {"attune/proxy", "attune/proxy/", "attune/rules", "attune/rules/", "attune/metrics", "attune/metrics/"},
	"attune/proxy":             {"attune/proxy/", "attune/rules", "attune/metrics"},
	"attune/proxy/proxytest":   {"attune/proxy/frame"},
	"attune/proxy/console":     {"attune/proxy/handoff"},
	"attune/rules/packs":       {"attune/rules"},
	"attune/rules/lab":         {"attune/rules", "attune/rules/lab/chart"},
	"attune/proxy/frame":       nil,
	"attune/proxy/wire":        nil,
	"attune/proxy/session":     nil,
	"attune/proxy/bundle":      {"attune/rules"},
	"attune/proxy/handoff":     nil,
	"attune/proxy/webhook":     nil,
	"attune/proxy/transport":   nil,
	"attune/rules":             nil,
	"attune/metrics":           nil,
	"attune/metrics/footprint": nil,

	"attune/deploy/bench":       {"attune/deploy/bench/", "attune/metrics/footprint", "attune/rules/lab/chart"},
	"attune/deploy/bench/load":  {"attune/deploy/bench/talk", "attune/proxy/frame"},
	"attune/deploy/bench/peers": {"attune/deploy/bench/talk", "attune/proxy/frame", "attune/proxy/transport"},
	"attune/deploy/bench/stage": {"attune/rules/packs"},
}

// never says what must not be imported where, beside our own rooms.
var never = map[string][]string{
	"attune/rules":   {"net", "net/http", "log/slog", "github.com/redis/", "github.com/prometheus/"},
	"attune/metrics": {"github.com/redis/", "log/slog"},
}

func TestImportsPointOneWay(t *testing.T) {
	all := packages(t)
	if len(all) < 10 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	for _, p := range all {
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "attune/") && !allowed(may[p.ImportPath], i) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
			for room, refused := range never {
				if (p.ImportPath == room || strings.HasPrefix(p.ImportPath, room+"/")) && allowed(refused, i) {
					t.Errorf("%s imports %s", p.ImportPath, i)
				}
			}
		}
	}
}

// allowed reports whether path is in list; an entry with a slash at its end
// stands for everything below it.
func allowed(list []string, path string) bool {
	for _, a := range list {
		if a == path || strings.HasSuffix(a, "/") && strings.HasPrefix(path, a) {
			return true
		}
	}
	return false
}
