package main

import (
	"fmt"
	"slices"
	"strings"
)

// row is a line of the table.
type row struct {
	measure  string
	scenario string
	of       figure
	digits   int
	// added says that the figure is what a proxy adds to the backend alone.
	added bool
	// own says that only Attune has it.
	own bool
	aim aim
}

// aim is what Attune ought to reach: at most (or at least) a figure, a multiple
// of a peer's in the same round, or a peer's and something.
type aim struct {
	most   bool
	times  float64
	peer   string // empty: the figure itself
	beyond float64
}

func (a aim) String() string {
	sign := ">="
	if a.most {
		sign = "<="
	}
	name := titles[a.peer]
	switch {
	case a == aim{}:
		return ""
	case a.peer == "":
		return fmt.Sprintf("%s %v", sign, a.beyond)
	case a.times == 0:
		return fmt.Sprintf("%s %s + %v", sign, name, a.beyond)
	}
	return fmt.Sprintf("%s %v x %s", sign, a.times, name)
}

func atMost(times float64, peer string) aim  { return aim{most: true, times: times, peer: peer} }
func atLeast(times float64, peer string) aim { return aim{times: times, peer: peer} }

// rows are the table, in a run with so many sessions.
func rows(sessions int) []row {
	perSecond := func(m Measurement) float64 { return m.Load.PerSecond }
	cpu := func(m Measurement) float64 { return m.CPU }
	calls := func(m Measurement) float64 { return m.Redis.Calls }
	kib := func(of figure) figure { return func(m Measurement) float64 { return of(m) / 1024 } }
	many := fmt.Sprintf("%d sessions", sessions)
	return []row{
		{measure: "closed loop, 1,000 connections: messages/s", scenario: "c1000", of: perSecond, aim: atLeast(1, "nginx")},
		{measure: "closed loop, 64 connections: messages/s", scenario: "c64", of: perSecond, aim: atLeast(0.9, "nginx")},
		{measure: "CPU a message, 1,000 connections, us", scenario: "c1000", of: cpu, digits: 1},
		{measure: "CPU a message, 64 connections, us", scenario: "c64", of: cpu, digits: 1, aim: atMost(1.5, "haproxy")},
		{measure: "CPU a message, 10,000/s over 500 connections, us", scenario: "r10000", of: cpu, digits: 1, aim: atMost(1.2, "haproxy")},
		{measure: "added latency at 2,000/s: p50, ms", scenario: "r2000", of: func(m Measurement) float64 { return m.Load.P50 }, digits: 2, added: true, aim: aim{most: true, beyond: 0.15}},
		{measure: "added latency at 2,000/s: p99, ms", scenario: "r2000", of: func(m Measurement) float64 { return m.Load.P99 }, digits: 2, added: true, aim: aim{most: true, peer: "haproxy", beyond: 0.5}},
		{measure: "memory an idle session, opened, KiB; " + many, scenario: "idle", of: kib(func(m Measurement) float64 { return m.Opened }), digits: 1, aim: aim{most: true, beyond: 4.6}},
		{measure: "memory an idle session, used once, KiB", scenario: "idle", of: kib(func(m Measurement) float64 { return m.Used }), digits: 1, aim: aim{most: true, beyond: 6}},
		{measure: "handshakes/s; " + many, scenario: "idle", of: func(m Measurement) float64 { return m.Handshakes.PerSecond }, aim: atLeast(0.9, "nginx")},
		{measure: "Redis commands a message, in scripts too; 10,000/s over 500 sessions", scenario: "r10000", of: calls, digits: 2, own: true, aim: aim{most: true, beyond: 0.2}},
		{measure: "Redis commands a message, in scripts too; 2,000/s over 500 sessions", scenario: "r2000", of: calls, digits: 2, own: true},
		{measure: fmt.Sprintf("Redis KiB a session of %d messages", talks), scenario: "idle", of: kib(func(m Measurement) float64 { return m.Redis.Bytes }), digits: 1, own: true, aim: aim{most: true, beyond: 8}},
	}
}

