package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
)

const maxPoints = 100

// decode reads one document, whose overrides are merged.
func decode(root *yamlNode, overrides map[*yamlNode]*overrideSpec, r *report) *spec {
	src := root.src
	return (&decoder{src: src, r: r, overrides: overrides}).pack(root)
}

func (d *decoder) pack(root *yamlNode) *spec {
	src, r := d.src, d.r
	top := d.fields(root, packShape, "a pack")
	p := &spec{src: src, at: root}
	if root.kind != isMapping { // said already; whatever it lacks would be said as well
		return p
	}
	if n := top.get("pack"); n != nil {
		p.name, p.at = d.id(n, "the name of a pack"), n
	} else {
		r.hintf(root, "a pack starts with: pack: NAME", "a pack lacks %q", "pack")
	}
	p.version = top.whole("version")
	p.locale = d.locale(top.get("locale"))
	p.register = top.choice("register")
	if n := top.get("imports"); n != nil {
		p.importNames = d.texts(n, "imports")
	}
	top.text("owner")
	top.text("what")
	top.text("why")
	p.scoring = d.scoring(top.get("scoring"))
	for _, e := range d.named(top.get("always"), "always") {
		if do := d.choice(e.value, "always", top.of("always")...); do != "" {
			action, _ := ParseDecision(do)
			p.always = append(p.always, alwaysSpec{at: e.key, signal: e.key.text, action: action})
		}
	}
	for _, e := range d.named(top.get("phrases"), "phrases") {
		d.id(e.key, "the name of a list")
		p.lists = append(p.lists, listSpec{at: e.key, name: e.key.text, patterns: d.texts(e.value, "a list of phrases")})
	}
	for _, n := range d.section(top.get("signals"), "signals") {
		p.signals = append(p.signals, d.signal(n))
	}
	for _, n := range d.section(top.get("rewrites"), "rewrites") {
		p.rewrites = append(p.rewrites, d.rewrite(n))
	}
	for _, e := range d.named(top.get("asks"), "asks") {
		p.asks = append(p.asks, d.ask(e))
	}
	for _, n := range d.section(top.get("escalations"), "escalations") {
		p.escalations = append(p.escalations, d.escalation(n))
	}
	for _, n := range d.section(top.get("crisis"), "crisis") {
		p.crisis = append(p.crisis, d.crisisRule(n))
	}
	for _, n := range d.section(top.get("verbatim"), "verbatim") {
		p.verbatim = append(p.verbatim, d.verbatimRule(n))
	}
	for _, n := range d.section(top.get("touchpoints"), "touchpoints") {
		p.touchpoints = append(p.touchpoints, d.touchpoint(n))
	}
	for _, e := range d.named(top.get("messages"), "messages") {
		p.messages = append(p.messages, d.message(e))
	}
	for _, n := range d.section(top.get("tests"), "tests") {
		p.tests = append(p.tests, d.test(n))
	}
	top.done()
	return p
}

func (d *decoder) locale(n *yamlNode) string {
	if n == nil {
		return "en"
	}
	s := d.text(n, "locale")
	if _, err := language.Parse(s); n.kind == isScalar && err != nil {
		d.r.hintf(n, "a language tag like en or pt-BR", "%q is not a locale", s)
	}
	return canonicalLocale(s)
}

// canonicalLocale brings a language tag into the form packs are looked up by: lower case, dashes.
func canonicalLocale(s string) string {
	return strings.ToLower(strings.ReplaceAll(s, "_", "-"))
}

func (d *decoder) scoring(n *yamlNode) *scoringSpec {
	if n == nil || n.kind == isNull {
		return nil
	}
	standard := defaultScoring()
	s := &standard
	s.at = n
	f := d.fields(n, scoringShape, "scoring")
	s.halfLife = f.number("half_life")
	s.flag = f.number("flag")
	last := n // of the limits
	if t := f.get("offer"); t != nil {
		s.offer, last = *d.limits(t, "offer"), t
	}
	if t := f.get("escalate"); t != nil {
		s.escalate, last = *d.limits(t, "escalate"), t
	}
	s.rearm = f.number("rearm_below")
	if b := f.get("bands"); b != nil {
		s.bands = nil
		for i, e := range d.named(b, "bands") {
			from := d.number(e.value, e.key.text, -1, 0, 1000)
			switch {
			case from < 0: // said already
				continue
			case i == 0 && from != 0:
				d.r.errorf(e.value, "the first band starts at 0")
			case len(s.bands) > 0 && from <= s.bands[len(s.bands)-1].from:
				d.r.errorf(e.value, "bands ascend: %q starts at %g, not above %g", e.key.text, from, s.bands[len(s.bands)-1].from)
			}
			s.bands = append(s.bands, bandSpec{name: e.key.text, from: from})
		}
	}
	f.done()
	if s.offer.score > 0 && s.escalate.score > 0 && s.escalate.score < s.offer.score {
		d.r.errorf(last, "escalate (%g) lies below offer (%g)", s.escalate.score, s.offer.score)
	}
	d.rearming(f, s)
	return s
}

