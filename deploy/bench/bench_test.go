package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"attune/deploy/bench/load"
	"attune/deploy/bench/stage"
)

// The whole bench, small: every proxy that is installed, everything on.
func TestQuick(t *testing.T) {
	if os.Getenv("ATTUNE_TEST_FULL") == "" {
		t.Skip("ATTUNE_TEST_FULL is not set")
	}
	dir := t.TempDir()
	for _, pkg := range []string{"attune/cmd/attune", "attune/deploy/bench"} {
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, filepath.Base(pkg)), pkg).CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", pkg, err, out)
		}
	}
	proxies := "direct gorilla loops attune"
	for _, peer := range []string{"nginx", "haproxy"} {
		if _, err := exec.LookPath(peer); err == nil {
			proxies += " " + peer
		}
	}
	t.Setenv("BENCH_PROXIES", proxies)
	t.Setenv("BENCH_SCENARIOS", "idle c16")
	out := filepath.Join(dir, "figures.json")
	var table bytes.Buffer
	err := run(t.Context(), []string{
		"compare", "-quick", "-attune", filepath.Join(dir, "attune"), "-bench", filepath.Join(dir, "bench"), "-dir", dir, "-out", out,
	}, &table, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "| memory an idle session, used once, KiB |") {
		t.Errorf("table:\n%s", &table)
	}
	var r Report
	if err := readJSON(out, &r); err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(strings.Fields(proxies)); len(r.Measurements) != want {
		t.Errorf("%d measurements, want %d", len(r.Measurements), want)
	}
	for _, m := range r.Measurements {
		switch {
		case m.Handshakes.PerSecond <= 0, m.Scenario == "idle" && m.Base == 0, m.Scenario != "idle" && m.Load.Messages == 0:
			t.Errorf("not measured: %+v", m)
		case m.Proxy == "attune" && m.Scenario == "idle" && m.Redis.Bytes < 100:
			t.Errorf("nothing of Redis: %+v", m)
		}
	}
}

// A proxy that does not start is told of, with what it said.
func TestWhatDoesNotStartIsTold(t *testing.T) {
	s := &stage.Stage{Dir: t.TempDir(), Bench: "false"}
	if show, err := s.Start(t.Context(), "direct"); err == nil || !strings.Contains(err.Error(), "backend has ended") {
		t.Errorf("%+v, %v", show, err)
	}
}

// Figures of an Attune whose rules do nothing would be figures of something
// else, and so would those of a tunnel that rewords.
func TestEverythingIsOn(t *testing.T) {
	b := &bench{settings: defaults()}
	for name, r := range map[string]load.Result{"gorilla": {Sent: 100, Reworded: 1}, "nginx": {Sent: 100, Reworded: 100}} {
		if err := b.everythingOn(t.Context(), &stage.Show{Name: name}, 0, r); err == nil {
			t.Errorf("%s rewords and nobody wonders", name)
		}
	}
	judgedAll, failOpen := 100, 0
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "# HELP x y\nattune_fail_open_total{reason=\"rules\"} %d\n%s %d\n", failOpen, judgedSeries, judgedAll)
	}))
	defer admin.Close()
	show := &stage.Show{Name: "attune", Admin: strings.TrimPrefix(admin.URL, "http://")}
	for _, tt := range []struct {
		name                   string
		judged, open, reworded int
		fault                  string
	}{
		{"all", 100, 0, 100, ""},
		{"not judged", 60, 0, 100, "judged 60 of 100"},
		{"not reworded", 100, 0, 50, "reworded 50 of 100"},
		{"let pass", 100, 3, 100, "fail_open"},
	} {
		judgedAll, failOpen = tt.judged, tt.open
		err := b.everythingOn(t.Context(), show, 0, load.Result{Sent: 100, Reworded: tt.reworded})
		if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.fault)
		}
	}
}

func TestScriptIsValid(t *testing.T) {
	if out, err := exec.CommandContext(t.Context(), "bash", "-n", "run.sh").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "run.sh", "--fast")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "run.sh --soak MINUTES") {
		t.Errorf("an unknown flag: %v\n%s", err, out)
	}
}
