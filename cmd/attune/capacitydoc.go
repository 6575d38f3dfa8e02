package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// writeCapacity prints what a need asks for: as a table for people, as JSON, or
// as the page deploy/capacity.md, which shows a hundredth and a tenth of the
// need beside it.
func writeCapacity(w io.Writer, format string, n need) error {
	m, err := readMeasured()
	if err != nil {
		return err
	}
	c, err := m.plan(n)
	if err != nil {
		return err
	}
	var b strings.Builder
	switch format {
	case "table":
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, l := range m.lines() {
			fmt.Fprintf(t, "%s\t%s\n", l.name, l.value)
		}
		fmt.Fprintln(t)
		for _, l := range c.lines() {
			fmt.Fprintf(t, "%s\t%s\n", l.name, l.value)
		}
		if err := t.Flush(); err != nil {
			return fmt.Errorf("write the table: %w", err)
		}
	case "json":
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		if err := e.Encode(struct {
			Measured measured `json:"measured"`
			Capacity capacity `json:"capacity"`
		}{m, c}); err != nil {
			return err
		}
	case "markdown":
		if err := m.page(&b, c); err != nil {
			return err
		}
	default:
		return fail("use table, json or markdown", "unknown format %q", format)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

type namedValue struct{ name, value string }

// lines are what was measured, for one core and one GiB.
func (m measured) lines() []namedValue {
	return []namedValue{
		{"measured", m.Date + ", " + m.Machine},
		{"by", m.Command},
		{"CPU of a message with its reply", fmt.Sprintf("%.1f us: %s messages/s a core", m.MessageCPU, thousands(m.MessagesPerCore()))},
		{"CPU of a handshake", fmt.Sprintf("%.0f us", m.HandshakeCPU)},
		{"memory of a node without sessions", size(m.BaseBytes)},
		{fmt.Sprintf("memory of a session after %d messages", m.SessionMessages), fmt.Sprintf("%s, and %s of the kernel's for its two sockets: %s sessions a GiB",
			size(m.SessionBytes), size(2*m.SocketBytes), thousands(m.SessionsPerGiB()))},
		{"CPU of Redis for a message", fmt.Sprintf("%.1f us", m.RedisCPU)},
		{"memory of Redis for a session", size(m.RedisBytes)},
	}
}

// lines are what a need asks for.
func (c capacity) lines() []namedValue {
	return []namedValue{
		{"sessions", thousands(float64(c.Need.Sessions))},
		{"messages a second", thousands(c.Need.Messages)},
		{"size of a node", fmt.Sprintf("%d cores, %v", c.Need.Cores, c.Need.Memory)},
		{"a node carries", fmt.Sprintf("%s sessions, %s messages/s", thousands(float64(c.NodeSessions)), thousands(c.NodeMessages))},
		{"nodes, one of them to spare", fmt.Sprintf("%s (%s decides)", thousands(float64(c.Nodes)), c.Bound)},
		{"on each while one is gone: sessions", thousands(float64(c.SessionsEach))},
		{"... messages a second", thousands(c.MessagesEach)},
		{"... memory", size(float64(c.MemoryEach))},
		{"... file descriptors", thousands(float64(c.Descriptors))},
		{"... pairs of addresses towards the bot", thousands(float64(c.BackendRoutes))},
		{"back after a node is gone", fmt.Sprintf("%.1f s of handshakes", c.ReturnSeconds)},
		{"Redis primaries", fmt.Sprintf("%s of %v", thousands(float64(c.RedisPrimaries)), c.Need.Memory)},
		{"Redis memory, Redis cores", fmt.Sprintf("%s, %.1f", size(float64(c.RedisMemory)), c.RedisCores)},
	}
}

// page is deploy/capacity.md.
func (m measured) page(b *strings.Builder, c capacity) error {
	b.WriteString(`# Capacity

This page is what ` + "`attune config --capacity --format markdown`" + ` prints. Nothing on it is estimated by hand: the figures were measured by
` + "`deploy/bench/run.sh`" + ` with rules, Redis and metrics on, and the rest is computed from them. For your own numbers:
` + "`attune config --capacity --sessions 50000 --messages-per-second 8000 --cores 8 --memory 32GiB`" + `.

## What was measured

| figure | value |
| --- | --- |
`)
	for _, l := range m.lines() {
		fmt.Fprintf(b, "| %s | %s |\n", l.name, l.value)
	}
	columns := make([]capacity, 0, 3)
	for _, share := range []int{100, 10} {
		n := c.Need
		n.Sessions, n.Messages = max(1, n.Sessions/share), n.Messages/float64(share)
		smaller, err := m.plan(n)
		if err != nil {
			return err
		}
		columns = append(columns, smaller)
	}
	columns = append(columns, c)
	b.WriteString("\n## What so many sessions need\n\n")
	for i, first := range columns[0].lines() {
		fmt.Fprintf(b, "| %s |", first.name)
		for _, col := range columns {
			fmt.Fprintf(b, " %s |", col.lines()[i].value)
		}
		b.WriteString("\n")
		if i == 0 {
			b.WriteString("| --- | --- | --- | --- |\n")
		}
	}
	fmt.Fprintf(b, `
## How it is computed

- A node is planned to be %.0f %% busy and to have %.0f %% of its memory taken by Attune, so that it answers bursts at once and has room for its
  neighbour's sessions. A message costs the dearest of what was measured at full load; one that wakes an idle machine costs more, and
  does not matter there.
- Nodes are alike and share nothing but Redis: any of them can serve any customer, so twice as many carry twice as much. There is always
  one more than it takes.
- A session has two sockets, one to the widget and one to the bot: two file descriptors (`+"`ulimit -n`"+`, `+"`ATTUNE_MAX_SESSIONS`"+`), and one outgoing port.
  Linux gives %s ports (net.ipv4.ip_local_port_range) for each pair of own and backend's address: where more than one pair is needed, put as
  many addresses behind the bot's name, or give the node several.
- The kernel's memory is what small objects grew by; what is in flight comes on top, as far as the network is slow.
- Redis: sessions are spread over %d hash tags, so that a Cluster of up to as many primaries shares them evenly. A primary is planned to
  use half of its memory, since it copies itself for replicas and snapshots, and half of the one core that carries out commands. Each
  primary wants a replica.
- Not in it: TLS (end it before Attune; [what it costs here](bench/figures.md)), the network's bandwidth, bots, metrics' storage.
`, 100*busyShare, 100*memoryShare, thousands(outgoingPorts), redisShards)
	return nil
}

// thousands writes a number with commas between thousands.
func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// size writes bytes in the largest unit that leaves a number above 1.
func size(bytes float64) string {
	for _, u := range units[:3] {
		if bytes >= float64(u.size) {
			return fmt.Sprintf("%.1f %s", bytes/float64(u.size), u.name)
		}
	}
	return fmt.Sprintf("%.0f B", bytes)
}
