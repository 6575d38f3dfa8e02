package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestSettingsAreRead(t *testing.T) {
	s := defaults()
	env := map[string]string{
		"BENCH_ROUNDS": "5", "BENCH_WINDOW": "2s", "BENCH_SCENARIOS": "idle c8 r50", "BENCH_PROXIES": "direct attune", "BENCH_STIFF": "0.4", "BENCH_WARM": "",
		"BENCH_ATTUNE": "ATTUNE_PING=0 ATTUNE_IDLE=1m",
	}
	if err := s.read(func(name string) (string, bool) { v, set := env[name]; return v, set }); err != nil {
		t.Fatal(err)
	}
	if s.Rounds != 5 || s.Window != 2*time.Second || len(s.Scenarios) != 3 || len(s.Proxies) != 2 || len(s.Attune) != 2 || s.Stiff != 0.4 || s.Warm != time.Second {
		t.Errorf("%+v", s)
	}
	for want, name := range map[string]scenario{
		"idle": {"idle", s.Sessions, 0}, "c8": {"c8", 8, 0}, "r50": {"r50", s.Spread, 50},
	} {
		if got, err := s.parseScenario(want); err != nil || got != name {
			t.Errorf("%s: %+v, %v", want, got, err)
		}
	}
}

func TestFaultySettingsAreTold(t *testing.T) {
	for name, value := range map[string]string{
		"BENCH_ROUNDS": "0", "BENCH_SESSIONS": "many", "BENCH_WINDOW": "3", "BENCH_HOLD": "-1s", "BENCH_SCENARIOS": "idle x9",
		"BENCH_PROXIES": "caddy", "BENCH_ATTUNE": "PATH=/", "BENCH_STIFF": "2", "BENCH_LIMIT": "soon",
	} {
		s := defaults()
		err := s.read(func(n string) (string, bool) { return value, n == name })
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestSessionsFitTheDescriptors(t *testing.T) {
	var talk bytes.Buffer
	s := defaults()
	if s.fit(20000, &talk); s.Sessions != 9000 || talk.Len() != 0 {
		t.Errorf("%d sessions; %s", s.Sessions, &talk)
	}
	if s.fit(1024, &talk); s.Sessions != 262 || !strings.Contains(talk.String(), "1024 descriptors") {
		t.Errorf("%d sessions; %s", s.Sessions, &talk)
	}
}

func TestWrongCommandLines(t *testing.T) {
	for _, args := range [][]string{{}, {"measure"}, {"compare", "-slow"}, {"soak", "-minutes", "0"}, {"echo", "-stiff", "x"}} {
		var talk bytes.Buffer
		if err := run(t.Context(), args, &talk, &talk); err == nil {
			t.Errorf("bench %v is no error", args)
		}
	}
}
