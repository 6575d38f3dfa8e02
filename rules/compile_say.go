package rules

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// timeLimit is a moment from which something no longer holds; zero = never.
type timeLimit = time.Time

// step compiles one step of a rewrite and checks that what it brings along is declared.
func (b *tongueBuilder) step(p *spec, w *rewriteSpec, s *stepSpec, captures []string, sure []fact) *step {
	declared := s.adds
	if s.asks != nil {
		declared |= addsOffer // what is missing is said once, below
	}
	out := &step{adds: s.adds, needs: b.condition(p, s.needs), ask: b.askRef(s.asks), do: s.do}
	for _, name := range s.drops {
		if !slices.Contains(captures, name) {
			b.r.hintf(s.at, nearestOr(name, captures), "drops names no capture of %q: %q", w.id, name)
		}
	}
	for _, n := range s.say {
		t := parseTemplate(n.text)
		for _, name := range t.slots() {
			if !slices.Contains(captures, name) {
				b.r.hintf(n, nearestOr(name, captures), "{%s} is captured nowhere in the match of %q", name, w.id)
			}
		}
		if w.place == placeSentence || w.place == placeWords {
			for _, name := range captures {
				if !slices.Contains(t.slots(), name) && !slices.Contains(s.drops, name) {
					b.r.hintf(n, "say {"+name+"}, or write drops: ["+name+"]", "%q loses what {%s} captured", w.id, name)
				}
			}
		}
		if s.adds&addsFact == 0 {
			b.ownFacts(w, n, t, sure)
		}
		for _, c := range undeclared(b.locale, t.bare(), declared) {
			b.r.hintf(n, "adds: ["+c.name+"]", "%q %s, which no rule may do unsaid", w.id, c.does)
		}
		out.say = append(out.say, t)
	}
	if s.asks != nil && s.adds&addsOffer == 0 {
		b.r.hintf(s.asks, "adds: [offer]", "a step of %q that asks makes an offer, and must say so", w.id)
	}
	if s.adds&(addsOffer|addsPromise) != 0 && s.needs == nil {
		b.r.hintf(s.at, `needs: "agents.available > 0"`, "what %q offers or promises needs something to be kept with", w.id)
	}
	if s.adds&addsPromise != 0 && s.approved == nil {
		b.r.hintf(s.at, "approved: {by: NAME, until: DATE}", "a promise of %q must be approved", w.id)
	}
	if s.adds&addsPromise != 0 {
		for _, t := range out.say {
			if d := within(t.bare()); d > 0 && (out.within == 0 || d < out.within) {
				out.within = d
			}
		}
	}
	if s.adds&addsApology != 0 && s.approved == nil && slices.ContainsFunc(s.say, func(n *yamlNode) bool { return admitsFault(n.text) }) {
		b.r.hintf(s.at, "approved: {by: NAME, until: DATE}", "an apology of %q admits fault, so it must be approved", w.id)
	}
	if s.approved != nil {
		out.until = s.approved.until
	}
	if out.ask != "" || out.adds&addsOffer != 0 {
		b.t.offers = append(b.t.offers, out.say...)
	}
	return out
}

// ownFacts reports every number, name, condition or negation that the words of a rule have of their own, each at its word.
func (b *tongueBuilder) ownFacts(w *rewriteSpec, n *yamlNode, t *template, sure []fact) {
	bare := t.bare()
	for _, f := range brings(b.locale, bare, sure) {
		word, line, col := bare[f.start:f.end], n.line, n.col
		if at := strings.Index(n.text, word); at >= 0 {
			line, col = n.inside(utf8.RuneCountInString(n.text[:at]))
		}
		b.r.add(Error, n.src, line, col, "adds: [fact], when it is right whatever the bot said; else say it without",
			"%q brings a %s of its own along, which no rule may do unsaid: %q", w.id, f.kind, word)
	}
}

// messages collects what the tongue says: its own packs first, the most specific locale before its base.
func (b *tongueBuilder) messages() {
	for _, p := range b.own {
		for _, m := range p.messages {
			if _, ok := b.t.messages[m.id]; ok {
				continue
			}
			out := &message{id: m.id, hash: hashID("message", m.id)}
			known, wellKnown := messageSlots[strings.TrimSuffix(m.id, spokenSuffix)]
			for _, v := range m.variants {
				for _, name := range parseTemplate(v.text).slots() {
					if wellKnown && !slices.Contains(known, name) {
						b.r.hintf(v, nearestOr(name, known), "{%s} has no value in message %q", name, m.id)
					}
				}
				out.variants = append(out.variants, v.text)
			}
			b.t.messages[m.id] = out
		}
	}
}

