package main

import (
	"strings"
	"testing"

	"attune/deploy/bench/load"
)

// measured3 is a report of three rounds in which the machine grew slower from
// round to round: ratios within a round are steady, figures are not.
func measured3() *Report {
	r := &Report{Date: "2026-01-01", Command: "run", Settings: defaults(), Versions: map[string]string{"nginx": "1.2"}}
	for round, slow := range []float64{1, 2, 4} {
		for proxy, perSecond := range map[string]float64{"direct": 4000, "nginx": 2000, "haproxy": 1000, "gorilla": 500, "attune": 2200} {
			fast := perSecond / slow
			for _, sc := range []string{"c64", "r2000"} {
				r.Measurements = append(r.Measurements, Measurement{
					Round: round, Scenario: sc, Proxy: proxy, CPU: 1e5 / fast,
					Load: load.Result{PerSecond: fast, P50: 100 / fast, P99: 1000 / fast, Sent: 100},
				})
			}
		}
	}
	return r
}

func TestTable(t *testing.T) {
	text := measured3().Markdown()
	for _, want := range []string{
		"| closed loop, 64 connections: messages/s | 1,000 | 500 | 250 | 1,100 | 1.10 | 2.20 | >= 0.9 x nginx | yes |\n",
		"| CPU a message, 64 connections, us | 100.0 | 200.0 | 400.0 | 90.9 | 0.91 | 0.45 | <= 1.5 x HAProxy | yes |\n",
		// Against the backend alone in the same round: 100/1100 - 100/2000.
		"| added latency at 2,000/s: p50, ms | 0.05 | 0.15 | 0.35 | 0.04 |  |  | <= 0.15 | yes |\n",
		"2026-01-01; ", "Medians of 3 rounds", "nginx 1.2", "`run`",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "handshakes") {
		t.Error("the table has a row that was not measured")
	}
}

func TestAims(t *testing.T) {
	r := measured3()
	of := func(m Measurement) float64 { return m.Load.PerSecond }
	for want, aims := range map[string][]aim{
		"yes": {atLeast(1.1, "nginx"), atMost(1.1, "nginx"), atMost(3, "haproxy"), {most: true, beyond: 1100}, {beyond: 1100}, {most: true, peer: "nginx", beyond: 100}},
		"no":  {atLeast(1.2, "nginx"), atMost(1, "nginx"), atLeast(3, "haproxy"), {most: true, beyond: 1099}, {beyond: 1101}, {most: true, peer: "nginx", beyond: 99}},
		"":    {{}, atLeast(1, "caddy")},
	} {
		for _, a := range aims {
			if got := r.reached(row{scenario: "c64", of: of, aim: a}); got != want {
				t.Errorf("%s: reached %q, want %q", a, got, want)
			}
		}
	}
}

func TestOverloadIsMarked(t *testing.T) {
	r := measured3()
	for i := range r.Measurements {
		if m := &r.Measurements[i]; m.Proxy == "gorilla" {
			m.Load.Due, m.Load.Messages = 100, 97
		}
	}
	if text := r.Markdown(); !strings.Contains(text, "| 0.35 (cannot keep up) | 0.04 |") {
		t.Errorf("no mark:\n%s", text)
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		all  []float64
		want float64
		ok   bool
	}{{nil, 0, false}, {[]float64{3}, 3, true}, {[]float64{9, 1, 2}, 2, true}, {[]float64{4, 1, 3, 2}, 2.5, true}} {
		if got, ok := median(tt.all); got != tt.want || ok != tt.ok {
			t.Errorf("median(%v) = %v, %v", tt.all, got, ok)
		}
	}
}

func TestGrouped(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 12: "12", 999.6: "1,000", 1234567: "1,234,567", -1234: "-1,234", -0.3: "0"} {
		if got := grouped(v, 0); got != want {
			t.Errorf("grouped(%v) = %s, want %s", v, got, want)
		}
	}
	if got := grouped(-12345.678, 2); got != "-12,345.68" {
		t.Errorf("with digits: %s", got)
	}
}

func TestCommandsOfRedis(t *testing.T) {
	got := commands("# Commandstats\r\ncmdstat_hset:calls=7,usec=3,usec_per_call=0.4\r\ncmdstat_evalsha:calls=2,usec=1\r\n" +
		"cmdstat_info:calls=100,usec=1\r\ncmdstat_config|get:calls=1,usec=2\r\n")
	if want := (stored{calls: 10, scripts: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := field("# Memory\r\nused_memory:123\r\nused_memory_human:1K\r\n", "used_memory"); got != "123" {
		t.Errorf("used_memory %q", got)
	}
}
