package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"attune/metrics"
)

// described is every metric that Attune has, with the names of its labels.
func described(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	desc := regexp.MustCompile(`fqName: "(\w+)".*variableLabels: \{([^}]*)\}`)
	take := func(c prometheus.Collector) {
		ch := make(chan *prometheus.Desc, 1024)
		c.Describe(ch)
		close(ch)
		for d := range ch {
			if m := desc.FindStringSubmatch(d.String()); m != nil {
				out[m[1]] = strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' })
			}
		}
	}
	metrics.New(recorder{prometheus.NewRegistry(), take})
	if len(out) < 40 {
		t.Fatalf("only %d metrics are described", len(out))
	}
	return out
}

// recorder is a registry that shows what is registered.
type recorder struct {
	*prometheus.Registry
	take func(prometheus.Collector)
}

// Register implements [prometheus.Registerer].
func (r recorder) Register(c prometheus.Collector) error {
	r.take(c)
	return r.Registry.Register(c)
}

// MustRegister implements [prometheus.Registerer].
func (r recorder) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		r.take(c)
	}
	r.Registry.MustRegister(all...)
}

// foreign are the names and labels that Prometheus brings along.
var (
	foreign       = []string{"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
	foreignLabels = []string{"instance", "job", "le"}
)

// checkQuery holds a query against the metrics: each name exists, and has the labels that are asked of it.
func checkQuery(t *testing.T, known map[string][]string, where, query string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`\b(attune_\w+|process_\w+|go_\w+|up)\b(?:\{([^}]*)\})?`).FindAllStringSubmatch(query, -1) {
		name := m[1]
		labels, ok := known[name]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base, cut := strings.CutSuffix(name, suffix); cut && !ok {
				labels, ok = known[base]
			}
		}
		if !ok && !slices.Contains(foreign, name) {
			t.Errorf("%s: there is no metric %s", where, name)
			continue
		}
		for _, l := range regexp.MustCompile(`(\w+)\s*[=!]`).FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(labels, l[1]) && !slices.Contains(foreignLabels, l[1]) {
				t.Errorf("%s: %s has no label %s", where, name, l[1])
			}
		}
	}
	all := slices.Concat(slices.Collect(maps.Values(known))...)
	for _, m := range regexp.MustCompile(`\b(?:by|without|ignoring|on) \(([^)]*)\)`).FindAllStringSubmatch(query, -1) {
		for _, l := range regexp.MustCompile(`\w+`).FindAllString(m[1], -1) {
			if !slices.Contains(all, l) && !slices.Contains(foreignLabels, l) {
				t.Errorf("%s: no metric has a label %s", where, l)
			}
		}
	}
}

// promtool runs Prometheus' own tool.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil && os.Getenv("ATTUNE_TEST_FULL") == "" {
		t.Skip("promtool is not installed")
	}
	if out, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestDashboard: every query of the dashboard is one, and names metrics and labels that exist.
func TestDashboard(t *testing.T) {
	data, err := os.ReadFile("grafana/attune.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Annotations struct{ List []struct{ Name, Expr string } }
		Panels      []struct {
			ID      int
			Type    string
			Title   string
			GridPos struct{ H, W, X, Y int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	known := described(t)
	queries := map[string]string{}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%s: its id is taken, or it stands beyond the edge", p.Title)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s asks nothing", p.Title)
		}
		for i, q := range p.Targets {
			queries[fmt.Sprintf("%s, query %d", p.Title, i+1)] = q.Expr
		}
	}
	for _, a := range board.Annotations.List {
		queries["annotation "+a.Name] = a.Expr
	}
	if len(queries) < 30 {
		t.Errorf("only %d queries are found", len(queries))
	}
	var rules strings.Builder
	rules.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	for n, where := range slices.Sorted(maps.Keys(queries)) {
		checkQuery(t, known, where, queries[where])
		expr := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*").Replace(queries[where])
		fmt.Fprintf(&rules, "      - {record: \"dashboard:query_%d\", expr: %q}\n", n, expr)
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}

// TestAlerts: six alerts, checked and tested by promtool, over metrics that exist, each with a section in the runbook.
func TestAlerts(t *testing.T) {
	promtool(t, "check", "rules", "prometheus/alerts.yml")
	promtool(t, "test", "rules", "prometheus/alerts_test.yml")
	promtool(t, "check", "config", "prometheus/prometheus.yml")

	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	readYAML(t, "prometheus/alerts.yml", &file)
	tests, err := os.ReadFile("prometheus/alerts_test.yml")
	if err != nil {
		t.Fatal(err)
	}
	runbook, err := os.ReadFile("runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	known := described(t)
	n := 0
	for _, g := range file.Groups {
		for _, a := range g.Rules {
			n++
			checkQuery(t, known, a.Alert, a.Expr)
			if want := "deploy/runbook.md#" + strings.ToLower(a.Alert); a.Annotations["runbook_url"] != want {
				t.Errorf("%s leads to %q, want %q", a.Alert, a.Annotations["runbook_url"], want)
			}
			if !strings.Contains(string(runbook), "\n## "+a.Alert+"\n") {
				t.Errorf("the runbook has no section %s", a.Alert)
			}
			if !strings.Contains(string(tests), "alertname: "+a.Alert) {
				t.Errorf("%s has no test", a.Alert)
			}
		}
	}
	if n != 6 {
		t.Errorf("%d alerts, want 6", n)
	}
}
