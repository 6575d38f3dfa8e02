package lab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

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

// dialogueFields and turnFields are the fields of the format; others go to Extra.
type dialogueFields struct {
	ID      string            `json:"id"`
	Lang    string            `json:"lang"`
	Profile string            `json:"profile"`
	Turns   []json.RawMessage `json:"turns"`
	Label   json.RawMessage   `json:"label"`
}

type turnFields struct {
	Role     string          `json:"role"`
	Text     string          `json:"text"`
	Event    string          `json:"event"`
	Value    string          `json:"value"`
	Expected string          `json:"expected"`
	At       *time.Time      `json:"at"`
	Label    json.RawMessage `json:"label"`
}

var (
	dialogueKeys = []string{"id", "lang", "profile", "turns", "label"}
	turnKeys     = []string{"role", "text", "event", "value", "expected", "at", "label"}
)

func (r *Reader) parse(line []byte) (*Dialogue, error) {
	var f dialogueFields
	if err := json.Unmarshal(line, &f); err != nil {
		return nil, r.fault(-1, err)
	}
	d := &Dialogue{ID: f.ID, Lang: f.Lang, Profile: f.Profile, Label: f.Label, Turns: make([]Turn, 0, len(f.Turns))}
	if d.ID == "" {
		d.ID = fmt.Sprintf("line-%d", r.line)
	}
	if f.Turns == nil {
		return nil, &LineError{Line: r.line, Turn: -1, Msg: `no "turns"`}
	}
	var err error
	if d.Extra, err = extra(line, dialogueKeys); err != nil {
		return nil, r.fault(-1, err)
	}
	for i, raw := range f.Turns {
		t, err := r.turn(i, raw)
		if err != nil {
			return nil, err
		}
		d.Turns = append(d.Turns, t)
	}
	return d, nil
}

func (r *Reader) turn(i int, raw json.RawMessage) (Turn, error) {
	var f turnFields
	if err := json.Unmarshal(raw, &f); err != nil {
		return Turn{}, r.fault(i, err)
	}
	role, err := rules.ParseRole(f.Role)
	if err != nil {
		return Turn{}, &LineError{Line: r.line, Turn: i, Msg: "the role is not customer, bot, agent or event"}
	}
	if role == rules.Event && f.Event == "" {
		return Turn{}, &LineError{Line: r.line, Turn: i, Msg: `an event lacks "event"`}
	}
	t := Turn{
		Turn:  rules.Turn{Role: role, Text: f.Text, Event: f.Event, Value: f.Value, Expected: f.Expected},
		Label: f.Label,
	}
	if f.At != nil {
		t.At = *f.At
	}
	if t.Extra, err = extra(raw, turnKeys); err != nil {
		return Turn{}, r.fault(i, err)
	}
	return t, nil
}

// fault turns an error of the JSON decoder into one that quotes nothing.
func (r *Reader) fault(turn int, err error) error {
	e := &LineError{Line: r.line, Turn: turn, Msg: "a field has the wrong type"}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		e.Msg = fmt.Sprintf("not valid JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind) && kind.Field != "":
		e.Msg = fmt.Sprintf("%q has the wrong type", kind.Field)
	case errors.As(err, &kind):
		e.Msg = "not a JSON object"
	}
	return e
}

// extra collects the fields that are not among known. Most turns have none, which a look at the keys tells without
// building a map.
func extra(raw []byte, known []string) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if !hasOther(raw, known) {
		return nil, nil
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	for _, k := range known {
		delete(all, k)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// hasOther walks the top level of a JSON object, which is known to be valid, and tells whether it has another key.
func hasOther(raw []byte, known []string) bool {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := i + 1
			for end < len(raw) && raw[end] != '"' {
				if raw[end] == '\\' {
					end++
				}
				end++
			}
			if depth == 1 {
				next := end + 1
				for next < len(raw) && (raw[next] == ' ' || raw[next] == '\t') {
					next++
				}
				if next < len(raw) && raw[next] == ':' && !isOneOf(raw[i+1:min(end, len(raw))], known) {
					return true
				}
			}
			i = end
		}
	}
	return false
}

func isOneOf(key []byte, known []string) bool {
	for _, k := range known {
		if string(key) == k {
			return true
		}
	}
	return false
}

// AppendJSON writes the dialogue as one line, without the line's end: the known fields first, then the others by name.
func (d *Dialogue) AppendJSON(dst []byte) ([]byte, error) {
	turns := make([]map[string]any, len(d.Turns))
	for i := range d.Turns {
		t := &d.Turns[i]
		m := map[string]any{"role": t.Role.String()}
		for k, v := range t.Extra {
			m[k] = v
		}
		if t.Role == rules.Event {
			m["event"] = t.Event
			set(m, "value", t.Value)
		} else {
			m["text"] = t.Text
		}
		set(m, "expected", t.Expected)
		if !t.At.IsZero() {
			m["at"] = t.At
		}
		if t.Label != nil {
			m["label"] = t.Label
		}
		turns[i] = m
	}
	all := map[string]any{"id": d.ID, "turns": turns}
	for k, v := range d.Extra {
		all[k] = v
	}
	set(all, "lang", d.Lang)
	set(all, "profile", d.Profile)
	if d.Label != nil {
		all["label"] = d.Label
	}
	b, err := json.Marshal(all)
	if err != nil {
		return dst, fmt.Errorf("write dialogue: %w", err)
	}
	return append(dst, b...), nil
}

func set(m map[string]any, key, value string) {
	if value != "" {
		m[key] = value
	}
}

// Dissatisfied reads the label of a turn or dialogue: whether people called it dissatisfied, and whether they said so
// at all.
func Dissatisfied(label json.RawMessage) (yes, known bool) {
	var l struct {
		Dissatisfied *float64 `json:"dissatisfied"`
	}
	if len(label) == 0 || json.Unmarshal(label, &l) != nil || l.Dissatisfied == nil {
		return false, false
	}
	return *l.Dissatisfied > 0, true
}
