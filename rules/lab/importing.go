package lab

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"attune/rules"
)

// RowError is a row that is not imported. It never quotes the row: exports are personal data.
type RowError struct {
	// Line and Column count from 1, Column in bytes of the line.
	Line, Column int
	Msg          string
}

// Error names the place.
func (e *RowError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// Importer reads the dialogues of a table. One caller at a time.
type Importer struct {
	m       *ImportMap
	csv     *csv.Reader
	columns map[string]int
	seed    maphash.Seed
	ended   map[uint64]bool // ids of conversations that are over, hashed
	open    *importing
	done    []*importing // with gather: all, in the order they began
	byID    map[string]*importing
	at      int // in done
	// Empty counts rows without text, which are no turns.
	Empty int
}

// importing is a dialogue that is being put together.
type importing struct {
	d      Dialogue
	labels map[string]bool
}

// NewImporter reads the first row, which must have every column that the map names.
func NewImporter(m *ImportMap, in io.Reader) (*Importer, error) {
	buffered := bufio.NewReader(in)
	if head, _ := buffered.Peek(len(byteOrderMark)); bytes.Equal(head, byteOrderMark) {
		_, _ = buffered.Discard(len(byteOrderMark))
	}
	i := &Importer{m: m, csv: csv.NewReader(buffered), columns: map[string]int{}, ended: map[uint64]bool{}, byID: map[string]*importing{}, seed: maphash.MakeSeed()}
	i.csv.Comma, _ = utf8.DecodeRuneInString(m.Separator)
	i.csv.ReuseRecord = true
	head, err := i.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the table is empty; its first row must name the columns")
	case err != nil:
		return nil, i.rowError(err)
	}
	for at, name := range head {
		name = strings.TrimSpace(name)
		if _, twice := i.columns[name]; !twice {
			i.columns[name] = at
		}
	}
	var missing []string
	for _, name := range m.columns() {
		if _, ok := i.columns[name]; !ok && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	switch whole := strings.Join(head, ""); {
	case len(missing) == 0:
	case !utf8.ValidString(whole) || strings.ContainsRune(whole, 0):
		return nil, errors.New("line 1: not valid UTF-8; save the table as UTF-8")
	case len(head) == 1 && strings.Contains(whole, ";"):
		return nil, errors.New(`line 1: it has one cell; where semicolons stand between cells write separator: ";" into the map`)
	case len(head) == 1 && strings.Contains(whole, "\t"):
		return nil, errors.New("line 1: it has one cell; where tabs stand between cells write separator: tab into the map")
	default:
		// The first row is not quoted: where it names no columns it is somebody's words.
		return nil, fmt.Errorf("line 1: none of its %d cells is %s", len(head), strings.Join(missing, ", nor "))
	}
	return i, nil
}

// columns are those that the map names.
func (m *ImportMap) columns() []string {
	all := []string{m.ID, m.Role, m.Text, m.At}
	for _, v := range []string{m.Lang, m.Path} {
		if !strings.HasPrefix(v, "=") {
			all = append(all, v)
		}
	}
	for _, t := range m.Turns {
		all = append(all, t.Text, t.At)
	}
	for _, labels := range []map[string]ImportLabel{m.Label, m.TurnLabel} {
		for _, name := range sortedKeys(labels) {
			all = append(all, labels[name].Column)
		}
	}
	all = append(all, m.Keep...)
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// Bytes is how much was read so far, for progress bars.
func (i *Importer) Bytes() int64 { return i.csv.InputOffset() }

// Next returns the next dialogue and io.EOF after the last. A bad row gives a *RowError; the rows after it can still
// be read.
func (i *Importer) Next() (*Dialogue, error) {
	for i.at == 0 || !i.m.Gather {
		row, err := i.csv.Read()
		switch {
		case errors.Is(err, io.EOF) && i.m.Gather:
			i.at = 1
			continue
		case errors.Is(err, io.EOF) && i.open == nil:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return i.close(), nil
		case err != nil && !errors.Is(err, csv.ErrFieldCount):
			return nil, i.rowError(err)
		case err != nil:
			return nil, i.fault(0, "the row has not as many cells as the first one")
		}
		d, err := i.row(row)
		if d != nil || err != nil {
			return d, err
		}
	}
	if i.at > len(i.done) {
		return nil, io.EOF
	}
	i.open = i.done[i.at-1]
	i.done[i.at-1] = nil
	i.at++
	slices.SortStableFunc(i.open.d.Turns, func(a, b Turn) int {
		if a.At.IsZero() || b.At.IsZero() {
			return 0
		}
		return a.At.Compare(b.At)
	})
	return i.close(), nil
}

// close finishes the dialogue at hand.
func (i *Importer) close() *Dialogue {
	x := i.open
	i.open = nil
	if len(x.labels) > 0 {
		x.d.Label = labelJSON(x.labels)
	}
	if x.d.Turns == nil {
		x.d.Turns = []Turn{}
	}
	return &x.d
}

func labelJSON(labels map[string]bool) json.RawMessage {
	numbers := map[string]int{}
	for name, yes := range labels {
		numbers[name] = 0
		if yes {
			numbers[name] = 1
		}
	}
	b, err := json.Marshal(numbers)
	if err != nil {
		return nil
	}
	return b
}

// rowError is a fault of the table's form. The words of package csv quote nothing.
func (i *Importer) rowError(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &RowError{Line: parse.Line, Column: max(parse.Column, 1), Msg: parse.Err.Error()}
	}
	return fmt.Errorf("read table: %w", err)
}

// fault is about a cell of the row read last.
func (i *Importer) fault(cell int, msg string) *RowError {
	line, column := i.csv.FieldPos(cell)
	return &RowError{Line: line, Column: column, Msg: msg}
}

// cell is a cell of a row, "" without a column.
func (i *Importer) cell(row []string, column string) string {
	if column == "" {
		return ""
	}
	return row[i.columns[column]]
}

// row reads a row. It returns the dialogue that ends with it, if one does.
func (i *Importer) row(row []string) (*Dialogue, error) {
	for at, cell := range row {
		if !utf8.ValidString(cell) {
			return nil, i.fault(at, "the cell is not valid UTF-8; save the table as UTF-8")
		}
	}
	m := i.m
	id := strings.TrimSpace(i.cell(row, m.ID))
	if id == "" {
		return nil, i.fault(i.columns[m.ID], "the row names no conversation")
	}
	turns, err := i.turns(row)
	if err != nil || turns == nil {
		return nil, err
	}
	x, over, err := i.dialogue(row, id)
	if err != nil {
		return nil, err
	}
	x.d.Turns = append(x.d.Turns, turns...)
	for name, l := range m.Label {
		if yes, known := l.read(i.cell(row, l.Column)); known {
			x.labels[name] = yes
		}
	}
	return over, nil
}

// turns are those of a row; nil for a row that is to be passed over.
func (i *Importer) turns(row []string) ([]Turn, error) {
	m := i.m
	list := m.Turns
	if len(list) == 0 {
		role, ok := m.roles[folded(i.cell(row, m.Role))]
		if !ok {
			return nil, i.fault(i.columns[m.Role], fmt.Sprintf("the value of %q is not among the roles of the map", m.Role))
		}
		if role == "skip" {
			return nil, nil
		}
		list = []ImportTurn{{Role: role, Text: m.Text}}
	}
	out := []Turn{}
	for _, t := range list {
		text := strings.TrimSpace(i.cell(row, t.Text))
		if m.HTML {
			text = unmarked(text)
		}
		if text == "" {
			i.Empty++
			continue
		}
		turn := Turn{Turn: rules.Turn{Text: text}}
		turn.Role, _ = rules.ParseRole(t.Role)
		at := t.At
		if at == "" {
			at = m.At
		}
		if cell := i.cell(row, at); strings.TrimSpace(cell) != "" {
			var ok bool
			if turn.At, ok = m.time(cell); !ok {
				return nil, i.fault(i.columns[at], fmt.Sprintf("the value of %q is no time as the map says", at))
			}
			turn.At = turn.At.Round(0).Truncate(time.Millisecond)
		}
		labels := map[string]bool{}
		for name, l := range m.TurnLabel {
			if yes, known := l.read(i.cell(row, l.Column)); known {
				labels[name] = yes
			}
		}
		if len(labels) > 0 {
			turn.Label = labelJSON(labels)
		}
		out = append(out, turn)
	}
	return out, nil
}

// dialogue returns the one that a row belongs to, and the one that is over because another begins.
func (i *Importer) dialogue(row []string, id string) (x *importing, over *Dialogue, err error) {
	switch {
	case i.m.Gather:
		if x = i.byID[id]; x != nil {
			return x, nil, nil
		}
	case i.open != nil && i.open.d.ID == id:
		return i.open, nil, nil
	default:
		hash := maphash.String(i.seed, id)
		if i.ended[hash] {
			return nil, nil, i.fault(i.columns[i.m.ID], "the conversation came up before, and others since; sort the table by it, or write gather: true into the map")
		}
		i.ended[hash] = true
		if i.open != nil {
			over = i.close()
		}
	}
	x = &importing{d: Dialogue{ID: id, Lang: i.value(row, i.m.Lang), Path: i.value(row, i.m.Path)}, labels: map[string]bool{}}
	for _, name := range i.m.Keep {
		if v := i.cell(row, name); v != "" {
			b, err := json.Marshal(v)
			if err != nil {
				return nil, nil, i.fault(i.columns[name], "the cell cannot be kept")
			}
			if x.d.Extra == nil {
				x.d.Extra = map[string]json.RawMessage{}
			}
			x.d.Extra[name] = b
		}
	}
	if i.m.Gather {
		i.byID[id] = x
		i.done = append(i.done, x)
	} else {
		i.open = x
	}
	return x, over, nil
}

// value is a cell, or what the map itself says after a =.
func (i *Importer) value(row []string, column string) string {
	if v, ok := strings.CutPrefix(column, "="); ok {
		return v
	}
	return strings.TrimSpace(i.cell(row, column))
}
