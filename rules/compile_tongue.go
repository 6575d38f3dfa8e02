package rules

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// tongueBuilder compiles the packs into what is in force for one locale.
type tongueBuilder struct {
	*scope
	t        *tongue
	all      []*spec
	standard *spec
	r        *report
	library  *library
	books    map[*spec]*book
	builders [3]sideBuilder
	ids      map[string]bool // of own rules, for conditions
	tracked  map[string]bool
	named    map[string]bool // ids of own rules
	order    int
	anyRole  bool               // the signal at hand reads every role
	entered  [3]map[string]bool // ids of the rules of each side

	structures map[string]bool // what own structural signals look at
	messageIDs map[string]bool // of all packs
}

type sideBuilder struct {
	role    Role
	phrases matcherBuilder
	answers matcherBuilder // to asks; looked for while one is open
	regexes regexBuilder
	side    side
	shared  map[string]int32 // leaves by what they look for: many rules ask for the same
	crisis  bool             // the rule at hand is for a crisis
	exact   bool             // what is entered now does not match words with a slip
}

func newTongueBuilder(sc *scope, specs []*spec, standard *spec, lib *library, r *report) *tongueBuilder {
	b := &tongueBuilder{
		scope: sc, all: specs, standard: standard, r: r, library: lib, books: map[*spec]*book{}, tracked: map[string]bool{},
		ids: map[string]bool{}, messageIDs: map[string]bool{}, named: map[string]bool{}, structures: map[string]bool{},
		t: &tongue{locale: sc.locale, register: sc.register, asks: map[string]*ask{}, messages: map[string]*message{}},
	}
	for i, role := range [...]Role{Customer, Bot, Event} {
		b.builders[i].role, b.builders[i].shared = role, map[string]int32{}
		b.builders[i].phrases.compiler = lib.compiler
		b.builders[i].phrases.slips = role == Customer // bots do not mistype, and what they say is replaced
		b.builders[i].answers.compiler, b.builders[i].answers.slips = lib.compiler, true
	}
	for _, p := range specs {
		for _, m := range p.messages {
			b.messageIDs[m.id] = true
		}
	}
	return b
}

// build compiles everything. Foreign packs give only the rules that listen in every locale.
func (b *tongueBuilder) build(covered bool) *tongue {
	b.t.covered = covered
	b.t.scoring = b.scoring()
	b.t.decay = math.Exp2(-1 / b.t.scoring.halfLife)
	for _, p := range b.own {
		for _, x := range p.rules() {
			b.ids[x.id] = true
		}
	}
	b.messages()
	for _, p := range b.own {
		b.books[p] = b.library.book(b.peers(p))
		b.asks(p)
	}
	b.builtinAsks()
	for _, p := range b.own {
		b.pack(p)
	}
	for _, p := range b.foreign {
		b.listen(p)
	}
	b.track()
	for i := range b.builders {
		b.t.sides[i] = b.finish(&b.builders[i])
	}
	b.rank()
	b.offers()
	return b.t
}

func (b *tongueBuilder) scoring() *scoringSpec {
	for _, p := range b.own {
		if p.scoring != nil {
			return p.scoring
		}
	}
	if b.standard != nil && b.standard.scoring != nil {
		return b.standard.scoring
	}
	s := defaultScoring()
	return &s
}

// patterns resolves a mix of list names and inline patterns.
func (b *tongueBuilder) patterns(p *spec, nodes []*yamlNode) []*phrase {
	book := b.books[p]
	var out []*phrase
	for _, n := range nodes {
		if isInline(n.text) {
			out = append(out, b.inline(book, n)...)
			continue
		}
		list, ok := book.lists[n.text]
		if !ok && b.r.lost[n.text] {
			continue
		}
		if !ok {
			b.r.lazyf(n, func() string { return orInline(n.text, didYouMean(n.text, slices.Sorted(maps.Keys(book.lists)))) }, "no list of phrases is named %q", n.text)
			continue
		}
		out = append(out, list...)
	}
	return out
}

func orInline(word, hint string) string {
	if hint != "" {
		return hint
	}
	return "a name stands for a list under phrases; a pattern written in place has spaces or brackets, like (" + word + ")"
}

// inline resolves a pattern written in place and reports its faults.
func (b *tongueBuilder) inline(book *book, n *yamlNode) []*phrase {
	ph, errs := book.inline(n.text)
	for _, e := range errs {
		b.r.phraseFault(n, e)
	}
	if len(errs) > 0 {
		return nil
	}
	return []*phrase{ph}
}

