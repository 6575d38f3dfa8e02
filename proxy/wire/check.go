package wire

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// nasty is what check puts in the place of every text: all that spelling can get wrong, and every character that may be
// spelled in two ways, so that what is put back later can be spelled as what was there.
const nasty = "«€» \"q\"\\ 'a' 😀 </b> & 1+1=2 `\n\tʼ"

// Counts says what a profile made of a recording. Frames, Untouched, Heartbeat and Handoff count messages and their
// items; Customer to Labels count strings.
type Counts struct {
	Frames    int `json:"frames"`    // text and binary messages
	Customer  int `json:"customer"`  // what the customer says; echoes, hypotheses and what was only overheard apart
	Bot       int `json:"bot"`       // what the bot says, deltas included
	Agent     int `json:"agent"`     // what a person says
	Echo      int `json:"echo"`      // the customer's words coming back
	Delta     int `json:"delta"`     // pieces of streams, also counted with who says them
	Partial   int `json:"partial"`   // hypotheses of speech recognition
	Observed  int `json:"observed"`  // overheard, since already spoken
	Keys      int `json:"keys"`      // keys pressed on a telephone
	Silence   int `json:"silence"`   // messages about a customer who said nothing, or nothing that was understood
	Labels    int `json:"labels"`    // what buttons show
	Clicks    int `json:"clicks"`    // utterances that are a button's payload or another opaque value
	HTTP      int `json:"http"`      // what the customer says by HTTP
	Handoff   int `json:"handoff"`   // requests for a person in the protocol's own way
	Heartbeat int `json:"heartbeat"` // messages that keep the conn alive
	Untouched int `json:"untouched"` // messages that no frame of the profile matches
	Edits     int `json:"edits"`     // texts that were replaced
	EditsOK   int `json:"edits_ok"`  // of these, put back with every byte as it was
}

// Finding is something wrong with a profile, as a recording shows it.
type Finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // of the recording, 0 when it is about no message in particular
	Message string `json:"message"`
}

// String is "file:line: message".
func (f Finding) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// notReady is said of a template that could not be tried.
const notReady = "not ready"

// Report is what [Profile.Check] found.
type Report struct {
	Profile  string            `json:"profile"`
	File     string            `json:"file"`
	Source   string            `json:"source"` // of the recording: "recorded", "documented", "hand-written"
	Counts   Counts            `json:"counts"`
	Inject   map[string]string `json:"inject"` // by template: "ok", "not ready" (the recording never got there) or "failed"; empty: unsupported
	Findings []Finding         `json:"findings"`
	Notes    []string          `json:"notes"` // what was not tried, and why
}

// checking is one run of a profile over a recording.
type checking struct {
	profile  *Profile
	rec      *Recording
	conns    map[int]*checkedConn
	beside   int      // HTTP requests that no route is for
	asked    []beside // HTTP requests without their answers yet
	report   *Report
	injected [len(injectionNames)]bool
}

// checkedConn reads a conn twice: as it was recorded, and with every text replaced.
type checkedConn struct{ plain, edited *Translator }

// Check replays a recording through the profile. Every text of every message is replaced by one full of quotes,
// backslashes, line breaks and characters beyond 16 bits, and put back; the original bytes are demanded. What the
// profile would say of its own accord must be read back as speech. Profiles may be shared; each call is on its own.
func (p *Profile) Check(rec *Recording) *Report {
	c := &checking{profile: p, rec: rec, conns: make(map[int]*checkedConn)}
	c.report = &Report{Profile: p.name, File: rec.File, Source: rec.Source, Inject: make(map[string]string), Findings: []Finding{}, Notes: []string{}}
	for i := range injectionNames {
		if p.template(Injection(i)) {
			c.report.Inject[Injection(i).String()] = notReady
		}
	}
	for _, ev := range rec.Events {
		c.event(ev)
	}
	n := &c.report.Counts
	if n.Frames > 0 && n.Untouched == n.Frames && !p.opaque() {
		c.find(0, "no message of the recording is one the profile knows: is it the right profile?")
	}
	if c.beside > 0 {
		c.note("%d HTTP requests of %s have no route in the profile", c.beside, rec.File)
	}
	if !p.Injects() {
		c.note("inject: unsupported, so nothing can be said to the customer in the bot's place")
	}
	if _, ok := p.Handoff(); !ok {
		c.note("inject: no handoff, so no desk of kind backend can be handed a conversation")
	}
	for _, what := range slices.Sorted(maps.Keys(c.report.Inject)) {
		if c.report.Inject[what] == notReady {
			c.note("inject: %s was not tried, since no recording gets that far", what)
		}
	}
	return c.report
}