// rearming holds rearm_below against the thresholds of the score: above one of them it
// promises a calm that need not come, since a threshold that is left behind is armed again. Without the key it follows them down. Feelings have thresholds of their own kind: no rearm of theirs.
func (d *decoder) rearming(f *fields, s *scoringSpec) {
	n := f.get("rearm_below")
	for _, x := range []struct {
		name  string
		score float64
	}{{"offer", s.offer.score}, {"escalate", s.escalate.score}} {
		switch {
		case x.score == 0 || s.rearm <= x.score:
		case n == nil:
			s.rearm = x.score
		default:
			d.r.add(Warning, n.src, n.line, n.col, fmt.Sprintf("at most %g", x.score),
				"rearm_below (%g) lies above %s (%g), which fires again as soon as the score was below that", s.rearm, x.name, x.score)
			return
		}
	}
}

// limits reads {score: 5, dominated: 3}.
func (d *decoder) limits(n *yamlNode, what string) *thresholds {
	t := &thresholds{}
	f := d.fields(n, limitsShape, what)
	t.score = f.number("score")
	for i, name := range feelingNames {
		t.feelings[i] = f.number(name)
	}
	f.done()
	return t
}

// rule reads what every rule has. A verbatim block needs no what, a touchpoint tells a story instead of both.
func (d *decoder) rule(f *fields, needWhat, needWhy bool) head {
	h := head{at: f.n, written: f.n}
	if n := f.get("id"); n != nil {
		h.id, h.at = d.id(n, "an id"), n
	} else {
		f.lacks("id", "id: a-short-name")
	}
	if h.id != "" {
		f.what = fmt.Sprintf("%s %q", f.what, h.id)
	}
	if needWhat {
		h.what = f.need("what", "say in one sentence what the rule notices or does")
	} else {
		h.what = f.text("what")
	}
	if needWhy {
		h.why = f.need("why", "say why the rule is right; it is shown to the people it is about")
	} else {
		h.why = f.text("why")
	}
	h.owner = f.text("owner")
	switch f.choice("mode") {
	case "shadow":
		h.mode = modeShadow
	case "off":
		h.mode = modeOff
	}
	if day := f.date("expires"); !day.IsZero() {
		h.expires = day.AddDate(0, 0, 1)
	}
	h.priority = f.whole("priority")
	f.get("overrides") // read when the rule was merged
	if o := d.overrides[f.n]; o != nil {
		h.overrides, h.written = o, o.written
	}
	return h
}

func (d *decoder) signal(n *yamlNode) *signalSpec {
	f := d.fields(n, signalShape, "signal")
	s := &signalSpec{head: d.rule(f, true, true)}
	switch f.choice("from") {
	case "bot":
		s.from = Bot
	case "event":
		s.from = Event
	case "any":
		s.anyRole = true
	case "customer":
	default:
		if f.get("from") == nil {
			f.lacks("from", "from: customer | bot | event")
		}
	}
	s.match = d.needMatch(f)
	s.when, s.unless = d.expr(f.get("when")), d.expr(f.get("unless"))
	s.points = f.number("points")
	s.failure = f.flag("failure")
	if fl := f.get("failure"); fl != nil && s.failure && s.from == Customer && !s.anyRole {
		d.r.hintf(fl, "failures are counted on replies of the bot", "%s reads customers, so it cannot be a failure of the bot", f.what)
	}
	s.settles = f.flag("settles")
	if fl := f.get("settles"); fl != nil && s.settles && s.from == Customer && !s.anyRole {
		d.r.hintf(fl, "it tells of replies that bring what was asked for", "%s reads customers, so it cannot settle anything for them", f.what)
	}
	if n := f.get("feels"); n != nil {
		s.feels = d.feelings(n)
	}
	if c := f.get("calms"); c != nil {
		switch {
		case c.kind == isScalar && c.text == "half":
			s.halves = true
		case c.kind == isScalar && numberHint(c) == "":
			d.r.hintf(c, didYouMean(c.text, []string{"half"}), `"calms" is half or a number, not %q`, c.text)
		default:
			s.calms = d.number(c, "calms", 0, 0, maxPoints)
		}
	}
	s.desk = f.text("desk")
	s.examples = d.examples(f)
	f.done()
	return s
}

