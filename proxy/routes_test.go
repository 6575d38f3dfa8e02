package proxy_test

import (
	"slices"
	"strings"
	"testing"

	"attune/proxy"
	"attune/proxy/wire"
)

// TestRouteFaultsAllAtOnce holds what is wrong with a file of routes against what is
// said of it: every fault, with its place.
func TestRouteFaultsAllAtOnce(t *testing.T) {
	plain, err := wire.Lookup("json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file string
		want       []string // parts of the faults, in order
	}{
		{"none", "routes:\n  - {path: /chat, backend: ws://bot, touchpoint: /t, register: formal, profile: botkit-web, backend_http: http://bot}\n", nil},
		{"all at once", `routes:
  - {path: chat, backend: http://bot, register: polite}
  - {path: chat, bakend: ws://bot, register: [x]}
  - {path: /chat, backend: ws://bot, profile: none-such, backend_http: ws://bot}
  - 5
`, []string{
			`route 1: backend: scheme "http"`, `route 1: path "chat"`, `route 1: register "polite"`, `route 2: [3:18] unknown field "bakend"`, "route 2: [3:", `route 2: path "chat"`,
			"route 3: backend_http: scheme", "route 3: profile: unknown profile", "route 4: [5:5] int was used",
		}},
		{
			"rules of its own", "routes:\n  - {path: /billing, backend: ws://bot, rules: strict}\n  - {host: a.example, backend: ws://bot, rules: [x]}\n",
			[]string{"route 1: rules: all routes of a node have the same: write when: \"path startsWith '/billing'\"", "route 2: rules: all routes"},
		},
		{"another key", "rutes: []\n", []string{`[1:1] unknown field "rutes"`}},
		{"nothing", "routes: []\n", []string{"no routes"}},
		{"no list", "routes: 5\n", []string{"[1:9] int was used"}},
		{"no YAML", "routes: [\n", []string{"[1:9]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := proxy.ParseRoutes("r.yaml", []byte(tt.file), plain)
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if !slices.EqualFunc(got, tt.want, func(g, w string) bool { return strings.HasPrefix(g, "r.yaml: ") && strings.Contains(g, w) }) {
				t.Errorf("said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}
