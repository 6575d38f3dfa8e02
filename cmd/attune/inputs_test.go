package main

import (
	"path/filepath"
	"testing"
)

// TestUnstaffed: who asks for a person is promised one, so it is told at the start when nobody can come.
func TestUnstaffed(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		put(t, path, text)
		return path
	}
	metrics, agent := file("metrics", "prom:metrics:0123456789abcdef\n"), file("agent", "mia:agent:0123456789abcdef\n")
	backend, console := file("backend.yaml", "a: {kind: backend, address: sales}\n"), file("console.yaml", "a: {kind: console}\n")
	for _, tt := range []struct {
		name string
		c    Config
		want bool
	}{
		{"no tokens", Config{Mode: "observe"}, true},
		{"no agent", Config{Mode: "full", TokensFile: metrics}, true},
		{"nobody is promised", Config{Mode: "observe-all"}, false},
		{"an agent", Config{Mode: "observe", TokensFile: agent}, false},
		{"the bot brings people in", Config{Mode: "full", Desks: backend}, false},
		{"people at the console", Config{Mode: "full", Desks: console}, true},
	} {
		tt.c.BackendURL, tt.c.Profile, tt.c.Rules = "ws://127.0.0.1:1", "json", t.TempDir()
		in, faults := read(tt.c)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", tt.name, faults)
		}
		if got := in.unstaffed(); got != tt.want {
			t.Errorf("%s: unstaffed is %v, want %v", tt.name, got, tt.want)
		}
	}
}
