package rules

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// rewrite is a compiled rewrite.
type rewrite struct {
	move        move
	place       place
	heard       bool
	steps       []*step
	endless     bool
	specificity int
	order       int
	// leavesMark: other rules may not say everything once this one was used.
	leavesMark bool
}

type step struct {
	say   []*template
	adds  addition
	needs *condition
	ask   string
	do    Decision
	until timeLimit
	// within is what the step promises, the shortest time of its variants; 0 = nothing that a clock can tell.
	within time.Duration
}

// pack compiles the rules of a pack for its own locale.
func (b *tongueBuilder) pack(p *spec) {
	b.checkAlways(p)
	always := b.always(p)
	for _, s := range p.signals {
		if b.claim(&s.head) {
			b.signal(p, s, always[s.id])
			if s.match != nil && s.match.structural() {
				b.structures[s.structure()] = true
			}
		}
	}
	for _, c := range p.crisis {
		if b.claim(&c.head) {
			b.crisisRule(p, c)
		}
	}
	for _, v := range p.verbatim {
		if b.claim(&v.head) && v.match != nil {
			b.enter(p, Bot, v.match, rule{head: v.head, kind: kindVerbatim})
		}
	}
	for _, w := range p.rewrites {
		if b.claim(&w.head) {
			b.rewriteRule(p, w)
		}
	}
	for _, e := range p.escalations {
		if b.claim(&e.head) {
			b.escalation(p, e)
		}
	}
	for _, t := range p.touchpoints {
		if b.claim(&t.head) {
			b.t.touchpoints = append(b.t.touchpoints, &touchpoint{
				head: t.head, hash: hashID("touchpoint", t.id), when: b.condition(p, t.when), offer: t.offer, escalate: t.escalate,
				feel: t.feel, proxies: t.proxies, question: b.message(t.askText), share: t.share,
			})
		}
	}
}

// listen compiles the rules of a foreign pack that everyone is listened to with: requests for a person, crisis, and,
// from the default pack, signals made of structure alone. The same id in another language is another list of phrases,
// so own rules hide no foreign ones: a signal that is heard in two languages at once still counts once.
func (b *tongueBuilder) listen(p *spec) {
	b.books[p] = b.library.book(b.peers(p))
	b.foreignAnswers(p)
	always := b.always(p)
	for _, s := range p.signals {
		if always[s.id] == Escalate || b.claimStructure(p, s) {
			b.signal(p, s, always[s.id])
		}
	}
	for _, c := range p.crisis {
		b.crisisRule(p, c)
	}
}

// always maps signals to what they decide outside the score: as the pack says, else as those say that it goes with.
func (b *tongueBuilder) always(p *spec) map[string]Decision {
	out := map[string]Decision{}
	for _, q := range b.peers(p) {
		for _, a := range q.always {
			if _, said := out[a.signal]; !said {
				out[a.signal] = a.action
			}
		}
	}
	return out
}

func (b *tongueBuilder) checkAlways(p *spec) {
	known := map[string]bool{}
	for _, q := range b.peers(p) {
		for _, s := range q.signals {
			known[s.id] = true
		}
	}
	for _, a := range p.always {
		if !known[a.signal] && !b.r.lost[a.signal] {
			b.r.lazyf(a.at, func() string { return nearestOr(a.signal, slices.Sorted(maps.Keys(known))) }, "always names no signal: %q", a.signal)
		}
	}
}

// peers lists the packs whose lists and decisions a pack shares: itself, those it imports, then those written for its
// locale or the base of it.
func (b *tongueBuilder) peers(p *spec) []*spec {
	var out []*spec
	seen := map[*spec]bool{}
	var take func(q *spec)
	take = func(q *spec) {
		if seen[q] {
			return
		}
		seen[q] = true
		out = append(out, q)
		for _, i := range q.imports {
			take(i)
		}
	}
	take(p)
	near := b.all
	if slices.Contains(b.own, p) {
		near = b.own
	}
	for _, q := range near {
		if q.serves(p.locale) && q.speaks(p.register, b.all) {
			take(q)
		}
	}
	return out
}

// claim takes an id for the tongue, unless another rule has taken the place of this one.
func (b *tongueBuilder) claim(h *head) bool {
	if b.replaced[h] != nil || b.named[h.id] {
		return false
	}
	b.named[h.id] = h.id != ""
	return true
}

// claimStructure tells whether a signal of a foreign pack is to run here because detectors alone make it up. A locale
// that has the signal, or one on the same detectors, weighs them itself: the same evidence counts once.
func (b *tongueBuilder) claimStructure(p *spec, s *signalSpec) bool {
	if b.standard == nil || !b.standard.serves(p.locale) || s.match == nil || !s.match.structural() ||
		b.named[s.id] || b.structures[s.structure()] {
		return false
	}
	b.named[s.id] = true
	return true
}