// template reports whether the profile can say something at all.
func (p *Profile) template(what Injection) bool {
	if p.inject[what] != nil {
		return true
	}
	for _, frames := range p.frames {
		for _, f := range frames {
			if f.inject != nil && f.inject[what] != nil {
				return true
			}
		}
	}
	return false
}

func (c *checking) find(line int, format string, args ...any) {
	c.report.Findings = append(c.report.Findings, Finding{c.rec.File, line, fmt.Sprintf(format, args...)})
}

func (c *checking) note(format string, args ...any) {
	c.report.Notes = append(c.report.Notes, fmt.Sprintf(format, args...))
}

func (c *checking) event(ev Event) {
	switch ev.Opcode {
	case OpUpgrade:
		if ev.Dir == Up {
			u := ev.Upgrade()
			c.conns[ev.Conn] = &checkedConn{c.profile.Open(u), c.profile.Open(u)}
		}
	case OpHTTP:
		c.http(ev)
	case OpBinary:
		c.report.Counts.Frames++
		c.report.Counts.Untouched++
		conn := c.conn(ev)
		conn.plain.Binary(ev.Dir)
		conn.edited.Binary(ev.Dir)
	case OpText:
		c.report.Counts.Frames++
		c.text(c.conn(ev), ev)
	case OpClose:
	}
}

// conn is the conn of an event; documented messages come without an upgrade.
func (c *checking) conn(ev Event) *checkedConn {
	conn := c.conns[ev.Conn]
	if conn == nil {
		conn = &checkedConn{c.profile.Open(Upgrade{}), c.profile.Open(Upgrade{})}
		c.conns[ev.Conn] = conn
	}
	return conn
}

// text reads one message, replaces its texts and puts them back.
func (c *checking) text(conn *checkedConn, ev Event) {
	items := conn.plain.Read(ev.Dir, ev.Data)
	c.count(items, conn.plain.labels)
	if same := conn.plain.Splice(nil, ev.Data, nil); !bytes.Equal(same, ev.Data) {
		c.find(ev.Line, "the message is not left as it came")
	}
	c.edit(conn, ev, items)
	c.say(conn.plain, ev.Dir)
}

// edit replaces every text of the message last read and puts it back.
func (c *checking) edit(conn *checkedConn, ev Event, items []Item) {
	var edits, back []Edit
	for i, it := range items {
		for j, t := range it.Texts {
			edits = append(edits, Edit{i, j, nasty})
			// A text that follows another gets its own words back, not what would follow from the other's: hence before it.
			back = append([]Edit{{i, j, t.Value}}, back...)
		}
	}
	if len(edits) == 0 {
		conn.edited.Read(ev.Dir, ev.Data)
		return
	}
	if same := conn.plain.Splice(nil, ev.Data, back); !bytes.Equal(same, ev.Data) {
		c.find(ev.Line, "edits that change nothing change bytes")
	}
	edited := conn.plain.Splice(nil, ev.Data, edits)
	if c.profile.maxMessage > 0 && bytes.Equal(edited, ev.Data) {
		conn.edited.Read(ev.Dir, ev.Data) // so near the limit that no edit is made
		return
	}
	c.report.Counts.Edits += len(edits)
	conn.edited.streaming |= conn.plain.streaming // that a conn streams shows in the words themselves
	again := conn.edited.Read(ev.Dir, edited)
	if !alike(items, again) {
		c.find(ev.Line, "with other words in it the message is read in another way: the profile's when or each looks at the words themselves")
		return
	}
	if restored := conn.edited.Splice(nil, edited, back); !bytes.Equal(restored, ev.Data) {
		c.find(ev.Line, "edited and put back, the message differs from byte %d on", differ(restored, ev.Data))
		return
	}
	c.report.Counts.EditsOK += len(edits)
}

