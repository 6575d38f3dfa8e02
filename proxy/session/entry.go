package session

import "time"

// entry is a turn as a node holds it, in little room: every session at rest has a
// few. Most turns have neither name, agent nor event.
type entry struct {
	seq        uint64 // only grows within one node
	at         int64  // Unix milliseconds
	role       string
	text, sent string
	ids        []string // of the rules, then of the signals
	rules      uint16   // how many of them are of rules
	late       bool
	more       *entryMore // nil for most
}

type entryMore struct{ id, agent, event string }

// entryOf copies the turn's slices, both into one.
func entryOf(seq uint64, t *Turn) entry {
	e := entry{seq: seq, at: t.At.UnixMilli(), role: t.Role, text: t.Text, sent: t.Sent, late: t.Late}
	if n := len(t.Rules) + len(t.Signals); n > 0 {
		e.rules = uint16(min(len(t.Rules), 1<<16-1)) //nolint:gosec // bounded
		e.ids = append(append(make([]string, 0, n), t.Rules[:e.rules]...), t.Signals...)
	}
	if t.ID != "" || t.Agent != "" || t.Event != "" {
		e.more = &entryMore{t.ID, t.Agent, t.Event}
	}
	return e
}

// turn returns the turn; its slices belong to the entry.
func (e *entry) turn() Turn {
	t := Turn{Role: e.role, Text: e.text, Sent: e.sent, At: time.UnixMilli(e.at), Late: e.late}
	if len(e.ids) > 0 {
		t.Rules, t.Signals = e.ids[:e.rules:e.rules], e.ids[e.rules:]
	}
	if e.more != nil {
		t.ID, t.Agent, t.Event = e.more.id, e.more.agent, e.more.event
	}
	return t
}

// size is about what the entry costs while it waits to be stored, in bytes.
func (e *entry) size() int64 { return int64(len(e.text)+len(e.sent)) + 256 }