// structure names what a structural signal looks at.
func (s *signalSpec) structure() string {
	var names []string
	var walk func(m *matchSpec)
	walk = func(m *matchSpec) {
		if m.detect != nil {
			names = append(names, m.detect.text)
		}
		for _, a := range m.any {
			walk(a)
		}
	}
	walk(s.match)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// structural tells that a match is made of detectors alone, so that no language is needed to judge it.
func (m *matchSpec) structural() bool {
	if len(m.text) > 0 || len(m.phrases) > 0 || m.regex != nil || m.near != nil || m.not != nil && !m.not.structural() {
		return false
	}
	for _, a := range m.any {
		if !a.structural() {
			return false
		}
	}
	return m.detect != nil || len(m.any) > 0
}

// detects tells that a detector takes part.
func (m *matchSpec) detects() bool {
	return m.detect != nil || slices.ContainsFunc(m.any, (*matchSpec).detects)
}

func (b *tongueBuilder) condition(p *spec, e *exprSpec) *condition {
	c := compileCondition(e, func(id string) bool { return b.ids[id] || p.has(id) }, func() []string {
		known := maps.Clone(b.ids)
		for _, h := range p.rules() {
			known[h.id] = true
		}
		return slices.Sorted(maps.Keys(known))
	}, b.r)
	if c != nil {
		for _, id := range c.rules {
			b.tracked[id] = true
		}
	}
	return c
}

// sideIndex is where the rules for a role live. Agents are never judged.
func sideIndex(role Role) int {
	switch role {
	case Bot:
		return 1
	case Event:
		return 2
	}
	return 0
}

// enter compiles a match for one side and files the rule under every leaf that makes it a candidate.
func (b *tongueBuilder) enter(p *spec, role Role, m *matchSpec, x rule) *rule {
	sb := &b.builders[sideIndex(role)]
	sb.crisis = x.kind == kindCrisis
	var used []int32
	x.clause = b.clause(p, sb, m, &used)
	x.hash, x.locale = hashID(x.id), p.locale
	ids := &b.entered[sideIndex(role)]
	if *ids == nil {
		*ids = map[string]bool{}
	}
	x.again, (*ids)[x.id] = (*ids)[x.id], true
	at := int32(len(sb.side.rules))
	sb.side.rules = append(sb.side.rules, &x)
	for _, leaf := range used {
		if !slices.Contains(sb.side.byLeaf[leaf], at) {
			sb.side.byLeaf[leaf] = append(sb.side.byLeaf[leaf], at)
		}
	}
	return &x
}

func (b *tongueBuilder) signal(p *spec, s *signalSpec, always Decision) {
	if s.match == nil {
		return
	}
	x := rule{
		head: s.head, kind: kindSignal, when: b.condition(p, s.when), unless: b.condition(p, s.unless),
		signal: &signal{
			points: s.points, feels: s.feels, failure: s.failure, settles: s.settles, halves: s.halves, calms: s.calms, desk: s.desk, always: always,
		},
	}
	b.anyRole = s.anyRole
	defer func() { b.anyRole = false }()
	for _, role := range []Role{Customer, Bot, Event} {
		reads := s.from == role || s.anyRole || role == Event && s.from == Customer
		if role == Event && !s.match.detects() && s.from != Event {
			reads = false // events have no words
		}
		if reads {
			b.enter(p, role, s.match, x)
		}
	}
}

func (b *tongueBuilder) crisisRule(p *spec, c *crisisSpec) {
	if c.match == nil {
		return
	}
	x := rule{
		head: c.head, kind: kindCrisis,
		crisis: &crisis{line: b.message(c.line), closed: b.message(c.closed), desk: c.desk},
	}
	b.enter(p, Customer, c.match, x)
	b.enter(p, Bot, c.match, x)
}

// message checks a reference to a message.
func (b *tongueBuilder) message(n *yamlNode) string {
	if n == nil {
		return ""
	}
	if n.kind != isScalar {
		b.r.errorf(n, "the id of a message is text, not %s", n.kind)
		return ""
	}
	if _, ok := builtinMessages[n.text]; ok {
		return n.text
	}
	if b.messageIDs[n.text] || b.r.lost[n.text] {
		return n.text
	}
	b.r.lazyf(n, func() string {
		if len(b.messageIDs) == 0 {
			return "write its texts under messages"
		}
		return nearestOr(n.text, slices.Sorted(maps.Keys(b.messageIDs)))
	}, "no message is named %q", n.text)
	return ""
}

// askRef checks a reference to an ask.
func (b *tongueBuilder) askRef(n *yamlNode) string {
	if n == nil {
		return ""
	}
	if _, ok := b.t.asks[n.text]; (ok || b.r.lost[n.text]) && n.kind == isScalar {
		return n.text
	}
	b.r.lazyf(n, func() string { return nearestOr(n.text, slices.Sorted(maps.Keys(b.t.asks))) }, "no ask is named %q", n.text)
	return ""
}

func (b *tongueBuilder) escalation(p *spec, e *escalationSpec) {
	when := b.condition(p, e.when)
	b.t.escalations = append(b.t.escalations, escalationUse{when.mustHave(), &escalation{
		head: e.head, hash: hashID(e.id), when: when, do: e.do, ask: b.askRef(e.asks), desk: e.desk,
		normal: b.message(e.say.normal), closed: b.message(e.say.closed), busy: b.message(e.say.busy),
	}})
}

// offers collects what escalations say to offer a person; the steps of rewrites have added theirs.
func (b *tongueBuilder) offers() {
	ids := []string{"offer", "offer.beside", "offer.beside.closed", "offer.closed", "offer.busy"}
	for _, e := range b.t.escalations {
		if e.do == Offer {
			ids = append(ids, e.normal, e.closed, e.busy)
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		variants := builtinMessages[id]
		if m := b.t.messages[id]; m != nil {
			variants = m.variants
		}
		for _, v := range variants {
			b.t.offers = append(b.t.offers, parseTemplate(v))
		}
	}
}

func (b *tongueBuilder) rewriteRule(p *spec, w *rewriteSpec) {
	b.order++
	out := &rewrite{
		move: w.move, place: w.place, heard: w.heard, endless: w.endless,
		specificity: w.specificity(), order: b.order,
	}
	captures, sure := b.captureNames(p, w.match), b.sureFacts(p, w.match)
	w.sure = sure
	for _, s := range w.steps {
		out.steps = append(out.steps, b.step(p, w, s, captures, sure))
	}
	out.leavesMark = w.move == moveAcknowledge || slices.ContainsFunc(out.steps, (*step).leavesMark)
	x := rule{head: w.head, kind: kindRewrite, when: b.condition(p, w.when), unless: b.condition(p, w.unless), rewrite: out}
	if x.adds() {
		for _, s := range out.steps {
			b.t.additions = append(b.t.additions, s.say...)
		}
	}
	switch {
	case w.match == nil:
		if w.when == nil && w.place != placeCheer {
			b.r.hintf(w.at, "match: or when:", "rewrite %q would touch every reply", w.id)
		}
		x.hash, x.locale = hashID(x.id), p.locale
		b.t.rewrites = append(b.t.rewrites, rewriteUse{x.when.mustHave(), &x})
	case w.heard:
		b.enter(p, Customer, w.match, x)
		reply := x // what is said comes with a later reply
		reply.hash, reply.locale = hashID(x.id), p.locale
		b.t.rewrites = append(b.t.rewrites, rewriteUse{unrestHeard, &reply})
	default:
		b.enter(p, Bot, w.match, x)
	}
}

// specificity ranks rewrites of one priority: the more words a match names, the more it knows.
func (w *rewriteSpec) specificity() int {
	n := 0
	if w.match != nil {
		n = w.match.words()
	}
	if w.when != nil {
		n++
	}
	return n
}

// words counts the words every match of m must hold, roughly: those of its shortest pattern.
func (m *matchSpec) words() int {
	n := 0
	shortest := func(list []*yamlNode) int {
		least := -1
		for _, p := range list {
			if c := literalWords(p.text); least < 0 || c < least {
				least = c
			}
		}
		return max(0, least)
	}
	n += shortest(m.text) + shortest(m.phrases)
	if m.regex != nil {
		n++
	}
	if m.detect != nil {
		n++
	}
	if m.near != nil {
		n++
	}
	if m.not != nil {
		n++
	}
	least := -1
	for _, a := range m.any {
		if c := a.words(); least < 0 || c < least {
			least = c
		}
	}
	return n + max(0, least)
}

var optionalPart = regexp.MustCompile(`\[[^\[\]]*\]|\{[^{}]*\}|\|[^()|\[\]]*`)

// literalWords counts the words of a pattern outside optional parts, captures and further alternatives.
func literalWords(pattern string) int {
	for range 8 {
		next := optionalPart.ReplaceAllString(pattern, " ")
		if next == pattern {
			break
		}
		pattern = next
	}
	return len(strings.Fields(strings.NewReplacer("(", " ", ")", " ").Replace(pattern)))
}

// captureNames lists what a match captures.
func (b *tongueBuilder) captureNames(p *spec, m *matchSpec) []string {
	if m == nil {
		return nil
	}
	var out []string
	add := func(names []string) {
		for _, n := range names {
			if n != "" && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	for _, n := range append(slices.Clone(m.text), m.phrases...) {
		for _, ph := range b.patternsQuietly(p, n) {
			add(ph.captures())
		}
	}
	if m.regex != nil {
		if re, err := regexp.Compile(m.regex.text); err == nil {
			add(re.SubexpNames())
		}
	}
	for _, a := range m.any {
		add(b.captureNames(p, a))
	}
	return out
}

// track marks the rules that some condition asks about: only those are remembered from turn to turn.
func (b *tongueBuilder) track() {
	for i := range b.builders {
		for _, x := range b.builders[i].side.rules {
			x.tracked = b.tracked[x.id]
		}
	}
	for _, e := range b.t.escalations {
		e.tracked = b.tracked[e.id]
	}
	for _, x := range b.t.rewrites {
		x.tracked = b.tracked[x.id]
	}
}
