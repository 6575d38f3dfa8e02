package rules

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decoder turns nodes into specs and collects every fault on the way. A fault never stops it: what is missing stays
// at its zero value, and a report with errors keeps the set from being built.
type decoder struct {
	src       *source
	r         *report
	overrides map[*yamlNode]*overrideSpec // of merged rules
	asked     func(s *shape, key string)  // tests watch which keys are read
}

// fields reads the keys of one mapping as the table of the format has them; done reports the others.
type fields struct {
	d     *decoder
	n     *yamlNode
	shape *shape
	what  string // what the mapping is, for messages: "a signal"
	wrong bool   // it is no mapping, which was said: what it lacks need not be
}

// fields starts reading n, which must be a mapping. A wrong shape is reported and reads as empty.
func (d *decoder) fields(n *yamlNode, s *shape, what string) *fields {
	f := &fields{d: d, n: n, shape: s, what: what}
	if n.kind != isMapping {
		d.r.errorf(n, "%s is a mapping, not %s", what, n.kind)
		f.n, f.wrong = &yamlNode{src: n.src, line: n.line, col: n.col, kind: isMapping}, true
	}
	return f
}

// get returns the value of a key, or nil when it is absent.
func (f *fields) get(name string) *yamlNode {
	k := f.shape.key(name)
	if f.d.asked != nil {
		f.d.asked(f.shape, k.name)
	}
	return f.n.value(name)
}

// of lists the words that a key takes.
func (f *fields) of(key string) []string { return f.shape.key(key).value.choices() }

// done reports the keys that the shape does not have.
func (f *fields) done() {
	if f.shape.open != "" && f.n.value(f.shape.open) != nil {
		return
	}
	known := f.shape.names()
	for _, e := range f.n.entries {
		if !slices.Contains(known, e.key.text) {
			f.d.r.lazyf(e.key, func() string { return nearestOr(e.key.text, known) }, "unknown key %q in %s", e.key.text, f.what)
		}
	}
}

// text reads a string; absent is "".
func (f *fields) text(key string) string {
	n := f.get(key)
	if n == nil {
		return ""
	}
	return f.d.text(n, key)
}

// need reads a string that must be there and say something.
func (f *fields) need(key, hint string) string {
	n := f.get(key)
	if n == nil {
		f.lacks(key, hint)
		return ""
	}
	s := f.d.text(n, key)
	if strings.TrimSpace(s) == "" && n.kind != isMapping && n.kind != isSequence {
		f.d.r.hintf(n, hint, "%q is empty", key)
	}
	return s
}

// lacks reports a key that must be there.
func (f *fields) lacks(key, hint string) {
	if !f.wrong {
		f.d.r.hintf(f.n, hint, "%s lacks %q", f.what, key)
	}
}

// flag reads true or false; absent is false.
func (f *fields) flag(key string) bool {
	n := f.get(key)
	if n == nil {
		return false
	}
	if n.kind == isScalar && !n.quoted {
		switch n.text {
		case "true":
			return true
		case "false":
			return false
		}
	}
	f.d.r.errorf(n, "%q is true or false", key)
	return false
}

// number reads a number within the range of the key; absent is its standard, 0 when it has none.
func (f *fields) number(key string) float64 {
	v := f.shape.key(key).value
	standard, _ := strconv.ParseFloat(v.standard, 64)
	n := f.get(key)
	if n == nil {
		return standard
	}
	return f.d.number(n, key, standard, v.low, v.high)
}

// whole reads a whole number in the same way.
func (f *fields) whole(key string) int {
	v := f.number(key)
	if v != math.Trunc(v) {
		f.d.r.errorf(f.get(key), "%q is a whole number", key)
		return 0
	}
	return int(v)
}

// choice reads one of the words of the key; absent is "".
func (f *fields) choice(key string) string {
	n := f.get(key)
	if n == nil {
		return ""
	}
	return f.d.choice(n, key, f.of(key)...)
}

// date reads a day; absent is the zero time.
func (f *fields) date(key string) time.Time {
	n := f.get(key)
	if n == nil {
		return time.Time{}
	}
	return f.d.date(n, key)
}

func (d *decoder) text(n *yamlNode, what string) string {
	if n.kind != isScalar {
		d.r.errorf(n, "%q is text, not %s", what, n.kind)
		return ""
	}
	return n.text
}