// leaf enters phrases as a new leaf of a side. One that cannot be matched is reported where it stands.
func (b *tongueBuilder) leaf(sb *sideBuilder, n *yamlNode, phrases []*phrase, whole bool) int32 {
	return b.leafIn(&sb.phrases, sb, n, phrases, whole)
}

// sharedLeaf is leaf for what other rules may look for as well: the same patterns of the same book, of which only the first
// use is entered.
func (b *tongueBuilder) sharedLeaf(p *spec, sb *sideBuilder, nodes []*yamlNode, phrases []*phrase, whole bool) int32 {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		texts[i] = n.text
	}
	key := fmt.Sprintf("phrases %p %v %v %q", b.books[p], whole, sb.exact, texts)
	leaf, ok := sb.shared[key]
	if !ok {
		leaf = b.leaf(sb, nodes[0], phrases, whole)
		if !b.r.failed() { // each use of what cannot be looked for is told of
			sb.shared[key] = leaf
		}
	}
	return leaf
}

// leafIn does so in one of the side's matchers.
func (b *tongueBuilder) leafIn(into *matcherBuilder, sb *sideBuilder, n *yamlNode, phrases []*phrase, whole bool) int32 {
	id := sb.side.newLeaf()
	add := into.add
	if sb.exact {
		add = into.addExact
	}
	for _, ph := range phrases {
		var pe *PhraseError
		if errors.As(add(ph, id, whole), &pe) {
			b.r.errorf(n, "%s", pe.Msg)
		}
	}
	return int32(id)
}

func (s *side) newLeaf() int {
	s.byLeaf = append(s.byLeaf, nil)
	s.leaves++
	return s.leaves - 1
}

// clause compiles a match for one side. Every positive leaf is noted in used: a hit there makes the rule a candidate.
func (b *tongueBuilder) clause(p *spec, sb *sideBuilder, m *matchSpec, used *[]int32) *clause {
	c := &clause{source: -1}
	note := func(leaf int32, gives bool) {
		c.leaves = append(c.leaves, leaf)
		if used != nil {
			*used = append(*used, leaf)
		}
		if gives && c.source < 0 {
			c.source = leaf
		}
	}
	if len(m.text) > 0 {
		var list []*phrase
		for _, n := range m.text {
			list = append(list, b.inline(b.books[p], n)...)
		}
		note(b.sharedLeaf(p, sb, m.text, list, true), true)
	}
	if len(m.phrases) > 0 {
		note(b.sharedLeaf(p, sb, m.phrases, b.patterns(p, m.phrases), false), true)
	}
	if m.regex != nil && m.regex.kind == isScalar {
		note(b.regex(sb, m.regex), true)
	}
	if m.detect != nil && m.detect.kind == isScalar {
		if leaf, ok := b.detect(sb, m); ok {
			note(leaf, false)
		}
	}
	if m.near != nil {
		c.near = b.near(p, sb, m, c.source, used)
		if c.source < 0 && len(m.any) == 0 && len(c.near.leaves) > 0 {
			c.source = c.near.leaves[0]
		}
	}
	for _, a := range m.any {
		c.any = append(c.any, b.clause(p, sb, a, used))
	}
	if m.not != nil {
		// What silences a crisis has to stand there as written.
		was := sb.exact
		sb.exact = was || sb.crisis
		c.not = b.clause(p, sb, m.not, nil)
		sb.exact = was
	}
	return c
}

// regex enters an expression as a leaf. Every use of one that has no guard is warned about.
func (b *tongueBuilder) regex(sb *sideBuilder, n *yamlNode) int32 {
	key := "regex " + n.text
	if leaf, ok := sb.shared[key]; ok {
		return leaf
	}
	id := sb.side.newLeaf()
	guarded, err := sb.regexes.add(n.text, id)
	switch {
	case err != nil:
		b.r.hintf(n, "the syntax is RE2: no look-around, no back-references, at most 1000 repeats", "%s", err.Error())
	case !guarded:
		b.r.warnf(n, "this expression has no text of more than a letter that it cannot match without, so it runs on almost every message")
	default:
		sb.shared[key] = int32(id)
	}
	return int32(id)
}

