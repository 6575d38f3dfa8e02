package rules

import (
	"fmt"
	"slices"
	"strings"
)

// scope is a locale, in a register where packs are written for both, with the packs that are in force there.
type scope struct {
	locale   string
	register string  // "" where there is nothing to choose
	own      []*spec // the most specific first, then what they import
	foreign  []*spec // the others: listened to for requests of a person, crisis and bare structure
	replaced map[*head]*head
}

// scopesOf lists the scopes of a set in the order of the packs: the first of a locale serves those who ask for no
// register.
func scopesOf(specs []*spec) []*scope {
	var out []*scope
	seen := map[string]bool{}
	for _, p := range specs {
		if seen[p.locale] {
			continue
		}
		seen[p.locale] = true
		for _, register := range registersOf(specs, p.locale) {
			out = append(out, newScope(specs, p.locale, register))
		}
	}
	return out
}

// registersOf lists the registers to choose from in a locale; one that is empty when there is no choice.
func registersOf(specs []*spec, locale string) []string {
	var out []string
	for _, p := range specs {
		if p.register != "" && p.serves(locale) && !slices.Contains(out, p.register) {
			out = append(out, p.register)
		}
	}
	if len(out) < 2 {
		return []string{""}
	}
	return out
}

func newScope(specs []*spec, locale, register string) *scope {
	s := &scope{locale: locale, register: register, replaced: map[*head]*head{}}
	in := map[*spec]bool{}
	var take func(p *spec)
	take = func(p *spec) {
		if in[p] {
			return
		}
		in[p] = true
		for _, q := range p.imports {
			take(q)
		}
	}
	for _, p := range specs {
		if p.serves(locale) && p.speaks(register, specs) {
			take(p)
		}
	}
	for _, p := range specs {
		if in[p] {
			s.own = append(s.own, p)
		} else {
			s.foreign = append(s.foreign, p)
		}
	}
	near := func(p *spec) int { // what is only imported comes last
		if p.serves(locale) {
			return len(p.locale)
		}
		return -1
	}
	slices.SortStableFunc(s.own, func(x, y *spec) int { return near(y) - near(x) })
	s.override()
	return s
}

// serves tells whether a pack's rules are written for a locale: its own, or the base language of it.
func (p *spec) serves(locale string) bool {
	return p.locale == locale || locale != "" && strings.HasPrefix(locale, p.locale+"-")
}

// speaks tells whether a pack is to be used in a register: it is of no other, or no pack of its locale is of that one.
func (p *spec) speaks(register string, specs []*spec) bool {
	if register == "" || p.register == "" || p.register == register {
		return true
	}
	return !slices.ContainsFunc(specs, func(q *spec) bool { return q.locale == p.locale && q.register == register })
}

// override finds out which rules others take the place of.
func (s *scope) override() {
	for _, p := range s.own {
		for _, h := range p.rules() {
			if h.overrides == nil {
				continue
			}
			for _, q := range s.own {
				if q.name != h.overrides.pack || q == p {
					continue
				}
				for _, g := range q.rules() {
					if g.id == h.id && s.replaced[g] == nil {
						s.replaced[g] = h
					}
				}
			}
		}
	}
}

// resolveImports links the packs that packs import.
func resolveImports(specs []*spec, r *report) {
	byName := map[string]*spec{}
	var names []string
	for _, p := range specs {
		if byName[p.name] == nil && p.name != "" {
			byName[p.name] = p
			names = append(names, p.name)
		}
	}
	for _, p := range specs {
		for _, n := range p.importNames {
			q := byName[n.text]
			switch {
			case q == nil && r.lost[n.text]: // its file cannot be read
			case q == nil:
				r.hintf(n, nearestOr(n.text, names), "no pack is named %q", n.text)
			case q.imported(p, map[*spec]bool{}):
				r.errorf(n, "importing %q closes a circle", n.text)
			case !slices.Contains(p.imports, q):
				p.imports = append(p.imports, q)
			}
		}
	}
}

// imported tells whether p is the target or imports it, directly or not.
func (p *spec) imported(target *spec, seen map[*spec]bool) bool {
	if p == target {
		return true
	}
	if seen[p] {
		return false
	}
	seen[p] = true
	return slices.ContainsFunc(p.imports, func(q *spec) bool { return q.imported(target, seen) })
}

// dropOverridden takes the rules out of the packs that others take the place of wherever they would be in force.
func dropOverridden(specs []*spec, scopes []*scope) {
	alive, dead := map[*head]bool{}, map[*head]bool{}
	for _, s := range scopes {
		for _, p := range s.own {
			for _, h := range p.rules() {
				if s.replaced[h] == nil {
					alive[h] = true
				} else {
					dead[h] = true
				}
			}
		}
	}
	for _, p := range specs {
		before := len(p.rules())
		p.drop(func(h *head) bool { return dead[h] && !alive[h] })
		p.overridden = p.overridden || len(p.rules()) < before
	}
}