// columns are the proxies of the table, titles what people call them.
var (
	columns = []string{"nginx", "haproxy", "gorilla", "attune"}
	titles  = map[string]string{"nginx": "nginx", "haproxy": "HAProxy", "gorilla": "plain gorilla", "attune": "Attune"}
)

// Markdown is the table, with where and how it was measured. Every figure is
// the median over the rounds; ratios are medians of each round's ratio.
func (r *Report) Markdown() string {
	var b strings.Builder
	b.WriteString("| measure |")
	for _, c := range columns {
		fmt.Fprintf(&b, " %s |", titles[c])
	}
	b.WriteString(" / nginx | / HAProxy | aim | reached |\n| --- |" + strings.Repeat(" --- |", len(columns)+4) + "\n")
	for _, line := range rows(r.Settings.Sessions) {
		r.row(&b, line)
	}
	fmt.Fprintf(&b, "\n%s; %s.\nMedians of %d rounds with all proxies in turn, windows of %v; %s. `%s`\n",
		r.Date, r.Machine, r.rounds(), r.Settings.Window, strings.Join(r.versions(), ", "), r.Command)
	return b.String()
}

func (r *Report) row(b *strings.Builder, l row) {
	if _, ok := r.over(l.scenario, "attune", "", l.of, nil); !ok {
		return // the run did not have that scenario
	}
	fmt.Fprintf(b, "| %s |", l.measure)
	for _, c := range columns {
		cell := ""
		if v, ok := r.value(l, c); ok && (!l.own || c == "attune") {
			cell = grouped(v, l.digits) + r.overload(l.scenario, c)
		}
		fmt.Fprintf(b, " %s |", cell)
	}
	for _, peer := range []string{"nginx", "haproxy"} {
		cell := ""
		if v, ok := r.over(l.scenario, "attune", peer, l.of, ratio); ok && !l.own && !l.added {
			cell = fmt.Sprintf("%.2f", v)
		}
		fmt.Fprintf(b, " %s |", cell)
	}
	fmt.Fprintf(b, " %s | %s |\n", l.aim, r.reached(l))
}

// overload marks a proxy that could not keep up in an open loop: more than two
// of a hundred messages that were due were not answered in the window.
func (r *Report) overload(scenario, proxy string) string {
	late, _ := r.over(scenario, proxy, "", func(m Measurement) float64 {
		return ratio(float64(m.Load.Due-m.Load.Messages+m.Load.Shed), float64(m.Load.Due))
	}, nil)
	if late <= 0.02 {
		return ""
	}
	return " (cannot keep up)"
}

// value is a proxy's cell.
func (r *Report) value(l row, proxy string) (float64, bool) {
	if l.added {
		return r.over(l.scenario, proxy, "direct", l.of, difference)
	}
	return r.over(l.scenario, proxy, "", l.of, nil)
}

// reached says yes or no where the row has an aim that could be judged.
func (r *Report) reached(l row) string {
	var v, bound float64
	var ok bool
	switch a := l.aim; {
	case a == aim{}:
		return ""
	case a.peer == "":
		v, ok = r.value(l, "attune")
		bound = a.beyond
	case a.times == 0:
		v, ok = r.over(l.scenario, "attune", a.peer, l.of, difference)
		bound = a.beyond
	default:
		v, ok = r.over(l.scenario, "attune", a.peer, l.of, ratio)
		bound = a.times
	}
	switch {
	case !ok:
		return ""
	case l.aim.most && v <= bound, !l.aim.most && v >= bound:
		return "yes"
	}
	return "no"
}

func (r *Report) versions() []string {
	var all []string
	for name, v := range r.Versions {
		all = append(all, name+" "+v)
	}
	slices.Sort(all)
	return all
}

// grouped writes a figure with commas between thousands.
func grouped(v float64, digits int) string {
	s := fmt.Sprintf("%.*f", digits, v)
	whole, rest, found := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if found {
		whole += "." + rest
	}
	if strings.HasPrefix(s, "-") && strings.Trim(whole, "0.") != "" {
		return "-" + whole
	}
	return whole
}