// asks compiles the questions of a pack.
func (b *tongueBuilder) asks(p *spec) {
	sb := &b.builders[sideIndex(Customer)]
	for _, a := range p.asks {
		if _, ok := b.t.asks[a.id]; ok {
			continue
		}
		out := &ask{id: a.id, then: a.then, turns: a.turns, desk: a.desk, locale: p.locale}
		if both := commonPhrase(b.patterns(p, a.accept), b.patterns(p, a.decline)); both != "" {
			b.r.hintf(a.at, "a decline has priority, so nobody could accept with it", "%q both accepts and declines ask %q", both, a.id)
		}
		out.answers = append(out.answers, b.answers(sb, p, a))
		b.t.asks[a.id] = out
		out.accepted, out.declined = b.message(a.accepted), b.message(a.declined)
	}
}

// foreignAnswers lets the asks be answered in the languages of the other packs, too: who is asked in a language that is
// not theirs often answers in their own.
func (b *tongueBuilder) foreignAnswers(p *spec) {
	for _, a := range p.asks {
		if out := b.t.asks[a.id]; out != nil {
			out.answers = append(out.answers, b.answers(&b.builders[sideIndex(Customer)], p, a))
		}
	}
}

// answers enters what an ask of a pack is answered by.
func (b *tongueBuilder) answers(sb *sideBuilder, p *spec, a *askSpec) answers {
	enter := func(patterns []*yamlNode) int32 {
		if len(patterns) == 0 {
			return -1
		}
		return b.leafIn(&sb.answers, sb, a.at, b.patterns(p, patterns), true)
	}
	return answers{accept: enter(a.accept), decline: enter(a.decline), beside: enter(a.beside)}
}

// commonPhrase returns a pattern that stands in both lists, "" when there is none.
func commonPhrase(a, b []*phrase) string {
	plain := func(p *phrase) string { return strings.ToLower(strings.Join(strings.Fields(p.src), " ")) }
	in := map[string]bool{}
	for _, p := range a {
		in[plain(p)] = true
	}
	for _, p := range b {
		if in[plain(p)] {
			return p.src
		}
	}
	return ""
}

// builtinAsks adds the asks that need no pack, where no pack has its own.
func (b *tongueBuilder) builtinAsks() {
	sb := &b.builders[sideIndex(Customer)]
	for _, a := range builtinAsks {
		if _, ok := b.t.asks[a.id]; ok || a.id == askSurvey && !b.surveys() {
			continue
		}
		out := &ask{id: a.id, then: a.then, turns: a.turns, accepted: a.accepted, declined: a.declined}
		enter := func(patterns []string) int32 {
			if len(patterns) == 0 {
				return -1
			}
			id := sb.side.newLeaf()
			for _, src := range patterns {
				ph, err := parsePhrase(src)
				if err == nil {
					err = sb.answers.add(ph, id, true)
				}
				if err != nil {
					panic("rules: a built-in ask does not parse: " + err.Error())
				}
			}
			return int32(id)
		}
		out.answers = append(out.answers, answers{accept: enter(a.accept), decline: enter(a.decline), beside: -1})
		b.t.asks[a.id] = out
	}
}

// surveys tells whether some touchpoint asks a question.
func (b *tongueBuilder) surveys() bool {
	return slices.ContainsFunc(b.own, func(p *spec) bool {
		return slices.ContainsFunc(p.touchpoints, func(t *touchpointSpec) bool { return t.askText != nil })
	})
}

// sureFacts are the facts that every sentence a match takes holds outside its captures.
func (b *tongueBuilder) sureFacts(p *spec, m *matchSpec) []fact {
	if m == nil {
		return nil
	}
	var out []fact
	first := true
	add := func(f []fact) {
		if first {
			out, first = f, false
			return
		}
		out = commonFacts(out, f)
	}
	for _, n := range append(slices.Clone(m.text), m.phrases...) {
		for _, ph := range b.patternsQuietly(p, n) {
			add(ph.sureFacts(b.locale))
		}
	}
	for _, a := range m.any {
		add(b.sureFacts(p, a))
	}
	return out
}

// patternsQuietly resolves a pattern whose faults were reported before.
func (b *tongueBuilder) patternsQuietly(p *spec, n *yamlNode) []*phrase {
	if !isInline(n.text) {
		return b.books[p].lists[n.text]
	}
	if ph, errs := b.books[p].inline(n.text); len(errs) == 0 {
		return []*phrase{ph}
	}
	return nil
}