// drop takes rules out of a pack.
func (p *spec) drop(gone func(*head) bool) {
	p.signals = slices.DeleteFunc(p.signals, func(x *signalSpec) bool { return gone(&x.head) })
	p.rewrites = slices.DeleteFunc(p.rewrites, func(x *rewriteSpec) bool { return gone(&x.head) })
	p.escalations = slices.DeleteFunc(p.escalations, func(x *escalationSpec) bool { return gone(&x.head) })
	p.crisis = slices.DeleteFunc(p.crisis, func(x *crisisSpec) bool { return gone(&x.head) })
	p.verbatim = slices.DeleteFunc(p.verbatim, func(x *verbatimSpec) bool { return gone(&x.head) })
	p.touchpoints = slices.DeleteFunc(p.touchpoints, func(x *touchpointSpec) bool { return gone(&x.head) })
}

// checkNames reports names that are used twice where one would hide the other.
func checkNames(specs []*spec, scopes []*scope, r *report) {
	packs := map[string]*yamlNode{}
	for _, p := range specs {
		if first := packs[p.name]; first != nil && p.name != "" {
			stoodBefore(first, p.at, "pack", p.name, r)
		} else {
			packs[p.name] = p.at
		}
	}
	for _, s := range scopes {
		s.checkOverrides(r)
		s.checkRules(r)
		s.checkWords(specs, r)
	}
}

func stoodBefore(first, at *yamlNode, what, name string, r *report) {
	r.hintf(at, "the first one is at "+first.place(), "%s %q stands twice", what, name)
}

// place quotes the line a node stands on.
func (n *yamlNode) place() string {
	return fmt.Sprintf("%s:%d: %s", n.src.name, n.line, n.src.quote(n.line))
}

// checkOverrides reports rules that two others want to replace, and overrides of packs that are not in force beside
// their own.
func (s *scope) checkOverrides(r *report) {
	first := map[ruleKey]*head{}
	for _, p := range s.own {
		for _, h := range p.rules() {
			o := h.overrides
			if o == nil {
				continue
			}
			if p.locale == s.locale && !slices.ContainsFunc(s.own, func(q *spec) bool { return q.name == o.pack }) {
				r.hintf(o.at, fmt.Sprintf("imports: [%s]", o.pack), "pack %q is not in force in locale %s, so nothing of it can be overridden", o.pack, p.locale)
			}
			k := ruleKey{pack: o.pack, id: h.id}
			if other := first[k]; other != nil {
				r.hintf(o.at, "override that one instead; it is at "+other.overrides.at.place(), "rule %q of pack %q is overridden twice", h.id, o.pack)
				continue
			}
			first[k] = h
		}
	}
}

// checkRules reports rules of one id, unless one says that it overrides the other.
func (s *scope) checkRules(r *report) {
	type owner struct {
		p *spec
		h *head
	}
	seen := map[string]owner{}
	for _, p := range s.own {
		for _, h := range p.rules() {
			if h.id == "" || s.replaced[h] != nil {
				continue
			}
			first, twice := seen[h.id]
			switch {
			case !twice:
				seen[h.id] = owner{p, h}
			case h.overrides != nil && first.h.overrides != nil && h.overrides.pack == first.h.overrides.pack:
				// reported already
			case first.p == p || first.p.name == "" || p.name == "":
				stoodBefore(first.h.at, h.at, "rule", h.id, r)
			case first.p.locale == p.locale:
				r.hintf(h.at, fmt.Sprintf("overrides: {pack: %s, digest: %s, why: TEXT}, or another id; the first one is at %s",
					first.p.name, first.h.written.digest(), first.h.at.place()), "rule %q stands twice", h.id)
			default: // the more specific one comes first
				r.hintf(first.h.at, fmt.Sprintf("overrides: {pack: %s, digest: %s, why: TEXT}, or another id; the other is at %s",
					p.name, h.written.digest(), h.at.place()), "rule %q hides that of pack %q without saying so", h.id, p.name)
			}
		}
	}
}

// checkWords reports scorings, messages, asks and lists that stand twice in the packs of one locale. A more specific
// locale words its own.
func (s *scope) checkWords(specs []*spec, r *report) {
	scoring := map[string]*yamlNode{}
	seen := map[ruleKey]*yamlNode{}
	once := func(p *spec, kind, id string, at *yamlNode) {
		k := ruleKey{p.locale, kind, id}
		if first := seen[k]; first != nil {
			stoodBefore(first, at, kind, id, r)
			return
		}
		seen[k] = at
	}
	for _, p := range specs {
		if !slices.Contains(s.own, p) {
			continue
		}
		if p.scoring != nil {
			if first, ok := scoring[p.locale]; ok {
				r.hintf(p.scoring.at, "the first one is at "+first.place(), "locale %s has two scorings", p.locale)
			}
			scoring[p.locale] = p.scoring.at
		}
		for _, m := range p.messages {
			once(p, "message", m.id, m.at)
		}
		for _, a := range p.asks {
			once(p, "ask", a.id, a.at)
		}
		for i := range p.lists {
			once(p, "list", p.lists[i].name, p.lists[i].at)
		}
	}
}
