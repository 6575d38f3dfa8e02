package lab

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// ImportMap says how the rows of a table become transcripts: which column holds what. Columns are called by their names
// in the table's first row.
type ImportMap struct {
	// Separator stands between cells, a comma unless it says otherwise. "tab" is a tabulator.
	Separator string `yaml:"separator"`
	// ID is the column that names the conversation. Rows of one conversation stand together, unless Gather says that they
	// are to be gathered, which takes memory for the whole file.
	ID     string `yaml:"id"`
	Gather bool   `yaml:"gather"`
	// Role is the column that says who speaks, and Roles which of its values mean whom: customer, bot, agent, or skip for
	// rows that are no part of the conversation. Letter case does not count.
	Role  string              `yaml:"role"`
	Roles map[string][]string `yaml:"roles"`
	// Text is the column with what is said.
	Text string `yaml:"text"`
	// HTML says that what is said is written in HTML, as helpdesks keep it; its text is taken.
	HTML bool `yaml:"html"`
	// Turns are for tables with several turns a row, say a question and its answer; then there is no role and no text.
	Turns []ImportTurn `yaml:"turns"`
	// At is the column with the time, Time how it is written: RFC 3339 unless it says otherwise, unix, unix-ms, or a
	// pattern of YYYY MM DD HH (hh with AM) mm ss. Zone is the time zone of times that name none, UTC unless it says otherwise.
	At   string `yaml:"at"`
	Time string `yaml:"time"`
	Zone string `yaml:"zone"`
	// Lang and Path are columns; a text in quotation marks that begins with = is the value itself: "=en".
	Lang string `yaml:"lang"`
	Path string `yaml:"path"`
	// Label are labels of the whole conversation, TurnLabel those of turns, by name.
	Label     map[string]ImportLabel `yaml:"label"`
	TurnLabel map[string]ImportLabel `yaml:"turn_label"`
	// Keep are columns that the conversation keeps as fields of their names.
	Keep []string `yaml:"keep"`

	roles  map[string]string
	zone   *time.Location
	layout string
}

// ImportTurn is one of several turns of a row. Role is customer, bot or agent, Text and At are columns.
type ImportTurn struct {
	Role string `yaml:"role"`
	Text string `yaml:"text"`
	At   string `yaml:"at"`
}

// ImportLabel reads a label from a column. It is yes for the values of Yes and numbers below Below, no for those of No
// and other numbers; anything else says nothing.
type ImportLabel struct {
	Column string   `yaml:"column"`
	Yes    []string `yaml:"yes"`
	No     []string `yaml:"no"`
	Below  *float64 `yaml:"below"`
}

// ParseImportMap reads a map from YAML. All faults are told at once, each with its line where there is one.
func ParseImportMap(data []byte) (m *ImportMap, err error) {
	// The YAML library may have faults of its own.
	defer func() {
		if recover() != nil {
			m, err = nil, errors.New("it cannot be read as YAML")
		}
	}()
	m = &ImportMap{}
	if err := yaml.UnmarshalWithOptions(data, m, yaml.Strict()); err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			p := at.GetToken().Position
			return nil, fmt.Errorf("line %d, column %d: %s", p.Line, p.Column, at.GetMessage())
		}
		return nil, fmt.Errorf("it cannot be read as YAML: %w", err)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// check completes the map, or tells all that is wrong with it.