func (d *decoder) feelings(n *yamlNode) []Feeling {
	var out []Feeling
	for _, it := range d.texts(n, "feels") {
		name := d.choice(it, "feels", feelingNames[:]...)
		for i, known := range feelingNames {
			if name == known {
				out = append(out, Feeling(i))
			}
		}
	}
	return out
}

func (d *decoder) needMatch(f *fields) *matchSpec {
	n := f.get("match")
	if n == nil {
		f.lacks("match", "match: {phrases: [NAME]}")
		return nil
	}
	return d.match(n)
}

// match reads a condition on the text.
func (d *decoder) match(n *yamlNode) *matchSpec {
	m := &matchSpec{at: n}
	f := d.fields(n, matchShape, "match")
	if t := f.get("text"); t != nil {
		m.text = d.texts(t, "text")
	}
	if p := f.get("phrases"); p != nil {
		m.phrases = d.texts(p, "phrases")
		if len(m.phrases) == 0 && p.kind == isSequence && len(p.items) == 0 {
			d.r.errorf(p, "an empty list of phrases never matches")
		}
	}
	if m.regex = f.get("regex"); m.regex != nil {
		d.text(m.regex, "regex")
	}
	if nn := f.get("near"); nn != nil {
		nf := d.fields(nn, nearShape, "near")
		m.near = &nearSpec{at: nn}
		if p := nf.get("phrases"); p != nil {
			m.near.phrases = d.texts(p, "phrases")
		} else {
			d.r.errorf(nn, "near lacks %q", "phrases")
		}
		m.near.words = nf.whole("words")
		nf.done()
	}
	if nn := f.get("not"); nn != nil {
		m.not = d.match(nn)
	}
	if nn := f.get("any"); nn != nil {
		for _, it := range d.section(nn, "any") {
			m.any = append(m.any, d.match(it))
		}
	}
	if m.detect = f.get("detect"); m.detect != nil {
		d.text(m.detect, "detect")
		own := matchShape.names()
		for _, e := range f.n.entries { // all other keys are the detector's
			if !slices.Contains(own, e.key.text) {
				m.params = append(m.params, e)
			}
		}
	}
	f.done()
	if m.empty() && n.kind == isMapping {
		d.r.hintf(n, "text, phrases, regex, near, detect or any", "a match needs something to look for")
	}
	return m
}

// empty tells that nothing positive is asked for.
func (m *matchSpec) empty() bool {
	return len(m.text) == 0 && len(m.phrases) == 0 && m.regex == nil && m.near == nil && m.detect == nil && len(m.any) == 0
}

// expr reads a condition: a string, or a map of names to comparisons.
func (d *decoder) expr(n *yamlNode) *exprSpec {
	if n == nil {
		return nil
	}
	e := &exprSpec{at: n}
	switch n.kind {
	case isScalar:
		e.parts = []exprPart{{at: n, source: n.text}}
	case isMapping:
		for _, p := range n.entries {
			if p.value.kind != isScalar {
				d.r.hintf(p.value, `for example feeling.dominated: ">= 3"`, "%q is compared with text or a number", p.key.text)
				continue
			}
			e.parts = append(e.parts, shortForm(p))
		}
	default:
		d.r.errorf(n, "a condition is text or a mapping, not %s", n.kind)
	}
	if len(e.parts) == 0 {
		return nil
	}
	return e
}

// shortForm turns `feeling.dominated: ">= 3"` into an expression. A value without an operator is compared for
// equality: a number or true as it is, other text as a string.
func shortForm(p entry) exprPart {
	v := strings.TrimSpace(p.value.text)
	for _, op := range []string{">=", "<=", "==", "!=", ">", "<", "in ", "not in ", "startsWith ", "endsWith ", "contains ", "matches "} {
		if strings.HasPrefix(v, op) {
			return exprPart{key: p.key, at: p.value, source: p.key.text + " " + v, shift: utf8.RuneCountInString(p.key.text) + 1}
		}
	}
	if p.value.quoted || !isLiteral(v) {
		v = fmt.Sprintf("%q", v)
	}
	return exprPart{key: p.key, at: p.value, source: p.key.text + " == " + v, shift: utf8.RuneCountInString(p.key.text) + 4}
}

func isLiteral(s string) bool {
	if s == "true" || s == "false" {
		return true
	}
	return s != "" && strings.Trim(s, "0123456789.-") == ""
}
