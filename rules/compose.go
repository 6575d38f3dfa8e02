package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// A rule that carries `overrides:` takes the place of the rule of the same id of another pack. What it leaves out it has
// from there, so the two are merged before anything is decoded: the rest of the compiler sees whole rules only.

// overrideSpec says which rule a rule replaces, and why.
type overrideSpec struct {
	at      *yamlNode
	written *yamlNode // the rule before it was merged
	pack    string
	digest  string
	why     string
}

// ruleSections are the keys of a pack that hold rules, and what one of them is called.
var ruleSections = []struct{ key, kind string }{
	{"signals", "signal"},
	{"rewrites", "rewrite"},
	{"escalations", "escalation"},
	{"crisis", "crisis rule"},
	{"verbatim", "verbatim"},
	{"touchpoints", "touchpoint"},
}

// ruleKey finds a rule as it was written.
type ruleKey struct{ pack, section, id string }

// composer merges overrides with what they override.
type composer struct {
	r         *report
	packs     []string
	written   map[ruleKey]*yamlNode
	ids       map[ruleKey][]string // by pack and section
	merged    map[*yamlNode]*yamlNode
	open      map[*yamlNode]bool // being merged, against circles
	overrides map[*yamlNode]*overrideSpec
}

// compose replaces every rule that overrides another by the two merged. It returns what the merged rules override.
// An override without its rule is reported and left out: whatever it lacks would be reported over and over.
func compose(roots []*yamlNode, r *report) map[*yamlNode]*overrideSpec {
	c := &composer{
		r: r, written: map[ruleKey]*yamlNode{}, ids: map[ruleKey][]string{}, merged: map[*yamlNode]*yamlNode{},
		open: map[*yamlNode]bool{}, overrides: map[*yamlNode]*overrideSpec{},
	}
	for _, root := range roots {
		name := root.value("pack").scalar()
		c.packs = append(c.packs, name)
		for _, s := range ruleSections {
			for _, n := range root.value(s.key).list() {
				id := n.value("id").scalar()
				k := ruleKey{name, s.key, id}
				if c.written[k] == nil {
					c.written[k] = n
				}
				of := ruleKey{name, s.key, ""}
				c.ids[of] = append(c.ids[of], id)
			}
		}
	}
	for _, root := range roots {
		for _, s := range ruleSections {
			list := root.value(s.key)
			if list == nil || list.kind != isSequence {
				continue
			}
			kept := list.items[:0:0]
			for _, n := range list.items {
				if m := c.merge(n, s.key, s.kind); m != nil {
					kept = append(kept, m)
				}
			}
			list.items = kept
		}
	}
	return c.overrides
}

// merge returns a rule with all that it has from the rule it overrides, or nil when that cannot be found.
func (c *composer) merge(n *yamlNode, section, kind string) *yamlNode {
	at := n.value("overrides")
	if at == nil {
		return n
	}
	if m, done := c.merged[n]; done {
		return m
	}
	c.merged[n] = nil
	d := &decoder{src: n.src, r: c.r}
	o := d.override(at)
	o.written = n
	base := c.target(n, o, section, kind)
	if base == nil {
		return nil
	}
	c.open[n] = true
	from := c.merge(base, section, kind)
	delete(c.open, n)
	if from == nil {
		return nil
	}
	out := *n
	out.entries = nil
	for _, e := range from.entries {
		if n.value(e.key.text) == nil {
			out.entries = append(out.entries, e)
		}
	}
	out.entries = append(out.entries, n.entries...)
	c.merged[n] = &out
	c.overrides[&out] = o
	return &out
}

