package lab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"attune/rules"
)

// Dialogue is one recorded conversation.
type Dialogue struct {
	// ID names the conversation. A dialogue without one is named after its line: "line-12".
	ID string
	// Lang is its locale, a BCP 47 tag; empty means en.
	Lang string
	// Profile is the protocol it was recorded through; may be empty.
	Profile string
	// Path is the page or flow it was on, which touchpoints read; may be empty.
	Path string
	// Channel is text or voice where the field "channel", which stays in Extra, is one of them. Empty means text: who
	// knows the profile may know better.
	Channel string
	Turns   []Turn
	// Label is what people said about the whole conversation; nil when it has none.
	Label json.RawMessage
	// Extra are the fields this package does not know.
	Extra map[string]json.RawMessage
}

// Turn is one turn of a dialogue.
type Turn struct {
	rules.Turn
	// Label is what people said about this turn; nil when it has none.
	Label json.RawMessage
	// Extra are the fields this package does not know.
	Extra map[string]json.RawMessage
}

// LineError is a line that is not a dialogue. It never quotes the line: transcripts are personal data.
type LineError struct {
	// Line counts from 1. Turn counts from 0; it is -1 when the fault is not in a turn.
	Line, Turn int
	Msg        string
}

// Error names the line and, if it is in one, the turn.
func (e *LineError) Error() string {
	if e.Turn >= 0 {
		return fmt.Sprintf("line %d: turn %d: %s", e.Line, e.Turn, e.Msg)
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Msg)
}

// maxLine is the longest line that is read, in bytes.
const maxLine = 64 << 20

// byteOrderMark opens the files that some programs write.
var byteOrderMark = []byte("\ufeff")

// Reader reads dialogues from JSON Lines. One caller at a time.
type Reader struct {
	in   *bufio.Reader
	line int
	read int64
	buf  []byte
}

// NewReader reads from in.
func NewReader(in io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, 64<<10)}
}

// Line is the number of the line read last, from 1.
func (r *Reader) Line() int { return r.line }

// Bytes is how much was read so far, for progress bars.
func (r *Reader) Bytes() int64 { return r.read }

// Next returns the next dialogue and io.EOF after the last. A bad line gives a *LineError; the lines after it can
// still be read. Empty lines are passed over.
func (r *Reader) Next() (*Dialogue, error) {
	for {
		line, err := r.nextLine()
		if err != nil {
			return nil, err
		}
		if r.line == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		return r.parse(line)
	}
}

func (r *Reader) nextLine() ([]byte, error) {
	r.buf = r.buf[:0]
	long := false
	for {
		part, err := r.in.ReadSlice('\n')
		r.read += int64(len(part))
		if long = long || len(r.buf)+len(part) > maxLine; !long {
			r.buf = append(r.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(r.buf) == 0 && !long:
			return nil, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("read transcript: %w", err)
		}
		r.line++
		if long {
			return nil, &LineError{Line: r.line, Turn: -1, Msg: fmt.Sprintf("longer than %d bytes", maxLine)}
		}
		return r.buf, nil
	}
}

func (r *Reader) parse(line []byte) (*Dialogue, error) {
	f, err := r.open(-1, line)
	if err != nil {
		return nil, err
	}
	d := &Dialogue{}
	var turns []json.RawMessage
	f.take("id", &d.ID, "a string")
	f.take("lang", &d.Lang, "a string")
	f.take("profile", &d.Profile, "a string")
	f.take("path", &d.Path, "a string")
	f.take("label", &d.Label, "JSON")
	f.take("turns", &turns, "a list")
	if f.fault == "" && turns == nil {
		f.fault = `no "turns"`
	}
	if d.Extra, err = f.rest(); err != nil {
		return nil, err
	}
	var channel string
	if json.Unmarshal(d.Extra["channel"], &channel) == nil && (channel == "text" || channel == "voice") {
		d.Channel = channel
	}
	if d.ID == "" {
		d.ID = fmt.Sprintf("line-%d", r.line)
	}
	d.Turns = make([]Turn, len(turns))
	for i, raw := range turns {
		if err := r.turn(i, raw, &d.Turns[i]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (r *Reader) turn(i int, raw json.RawMessage, t *Turn) error {
	f, err := r.open(i, raw)
	if err != nil {
		return err
	}
	var role string
	f.take("role", &role, "a string")
	f.take("text", &t.Text, "a string")
	f.take("event", &t.Event, "a string")
	f.take("value", &t.Value, "a string")
	f.take("expected", &t.Expected, "a string")
	f.take("at", &t.At, `a time like "2026-11-22T10:00:00Z"`)
	f.take("label", &t.Label, "JSON")
	if t.Extra, err = f.rest(); err != nil {
		return err
	}
	if t.Role, err = rules.ParseRole(role); err != nil {
		return &LineError{Line: r.line, Turn: i, Msg: "the role is not customer, bot, agent or event"}
	}
	if t.Role == rules.Event && t.Event == "" {
		return &LineError{Line: r.line, Turn: i, Msg: `an event lacks "event"`}
	}
	return nil
}

// object is a JSON object of which known fields are taken, by their exact names; what is left is unknown.
type object struct {
	fields     map[string]json.RawMessage
	line, turn int
	fault      string // the first
}

// open reads an object. Its errors quote nothing.
func (r *Reader) open(turn int, raw []byte) (*object, error) {
	o := &object{line: r.line, turn: turn}
	err := json.Unmarshal(raw, &o.fields)
	if err == nil {
		return o, nil
	}
	e := &LineError{Line: r.line, Turn: turn, Msg: "not a JSON object"}
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		e.Msg = fmt.Sprintf("not valid JSON at byte %d", syntax.Offset)
	}
	return nil, e
}

// take moves a field into a variable, which an absent or null field leaves as it is.
func (o *object) take(name string, into any, want string) {
	raw, ok := o.fields[name]
	if !ok {
		return
	}
	delete(o.fields, name)
	if err := json.Unmarshal(raw, into); err != nil && o.fault == "" {
		o.fault = fmt.Sprintf("%q is not %s", name, want)
	}
}

// rest returns the fields that were not taken, nil for none.
func (o *object) rest() (map[string]json.RawMessage, error) {
	switch {
	case o.fault != "":
		return nil, &LineError{Line: o.line, Turn: o.turn, Msg: o.fault}
	case len(o.fields) == 0:
		return nil, nil
	}
	return o.fields, nil
}