// alike reports whether two readings found the same kinds of items with as many texts, and the second the new words.
func alike(a, b []Item) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Kind != b[i].Kind || a[i].Role != b[i].Role || len(a[i].Texts) != len(b[i].Texts) {
			return false
		}
		for _, t := range b[i].Texts {
			if t.Value != nasty && (t.Follow < 0 || !strings.Contains(t.Value, escapeMarkup.Replace(nasty))) {
				return false
			}
		}
	}
	return true
}

// differ is the first byte in which two texts differ.
func differ(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (c *checking) count(items []Item, labels int) {
	n := &c.report.Counts
	n.Labels += labels
	if len(items) == 0 {
		n.Untouched++
	}
	for _, it := range items {
		if it.Kind == Heartbeat {
			n.Heartbeat++
		}
		if it.Kind == NoInput || it.Kind == NoMatch {
			n.Silence++
		}
		if it.Handoff {
			n.Handoff++
		}
		if it.Click {
			n.Clicks++
		}
		switch texts := len(it.Texts); it.Kind {
		case Echo:
			n.Echo += texts
		case Partial:
			n.Partial += texts
		case Observe:
			n.Observed += texts
		case DTMF:
			n.Keys += texts
		default:
			switch it.Role {
			case Customer:
				n.Customer += texts
			case Bot:
				n.Bot += texts
			case Agent:
				n.Agent += texts
			case Nobody:
			}
			if it.Kind == Delta {
				n.Delta += texts
			}
		}
	}
}

// say tries every template that has not been tried yet, as soon as the conn allows it.
func (c *checking) say(t *Translator, dir Direction) {
	for i := range injectionNames {
		what := Injection(i)
		if c.injected[i] || t.template(what) == nil {
			continue
		}
		out, ok := c.inject(t, what, dir)
		if !ok {
			continue
		}
		c.injected[i] = true
		c.report.Inject[what.String()] = "ok"
		if !c.readBack(what, out) {
			c.report.Inject[what.String()] = "failed"
			c.find(0, "inject %s: the profile does not know its own message again", what)
		}
	}
}

// inject fills a template; false when the recording has not got that far.
func (c *checking) inject(t *Translator, what Injection, dir Direction) ([]byte, bool) {
	switch what {
	case InjectAckWidget:
		if dir == Down {
			return nil, false
		}
		return t.AckWidget(nil)
	case InjectAckBackend:
		if dir == Up {
			return nil, false
		}
		return t.AckBackend(nil)
	default:
		out, err := t.Inject(nil, what, Values{Text: nasty, Agent: nasty, Queue: nasty, Target: nasty, JSON: `{"a":"b"}`})
		return out, !errors.Is(err, ErrNotReady)
	}
}

// readBack reports whether a message of ours is what it should be: of the right direction and, where words were put
// in, speech that says them.
func (c *checking) readBack(what Injection, msg []byte) bool {
	fresh := c.profile.Open(Upgrade{})
	switch what {
	case InjectAckWidget, InjectAckBackend, InjectTyping:
		return !speech(fresh.Read(Down, msg)) && !speech(fresh.Read(Up, msg))
	case InjectNote:
		return !speech(fresh.Read(Up, msg))
	case InjectToBackend:
		return says(fresh.Read(Up, msg), Customer)
	case InjectHandoff:
		items := fresh.Read(Down, msg)
		return len(items) > 0 && items[0].Handoff
	case InjectHandoffBackend:
		return len(fresh.Read(Up, msg)) > 0
	case InjectEcho:
		return says(fresh.Read(Down, msg), Customer)
	case InjectBot:
		return says(fresh.Read(Down, msg), Bot)
	default:
		items := fresh.Read(Down, msg) // an agent's words, as an agent's where the protocol knows agents, else as the bot's
		return says(items, Agent) || says(items, Bot)
	}
}

func speech(items []Item) bool {
	for _, it := range items {
		if len(it.Texts) > 0 {
			return true
		}
	}
	return false
}

func says(items []Item, role Role) bool {
	for _, it := range items {
		if it.Role != role {
			continue
		}
		for _, t := range it.Texts {
			if t.Value == nasty {
				return true
			}
		}
	}
	return false
}
