package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// File is one pack file.
type File struct {
	// Name is used in findings; it is never opened.
	Name string
	Data []byte
}

// Compile builds a set from pack files. Every fault of every file is reported. The set is nil when any finding is an
// error; findings that are only warnings come with a usable set. No files make a set that does nothing.
func Compile(files []File) (*Set, Diagnostics) {
	r := &report{}
	names := make([]string, len(files))
	var specs []*spec
	sum := sha256.New()
	for i, f := range files {
		names[i] = f.Name
		fmt.Fprintf(sum, "%d %s %d\n", i, f.Name, len(f.Data))
		sum.Write(f.Data)
		if p := decode(f, newSource(f), r); p != nil {
			specs = append(specs, p)
		}
	}
	s := &Set{
		specs: specs, tongues: map[string]*tongue{}, names: names, observer: newObserver(),
		digest: hex.EncodeToString(sum.Sum(nil))[:16],
		pool:   &sync.Pool{New: func() any { return newScratch() }},
	}
	checkNames(specs, r)
	standard := defaultSpec(specs)
	for _, l := range localesOf(specs) {
		b := newTongueBuilder(l, specs, standard, r)
		s.tongues[l] = b.build(true)
	}
	if standard != nil {
		s.standard = s.tongues[standard.locale]
	}
	s.other = newTongueBuilder("", specs, standard, r).build(false)
	if s.standard == nil {
		s.standard = s.other
	}
	if !r.list.HasErrors() {
		checkTies(s, r)
	}
	found := r.list.sorted(names)
	if found.HasErrors() {
		return nil, found
	}
	return s, found
}

func shortHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// defaultSpec is the pack whose scoring and messages serve locales without one: the first English pack that scores,
// else the first English one, else the first.
func defaultSpec(specs []*spec) *spec {
	var best *spec
	rank := func(p *spec) int {
		n := 0
		if p.locale == "en" {
			n += 2
		}
		if p.scoring != nil {
			n++
		}
		return n
	}
	for _, p := range specs {
		if best == nil || rank(p) > rank(best) {
			best = p
		}
	}
	return best
}

// localesOf lists the locales in the order they first appear.
func localesOf(specs []*spec) []string {
	var out []string
	for _, p := range specs {
		if !slices.Contains(out, p.locale) {
			out = append(out, p.locale)
		}
	}
	return out
}

// serves tells whether a pack's rules are written for a locale: its own, or the base language of it.
func (p *spec) serves(locale string) bool {
	return p.locale == locale || locale != "" && strings.HasPrefix(locale, p.locale+"-")
}

// namedRule is one rule with its place, for checks over all rules.
type namedRule struct {
	id   string
	at   *yamlNode
	kind string
}

func (p *spec) rules() []namedRule {
	var out []namedRule
	add := func(kind string, h *head) { out = append(out, namedRule{h.id, h.at, kind}) }
	for _, x := range p.signals {
		add("signal", &x.head)
	}
	for _, x := range p.rewrites {
		add("rewrite", &x.head)
	}
	for _, x := range p.escalations {
		add("escalation", &x.head)
	}
	for _, x := range p.crisis {
		add("crisis", &x.head)
	}
	for _, x := range p.verbatim {
		add("verbatim", &x.head)
	}
	for _, x := range p.touchpoints {
		add("touchpoint", &x.head)
	}
	return out
}

// checkNames reports names that are used twice where one would hide the other.
func checkNames(specs []*spec, r *report) {
	packs := map[string]*yamlNode{}
	type key struct{ locale, id string }
	ids := map[key]*yamlNode{}
	scoring := map[string]*yamlNode{}
	messages := map[key]*yamlNode{}
	asks := map[key]*yamlNode{}
	once := func(seen, at *yamlNode, what, name string) {
		r.hintf(at, fmt.Sprintf("the first one is at %s:%d", seen.src.name, seen.line), "%s %q stands twice", what, name)
	}
	for _, p := range specs {
		if p.name != "" {
			if first, ok := packs[p.name]; ok {
				once(first, p.at, "pack", p.name)
			} else {
				packs[p.name] = p.at
			}
		}
		for _, x := range p.rules() {
			if x.id == "" {
				continue
			}
			k := key{p.locale, x.id}
			if first, ok := ids[k]; ok {
				once(first, x.at, "rule", x.id)
				continue
			}
			ids[k] = x.at
		}
		if p.scoring != nil {
			if first, ok := scoring[p.locale]; ok {
				r.hintf(p.scoring.at, fmt.Sprintf("the first one is at %s:%d", first.src.name, first.line),
					"locale %s has two scorings", p.locale)
			}
			scoring[p.locale] = p.scoring.at
		}
		for _, m := range p.messages {
			k := key{p.locale, m.id}
			if first, ok := messages[k]; ok {
				once(first, m.at, "message", m.id)
			}
			messages[k] = m.at
		}
		for _, a := range p.asks {
			k := key{p.locale, a.id}
			if first, ok := asks[k]; ok {
				once(first, a.at, "ask", a.id)
			}
			asks[k] = a.at
		}
	}
}

// byRank orders rewrites that compete for a sentence: higher priority first, then the more specific, then as written.
func byRank(a, b *rule) int {
	return cmp.Or(
		cmp.Compare(b.priority, a.priority),
		cmp.Compare(b.rewrite.specificity, a.rewrite.specificity),
		cmp.Compare(a.rewrite.order, b.rewrite.order),
	)
}
