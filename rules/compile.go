package rules

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
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
	sum := sha256.New()
	var roots []*yamlNode
	if f := tooMany(files); f != nil {
		r.add(Error, newSource(*f), 0, 0, "take packs out that are not needed", "with this file the packs come to more than %d bytes", maxSetSize)
		return nil, r.findings([]string{f.Name})
	}
	for i, f := range files {
		names[i] = f.Name
		f.Data = bytes.TrimPrefix(f.Data, byteOrderMark)
		root := readDocument(f, newSource(f), r)
		if root != nil {
			roots = append(roots, root)
		}
		// The name of the pack and its bytes: where a pack is kept does not change what it does.
		fmt.Fprintf(sum, "%d %q %d\n", i, root.value("pack").scalar(), len(f.Data))
		sum.Write(f.Data)
	}
	overrides := compose(roots, r)
	var specs []*spec
	for _, root := range roots {
		specs = append(specs, decode(root, overrides, r))
	}
	s := &Set{
		specs: specs, tongues: map[string]*tongue{}, names: names, readings: newReadings(),
		lexicon: theCues().lexicon.extend(),
		digest:  hex.EncodeToString(sum.Sum(nil))[:16],
	}
	s.pool = &sync.Pool{New: func() any { return newScratch(s.lexicon) }}
	lib := newLibrary(s.lexicon, r)
	resolveImports(specs, r)
	scopes := scopesOf(specs)
	checkNames(specs, scopes, r)
	dropOverridden(specs, scopes)
	standard := defaultSpec(specs)
	for _, sc := range scopes {
		s.speak(newTongueBuilder(sc, specs, standard, lib, r).build(true))
	}
	s.regional = regional(s.tongues)
	if standard != nil {
		s.standard = s.tongues[standard.locale]
	}
	s.other = newTongueBuilder(newScope(specs, "", ""), specs, standard, lib, r).build(false)
	if s.standard == nil {
		s.standard = s.other
	}
	lib.compiler.finish()
	for _, root := range roots {
		root.cut()
	}
	if !r.failed() {
		checkTies(s, r)
	}
	if r.failed() {
		return nil, r.findings(names)
	}
	return s, r.findings(names)
}

// tooMany returns the file with which the packs become too large together, nil when they do not; it is quoted by no
// line.
func tooMany(files []File) *File {
	total := 0
	for _, f := range files {
		if total += len(f.Data); total > maxSetSize {
			return &File{Name: f.Name}
		}
	}
	return nil
}

// speak enters a tongue under its locale: the first for those who ask for no register, the others beside it.
func (s *Set) speak(t *tongue) {
	first := s.tongues[t.locale]
	if first == nil {
		first = t
		s.tongues[t.locale] = t
		t.registers = map[string]*tongue{}
	}
	first.registers[t.register] = t
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

// regional maps languages to the tongue of one region of theirs, where the language itself has none.
func regional(tongues map[string]*tongue) map[string]*tongue {
	out := map[string]*tongue{}
	for _, l := range slices.Sorted(maps.Keys(tongues)) {
		language, _, region := strings.Cut(l, "-")
		if region && tongues[language] == nil && out[language] == nil {
			out[language] = tongues[l]
		}
	}
	return out
}

// rules lists what all rules of a pack have in common.
func (p *spec) rules() []*head {
	out := p.heads()
	for _, x := range p.verbatim {
		out = append(out, &x.head)
	}
	for _, x := range p.touchpoints {
		out = append(out, &x.head)
	}
	return out
}

// heads are those of them that say both what they do and why.
func (p *spec) heads() []*head {
	var out []*head
	for _, x := range p.signals {
		out = append(out, &x.head)
	}
	for _, x := range p.rewrites {
		out = append(out, &x.head)
	}
	for _, x := range p.escalations {
		out = append(out, &x.head)
	}
	for _, x := range p.crisis {
		out = append(out, &x.head)
	}
	return out
}

// has tells whether a rule of the pack has an id.
func (p *spec) has(id string) bool {
	if p.ids == nil {
		p.ids = map[string]bool{}
		for _, h := range p.rules() {
			p.ids[h.id] = true
		}
	}
	return p.ids[id]
}

// byRank orders rewrites that compete for a sentence: higher priority first, then the more specific, then as written.
func byRank(a, b *rule) int {
	return cmp.Or(
		cmp.Compare(b.priority, a.priority),
		cmp.Compare(b.rewrite.specificity, a.rewrite.specificity),
		cmp.Compare(a.rewrite.order, b.rewrite.order),
	)
}