// near compiles {phrases, words}: beside other words of the match, one of the lists must stand near them; alone, all
// lists must stand near each other.
func (b *tongueBuilder) near(p *spec, sb *sideBuilder, m *matchSpec, source int32, used *[]int32) *nearClause {
	n := &nearClause{words: m.near.words}
	if source >= 0 {
		n.leaves = []int32{source}
		if len(m.near.phrases) > 0 {
			n.leaves = append(n.leaves, b.leaf(sb, m.near.phrases[0], b.patterns(p, m.near.phrases), false))
		}
		return n
	}
	for _, x := range m.near.phrases {
		leaf := b.leaf(sb, x, b.patterns(p, []*yamlNode{x}), false)
		n.leaves = append(n.leaves, leaf)
		if used != nil {
			*used = append(*used, leaf)
		}
	}
	if len(n.leaves) < 2 {
		b.r.hintf(m.near.at, "near: {phrases: [one, other], words: 6}", "near needs two lists, or other words in the same match")
		n.leaves = append(n.leaves, n.leaves...)
	}
	return n
}

// detect compiles a detector. One that reads the turns of another role has a leaf that is never met: a signal of
// customers also listens to events, where only the detectors of events have something to say.
func (b *tongueBuilder) detect(sb *sideBuilder, m *matchSpec) (int32, bool) {
	params := map[string]string{}
	for _, e := range m.params {
		if e.value.kind != isScalar {
			b.r.errorf(e.value, "%q is text or a number", e.key.text)
			continue
		}
		params[e.key.text] = e.value.text
	}
	d, spec, errs := newDetector(m.detect.text, params)
	if len(errs) > 0 {
		for _, e := range errs {
			b.detectFault(m, e)
		}
		return 0, false
	}
	role := spec.role
	if role == Bot && sb.role != Bot || role != Bot && sb.role == Bot {
		if !b.anyRole && sb.role != Event {
			b.r.errorf(m.detect, "%s reads the turns of the %s, this rule those of the %s", m.detect.text, role, sb.role)
		}
	}
	key := fmt.Sprintf("detect %s %v", m.detect.text, params)
	leaf, ok := sb.shared[key]
	if !ok {
		leaf = int32(sb.side.newLeaf())
		sb.shared[key] = leaf
		if role == sb.role {
			sb.side.detectors = append(sb.side.detectors, detectorUse{detect: d, cues: spec.cues, leaf: int(leaf)})
		}
	}
	return leaf, true
}

func (b *tongueBuilder) detectFault(m *matchSpec, err *detectorFault) {
	hint := err.Hint
	if hint != "" {
		hint = fmt.Sprintf("did you mean %q?", hint)
	}
	for _, e := range m.params {
		switch {
		case err.Param == "" || e.key.text != err.Param:
			continue
		case err.unknown:
			b.r.hintf(e.key, hint, "%s", err.Msg)
		default:
			b.r.hintf(e.value, hint, "%s", err.Msg)
		}
		return
	}
	b.r.hintf(m.detect, hint, "%s", err.Msg)
}

// rank orders the rewrites that compete for a reply.
func (b *tongueBuilder) rank() {
	var all []*rule
	for _, x := range b.t.rewrites {
		all = append(all, x.rule)
	}
	for i := range b.t.sides {
		for _, x := range b.t.sides[i].rules {
			if x.kind == kindRewrite {
				all = append(all, x)
			}
		}
	}
	slices.SortStableFunc(all, byRank)
	for i, x := range all {
		x.rank = i
		x.steps = hashID("step", x.id)
	}
}

// finish builds the matchers of a side. Cues are looked for in the same pass as the phrases of rules.
func (b *tongueBuilder) finish(sb *sideBuilder) side {
	switch sb.role {
	case Customer:
		sb.phrases.sought = slices.Concat(theCues().customer, sb.phrases.sought)
	case Bot:
		sb.phrases.sought = slices.Concat(theCues().bot, sb.phrases.sought)
	case Agent, Event: // no detector reads their words
	}
	sb.side.matcher, sb.side.regexes = sb.phrases.build(), sb.regexes.build(b.library.compiler.lexicon)
	if sb.role == Customer {
		sb.side.answers = sb.answers.build()
	}
	if sb.role == Bot {
		sb.side.live = newLive(&sb.side, sb.phrases.compiler.lexicon, sb.phrases.sought, sb.regexes.items)
	}
	return sb.side
}