func (d *decoder) number(n *yamlNode, what string, def, low, high float64) float64 {
	v, err := strconv.ParseFloat(n.text, 64)
	if n.kind != isScalar || n.quoted || err != nil || math.IsNaN(v) {
		d.r.hintf(n, numberHint(n), "%q is a number", what)
		return def
	}
	if v < low || v > high {
		d.r.errorf(n, "%q is a number from %s to %s", what, written(low), written(high))
		return def
	}
	return v
}

// numberHint tells how a number is written that is written otherwise.
func numberHint(n *yamlNode) string {
	text := strings.TrimSpace(strings.Replace(n.text, ",", ".", 1))
	if n.kind != isScalar || !plainNumber.MatchString(text) {
		return ""
	}
	return "write " + text + ", in digits, with a point and without quotes"
}

// written is a number as people write it.
func written(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (d *decoder) choice(n *yamlNode, what string, of ...string) string {
	v := d.text(n, what)
	if n.kind != isScalar {
		return ""
	}
	if !slices.Contains(of, v) {
		d.r.hintf(n, didYouMean(v, of), "%q is one of %s, not %q", what, strings.Join(of, ", "), v)
		return ""
	}
	return v
}

func (d *decoder) date(n *yamlNode, what string) time.Time {
	t, err := time.Parse(time.DateOnly, n.text)
	if n.kind != isScalar || err != nil {
		d.r.hintf(n, "write it as 2027-01-31", "%q is a date", what)
		return time.Time{}
	}
	return t
}

// list reads a sequence; a scalar stands for a list of one.
func (d *decoder) list(n *yamlNode, what string) []*yamlNode {
	switch n.kind {
	case isSequence:
		return n.items
	case isScalar:
		return []*yamlNode{n}
	default:
		d.r.errorf(n, "%s is a list, not %s", what, n.kind)
		return nil
	}
}

// texts reads a list of strings.
func (d *decoder) texts(n *yamlNode, what string) []*yamlNode {
	items := d.list(n, what)
	out := items[:0:0]
	for _, it := range items {
		if it.kind != isScalar {
			d.r.errorf(it, "%s is a list of texts", what)
			continue
		}
		out = append(out, it)
	}
	return out
}

// section reads a list of mappings under a top-level key.
func (d *decoder) section(n *yamlNode, what string) []*yamlNode {
	if n == nil || n.kind == isNull {
		return nil
	}
	if n.kind != isSequence {
		d.r.errorf(n, "%s is a list, not %s", what, n.kind)
		return nil
	}
	out := n.items[:0:0]
	for _, it := range n.items {
		if it.kind != isMapping { // said once here, or each key that it lacks would be a fault as well
			d.r.errorf(it, "%s is a list of mappings, not of %s", what, it.kind)
			continue
		}
		out = append(out, it)
	}
	return out
}

// named reads a mapping of names to values under a top-level key.
func (d *decoder) named(n *yamlNode, what string) []entry {
	if n == nil || n.kind == isNull {
		return nil
	}
	if n.kind != isMapping {
		d.r.errorf(n, "%s is a mapping of names, not %s", what, n.kind)
		return nil
	}
	return n.entries
}

var (
	idPattern   = regexp.MustCompile(`^[a-z0-9]+([-._][a-z0-9]+)*$`)
	plainNumber = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	percentForm = regexp.MustCompile(`^(<=|>=|<|>)?\s*\d+(\.\d+)?\s*%$`)
)

const maxID = 64

// id checks an identifier: it becomes a metric label, so it stays short and plain.
func (d *decoder) id(n *yamlNode, what string) string {
	s := d.text(n, what)
	if n.kind == isScalar && (len(s) > maxID || !idPattern.MatchString(s)) {
		d.r.hintf(n, "lower-case letters, digits, and - . _ between them, at most 64 characters", "%q cannot be used as %s", s, what)
	}
	return s
}

// percent reads "10%" or "<= 10%".
func (d *decoder) percent(n *yamlNode, what string) (op string, value float64) {
	s := d.text(n, what)
	if n.kind != isScalar {
		return "", 0
	}
	if !percentForm.MatchString(s) {
		d.r.errorf(n, "%q is a share, like 10%% or >= 95%%", what)
		return "", 0
	}
	rest := strings.TrimLeft(s, "<>= ")
	v, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(rest, "%")), 64)
	if err != nil || v > 100 {
		d.r.errorf(n, "%q is a share of at most 100%%", what)
		return "", 0
	}
	return strings.TrimSpace(s[:len(s)-len(rest)]), v
}