// target finds the rule that is overridden and holds its digest against the one that was pinned.
func (c *composer) target(n *yamlNode, o *overrideSpec, section, kind string) *yamlNode {
	id := n.value("id").scalar()
	if o.pack == "" || id == "" {
		if id == "" {
			c.r.errorf(n, "%s lacks %q", kind, "id")
		}
		return nil
	}
	if c.r.lost[o.pack] || c.r.lost[id] { // what it overrides cannot be read
		return nil
	}
	if !slices.Contains(c.packs, o.pack) {
		c.r.hintf(o.at.value("pack"), nearestOr(o.pack, c.packs), "no pack is named %q", o.pack)
		return nil
	}
	base := c.written[ruleKey{o.pack, section, id}]
	switch {
	case base == nil:
		c.r.hintf(n.value("id"), c.elsewhere(o.pack, section, id), "pack %q has no %s %q to override", o.pack, kind, id)
		return nil
	case base.src == n.src:
		c.r.errorf(o.at, "a pack cannot override a rule of its own")
		return nil
	case c.open[base]:
		c.r.errorf(o.at, "%q overrides itself in a circle", id)
		return nil
	}
	right := base.digest()
	where := fmt.Sprintf("%s:%d", base.src.name, base.line)
	switch {
	case o.digest == "":
		c.r.hintf(o.at, fmt.Sprintf("digest: %s, once you have read the rule at %s", right, where), "overrides lacks %q", "digest")
	case o.digest != right:
		c.r.hintf(o.at.value("digest"), fmt.Sprintf("read it again at %s; if the override is still right, write digest: %s", where, right),
			"rule %q of pack %q has changed since it was overridden", id, o.pack)
	}
	return base
}

// elsewhere is the hint for a rule that a pack does not have under a section.
func (c *composer) elsewhere(pack, section, id string) string {
	for _, s := range ruleSections {
		if s.key != section && c.written[ruleKey{pack, s.key, id}] != nil {
			return fmt.Sprintf("it is one of its %s", s.key)
		}
	}
	return nearestOr(id, c.ids[ruleKey{pack, section, ""}])
}

// override reads what a rule says about the rule it replaces.
func (d *decoder) override(n *yamlNode) *overrideSpec {
	f := d.fields(n, overridesShape, "overrides")
	o := &overrideSpec{at: f.n}
	o.pack = f.need("pack", "the name of the pack whose rule is replaced")
	o.digest = f.text("digest") // compose knows the right one
	o.why = f.need("why", "say why the shipped rule is not right here; it is shown to the people it is about")
	f.done()
	return o
}

// digest names what a node says, whatever its comments, spacing, quotes and order of keys.
func (n *yamlNode) digest() string {
	sum := sha256.New()
	var write func(n *yamlNode)
	write = func(n *yamlNode) {
		switch n.kind {
		case isMapping:
			entries := slices.Clone(n.entries)
			slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key.text, b.key.text) })
			fmt.Fprintf(sum, "{%d\n", len(entries))
			for _, e := range entries {
				fmt.Fprintf(sum, "%q\n", e.key.text)
				write(e.value)
			}
		case isSequence:
			fmt.Fprintf(sum, "[%d\n", len(n.items))
			for _, it := range n.items {
				write(it)
			}
		case isNull:
			fmt.Fprintln(sum, "~")
		default:
			// Quotes mean something only where they keep a number or a truth from being one.
			fmt.Fprintf(sum, "%q %t\n", n.text, n.quoted && isLiteral(n.text))
		}
	}
	write(n)
	return hex.EncodeToString(sum.Sum(nil))[:8]
}

// value returns the value of a key, nil when n is no mapping or lacks it.
func (n *yamlNode) value(key string) *yamlNode {
	if n == nil {
		return nil
	}
	for i := range n.entries {
		if n.entries[i].key.text == key {
			return n.entries[i].value
		}
	}
	return nil
}

// scalar returns the text of a scalar, else "".
func (n *yamlNode) scalar() string {
	if n == nil || n.kind != isScalar {
		return ""
	}
	return n.text
}

// list returns the items of a sequence, else none.
func (n *yamlNode) list() []*yamlNode {
	if n == nil || n.kind != isSequence {
		return nil
	}
	return n.items
}
