package rules

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// lint warns about what compiles but cannot be meant.
func (c *checker) lint(p *spec) {
	for _, h := range p.heads() {
		c.says(h.at, h.id, "what", h.what)
		c.says(h.at, h.id, "why", h.why)
		if h.what != "" && h.what != unreadText && strings.EqualFold(strings.TrimSpace(h.what), strings.TrimSpace(h.why)) {
			c.r.warnf(h.at, "why %q is so is the same sentence as what it does", h.id)
		}
	}
	for _, w := range p.rewrites {
		c.sayable(p, w)
	}
	if c.partial {
		return
	}
	for _, e := range p.escalations {
		if !c.reasons[e.id] && e.mode == modeOn && !p.overridden {
			c.r.add(Warning, e.at.src, e.at.line, e.at.col, "tests: with an expect of its decision", "no test makes %q decide", e.id)
		}
	}
	used := p.references()
	for _, m := range p.messages {
		id := strings.TrimSuffix(m.id, spokenSuffix)
		if _, wellKnown := builtinMessages[id]; !wellKnown && !used[id] && !used[m.at.text] && !c.usedElsewhere(p, id) {
			c.r.warnf(m.at, "message %q is used nowhere", m.id)
		}
	}
	for i := range p.lists {
		l := &p.lists[i]
		if !used[l.name] && !c.usedElsewhere(p, l.name) {
			c.r.warnf(l.at, "the list %q is used nowhere", l.name)
		}
	}
	for _, a := range p.asks {
		if !used[a.id] && a.id != askConnect && a.id != askStay && a.id != askSurvey && a.id != askCard && !c.usedElsewhere(p, a.id) {
			c.r.warnf(a.at, "ask %q is put nowhere", a.id)
		}
	}
}

// sayable warns about words that the fact lock will refuse whatever the bot said, and about those that are too long.
func (c *checker) sayable(p *spec, w *rewriteSpec) {
	if w.place != placeSentence && w.place != placeWords {
		return
	}
	shortest := 0
	if w.examples != nil {
		for i, e := range w.examples.list {
			if n := utf8.RuneCountInString(e.in); i == 0 || n < shortest {
				shortest = n
			}
		}
	}
	for _, s := range w.steps {
		for _, n := range s.say {
			bare := parseTemplate(n.text).bare()
			if f := firstMissing(w.sure, factsOf(p.locale, bare)); f != nil {
				c.r.add(Warning, n.src, n.line, n.col, "say it as well, or match less",
					"what %q says lacks a %s that every sentence it matches holds, so the fact lock will refuse it", w.id, f.kind)
			}
			if shortest > 0 && utf8.RuneCountInString(bare) > shortest+growthChars {
				c.r.add(Warning, n.src, n.line, n.col, "say less",
					"what %q says is more than %d characters longer than what it replaces, so short replies stay as they are", w.id, growthChars)
			}
		}
	}
}

// firstMissing returns the first fact of want that have lacks.
func firstMissing(want, have []fact) *fact {
	for i := range want {
		if f := &want[i]; !f.weak && !holdsFact(have, f) {
			return f
		}
	}
	return nil
}

// fewWords is the least a what or why needs to mean something.
const fewWords = 3

// says warns about a sentence that says nothing.
func (c *checker) says(at *yamlNode, id, key, text string) {
	if text == "" || wordCount(text) >= fewWords {
		return
	}
	// A pack in a language without spaces has its sentences in one word.
	if len([]rune(text)) > 12 && wordCount(text) == 1 {
		return
	}
	c.r.warnf(at, "the %s of %q says too little: %q", key, id, text)
}

func (c *checker) usedElsewhere(p *spec, name string) bool {
	return slices.ContainsFunc(c.set.specs, func(q *spec) bool {
		return q != p && (q.locale == p.locale || q.serves(p.locale) || p.serves(q.locale)) && q.references()[name]
	})
}

// references collects the names of lists, messages and asks that a pack refers to.
func (p *spec) references() map[string]bool {
	used := map[string]bool{}
	node := func(ns ...*yamlNode) {
		for _, n := range ns {
			if n == nil {
				continue
			}
			used[n.text] = true
			for rest := n.text; ; {
				_, after, ok := strings.Cut(rest, "<")
				if !ok {
					break
				}
				name, tail, _ := strings.Cut(after, ">")
				used[strings.TrimSpace(name)] = true
				rest = tail
			}
		}
	}
	var match func(m *matchSpec)
	match = func(m *matchSpec) {
		if m == nil {
			return
		}
		node(m.text...)
		node(m.phrases...)
		if m.near != nil {
			node(m.near.phrases...)
		}
		match(m.not)
		for _, a := range m.any {
			match(a)
		}
	}
	for i := range p.lists {
		for _, n := range p.lists[i].patterns {
			if isInline(n.text) { // a plain word in a list is a word, not a name
				node(n)
			}
		}
	}
	for _, x := range p.signals {
		match(x.match)
	}
	for _, x := range p.verbatim {
		match(x.match)
	}
	for _, x := range p.crisis {
		match(x.match)
		node(x.line, x.closed)
	}
	for _, x := range p.rewrites {
		match(x.match)
		for _, s := range x.steps {
			node(s.asks)
		}
	}
	for _, x := range p.escalations {
		node(x.asks, x.say.normal, x.say.closed, x.say.busy)
	}
	for _, x := range p.asks {
		node(x.accept...)
		node(x.decline...)
		node(x.beside...)
		node(x.accepted, x.declined)
	}
	for _, x := range p.touchpoints {
		node(x.askText)
	}
	return used
}