func (m *ImportMap) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	switch {
	case m.Separator == "":
		m.Separator = ","
	case m.Separator == "tab":
		m.Separator = "\t"
	case utf8.RuneCountInString(m.Separator) != 1 || strings.ContainsAny(m.Separator, "\"\r\n\ufffd"):
		fault("separator: use one sign, or tab")
	}
	if m.ID == "" {
		fault("id: name the column that tells conversations apart")
	}
	m.roles = map[string]string{}
	switch {
	case len(m.Turns) > 0 && (m.Role != "" || m.Text != "" || len(m.Roles) > 0):
		fault("turns: stands instead of role, roles and text")
	case len(m.Turns) == 0 && (m.Role == "" || m.Text == ""):
		fault("role and text: name the columns with who speaks and what is said, or use turns")
	case len(m.Turns) == 0 && len(m.Roles) == 0:
		fault("roles: say which values of %q are the customer, the bot, an agent", m.Role)
	}
	for _, role := range sortedKeys(m.Roles) {
		if !slices.Contains([]string{"customer", "bot", "agent", "skip"}, role) {
			fault("roles: %q is none of customer, bot, agent, skip", role)
		}
		for _, v := range m.Roles[role] {
			key := folded(v)
			if other := m.roles[key]; other != "" && other != role {
				fault("roles: %q is both %s and %s", v, other, role)
			}
			m.roles[key] = role
		}
	}
	for i, t := range m.Turns {
		if !slices.Contains([]string{"customer", "bot", "agent"}, t.Role) {
			fault("turns: the role of number %d is none of customer, bot, agent", i+1)
		}
		if t.Text == "" {
			fault("turns: number %d has no text", i+1)
		}
	}
	for _, labels := range []map[string]ImportLabel{m.Label, m.TurnLabel} {
		for _, name := range sortedKeys(labels) {
			if l := labels[name]; l.Column == "" || len(l.Yes)+len(l.No) == 0 && l.Below == nil {
				fault("label %q: name its column, and yes, no or below", name)
			}
		}
	}
	if len(m.TurnLabel) > 0 && len(m.Turns) > 0 {
		fault("turn_label: a row with several turns has no label of a turn")
	}
	for _, name := range m.Keep {
		if slices.Contains([]string{"id", "lang", "profile", "path", "turns", "label"}, name) {
			fault("keep: %q is a field of transcripts already", name)
		}
	}
	m.layout = layout(m.Time)
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		fault("zone: %q is no time zone; use a name like Europe/Dublin", m.Zone)
	}
	m.zone = zone
	return errors.Join(faults...)
}

// folded is how values of cells are compared.
func folded(v string) string { return strings.ToLower(strings.TrimSpace(v)) }

// layout is a pattern as package time writes it; "" for the ways that are none.
func layout(pattern string) string {
	switch pattern {
	case "", "unix", "unix-ms":
		return ""
	}
	return strings.NewReplacer("YYYY", "2006", "YY", "06", "MM", "01", "DD", "02", "HH", "15", "hh", "03", "mm", "04", "ss", "05", "AM", "PM").Replace(pattern)
}

// commonLayouts are tried when the map does not say how times are written.
var commonLayouts = []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04"}

// time reads a cell; false when it cannot be read.
func (m *ImportMap) time(cell string) (time.Time, bool) {
	cell = strings.TrimSpace(cell)
	if m.Time == "unix" || m.Time == "unix-ms" {
		v, err := strconv.ParseFloat(cell, 64)
		if m.Time == "unix" {
			v *= 1000
		}
		// From 1970 to 9999.
		if err != nil || !(v >= 0 && v < 253402300800000) {
			return time.Time{}, false
		}
		return time.UnixMilli(int64(v)).In(m.zone), true
	}
	layouts := commonLayouts
	if m.layout != "" {
		layouts = []string{m.layout}
	}
	for _, l := range layouts {
		// What JSON cannot hold is no time.
		if t, err := time.ParseInLocation(l, cell, m.zone); err == nil && t.Year() >= 0 && t.Year() <= 9999 {
			return t, true
		}
	}
	return time.Time{}, false
}

// read tells what a cell says about a label.
func (l *ImportLabel) read(cell string) (yes, known bool) {
	cell = folded(cell)
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(v string) bool { return folded(v) == cell })
	}
	switch {
	case has(l.Yes):
		return true, true
	case has(l.No):
		return false, true
	case l.Below != nil:
		v, err := strconv.ParseFloat(cell, 64)
		return v < *l.Below, err == nil
	}
	return false, false
}
