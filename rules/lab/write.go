package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"attune/rules"
)

// AppendJSON writes the dialogue as one line, without the line's end: the known fields first, then the others in the
// order of their names. What Reader made of a line and this writes, Reader reads as the same again.
func (d *Dialogue) AppendJSON(dst []byte) ([]byte, error) {
	w := objectWriter{buf: dst}
	w.field("id", d.ID)
	w.text("lang", d.Lang)
	w.text("profile", d.Profile)
	w.text("path", d.Path)
	turns := make([]json.RawMessage, len(d.Turns))
	for i := range d.Turns {
		var err error
		if turns[i], err = d.Turns[i].json(); err != nil {
			return dst, fmt.Errorf("write dialogue: turn %d: %w", i, err)
		}
	}
	w.field("turns", turns)
	w.label(d.Label)
	w.extra(d.Extra)
	b, err := w.end()
	if err != nil {
		return dst, fmt.Errorf("write dialogue: %w", err)
	}
	return b, nil
}

func (t *Turn) json() ([]byte, error) {
	var w objectWriter
	w.field("role", t.Role.String())
	if t.Role != rules.Event || t.Text != "" {
		w.field("text", t.Text)
	}
	w.text("event", t.Event)
	w.text("value", t.Value)
	w.text("expected", t.Expected)
	if !t.At.IsZero() {
		w.field("at", t.At)
	}
	w.label(t.Label)
	w.extra(t.Extra)
	return w.end()
}

// objectWriter writes the fields of an object in the order they come. It keeps the first error.
type objectWriter struct {
	buf  []byte
	some bool // a field was written
	err  error
}

func (w *objectWriter) field(name string, value any) {
	if w.err != nil {
		return
	}
	sep := byte(',')
	if !w.some {
		sep = '{'
	}
	w.some = true
	w.buf = append(w.buf, sep)
	w.value(name)
	w.buf = append(w.buf, ':')
	w.value(value)
}

// value writes a value. Unlike json.Marshal it leaves <, > and & as they are.
func (w *objectWriter) value(v any) {
	buf := bytes.NewBuffer(w.buf)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		w.err = err
		return
	}
	w.buf = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// text writes a field unless it is empty.
func (w *objectWriter) text(name, value string) {
	if value != "" {
		w.field(name, value)
	}
}

func (w *objectWriter) label(raw json.RawMessage) {
	if raw != nil {
		w.field("label", raw)
	}
}

func (w *objectWriter) extra(fields map[string]json.RawMessage) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		w.field(name, fields[name])
	}
}

func (w *objectWriter) end() ([]byte, error) {
	return append(w.buf, '}'), w.err
}
