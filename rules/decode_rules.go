package rules

import (
	"slices"
	"strconv"
	"strings"
)

var moves = []string{
	string(moveAcknowledge), string(moveOwn), string(moveSoften), string(moveNextStep), string(moveWayOut),
	string(movePlainWords), string(moveStripCheer),
}

func (d *decoder) rewrite(n *yamlNode) *rewriteSpec {
	f := d.fields(n, rewriteShape, "rewrite")
	w := &rewriteSpec{head: d.rule(f, true, true)}
	if m := f.get("move"); m != nil {
		plain := *m
		plain.text = strings.ReplaceAll(m.text, " ", "-") // the words of the glossary have spaces
		w.move = move(d.choice(&plain, "move", moves...))
	}
	if m := f.get("match"); m != nil {
		w.match = d.match(m)
	}
	w.heard = f.choice("from") == "customer"
	w.when, w.unless = d.expr(f.get("when")), d.expr(f.get("unless"))
	w.place = d.place(f, w)
	w.steps, w.endless = d.steps(f, w)
	w.examples = d.rewriteExamples(f)
	f.done()
	return w
}

// place reads where what is said goes. Without the key it follows from the move and the match: an acknowledgement
// comes first, a rule that reads the customer or nothing adds at the end, a match on a whole sentence replaces it, and
// one on words replaces the words.
func (d *decoder) place(f *fields, w *rewriteSpec) place {
	n := f.get("place")
	if n == nil {
		switch {
		case w.move == moveStripCheer && w.match == nil:
			return placeCheer
		case w.move == moveAcknowledge:
			return placeBefore
		case w.match == nil || w.heard:
			return placeAfter
		case w.match.coversSentence():
			return placeSentence
		}
		return placeWords
	}
	var p place
	switch d.choice(n, "place", f.of("place")...) {
	case "before":
		return placeBefore
	case "after":
		return placeAfter
	case "words":
		p = placeWords
	}
	if w.match == nil || w.heard {
		d.r.errorf(n, "%q replaces part of the reply, so it needs a match on the reply", w.id)
	}
	return p
}

// coversSentence tells that the match speaks of sentences as a whole, not of words in them.
func (m *matchSpec) coversSentence() bool {
	if len(m.text) > 0 {
		return true
	}
	for _, a := range m.any {
		if a.coversSentence() {
			return true
		}
	}
	return len(m.phrases) == 0 && m.regex == nil && len(m.any) == 0
}

// steps reads steps, or the short form of one step that never runs out.
func (d *decoder) steps(f *fields, w *rewriteSpec) (steps []*stepSpec, endless bool) {
	if n := f.get("steps"); n != nil {
		for _, key := range []string{"say", "do", "asks", "adds", "needs", "drops", "approved"} {
			if e := f.get(key); e != nil {
				d.r.hintf(e, "move it into the steps", "%q stands beside steps", key)
			}
		}
		for _, it := range d.section(n, "steps") {
			sf := d.fields(it, stepShape, "step")
			steps = append(steps, d.step(sf, w))
			sf.done()
		}
		if len(steps) == 0 {
			d.r.errorf(n, "steps is empty")
		}
		return steps, false
	}
	return []*stepSpec{d.step(f, w)}, true
}

func (d *decoder) step(f *fields, w *rewriteSpec) *stepSpec {
	s := &stepSpec{at: f.n}
	if n := f.get("say"); n != nil {
		s.say = d.texts(n, "say")
		s.at = n
	}
	if do := f.choice("do"); do != "" {
		s.do, _ = ParseDecision(do)
	}
	if n := f.get("adds"); n != nil {
		for _, it := range d.texts(n, "adds") {
			switch d.choice(it, "adds", f.of("adds")...) {
			case "apology":
				s.adds |= addsApology
			case "promise":
				s.adds |= addsPromise
			case "offer":
				s.adds |= addsOffer
			case "fact":
				s.adds |= addsFact
			}
		}
	}
	s.needs = d.expr(f.get("needs"))
	s.asks = f.get("asks")
	if n := f.get("drops"); n != nil {
		for _, it := range d.texts(n, "drops") {
			s.drops = append(s.drops, it.text)
		}
	}
	if n := f.get("approved"); n != nil {
		af := d.fields(n, approvedShape, "approved")
		s.approved = &approvalSpec{at: n, by: af.need("by", "name who approved it"), until: af.date("until")}
		if s.approved.until.IsZero() {
			if af.get("until") == nil {
				af.lacks("until", "until: 2027-01-31, the last day on which it is said")
			}
		} else {
			s.approved.until = s.approved.until.AddDate(0, 0, 1)
		}
		af.done()
	}
	if len(s.say) == 0 && s.do == None && w.place != placeCheer {
		d.r.hintf(f.n, "say: [TEXT] or do: escalate", "%s says nothing and does nothing", f.what)
	}
	return s
}

func (d *decoder) ask(e entry) *askSpec {
	f := d.fields(e.value, askShape, "ask")
	a := &askSpec{at: e.key, id: d.id(e.key, "the id of an ask"), turns: 1}
	if n := f.get("accept"); n != nil {
		a.accept = d.texts(n, "accept")
	}
	if len(a.accept) == 0 {
		d.r.hintf(e.key, "accept: [yes]", "ask %q lacks %q", a.id, "accept")
	}
	if n := f.get("decline"); n != nil {
		a.decline = d.texts(n, "decline")
	}
	if n := f.get("beside"); n != nil {
		a.beside = d.texts(n, "beside")
	}
	switch f.choice("then") {
	case "route":
		a.then = thenRoute
	case "stay":
		a.then = thenStay
	case "nothing":
		a.then = thenNothing
	case "":
		if f.get("then") == nil {
			d.r.hintf(e.key, "then: escalate", "ask %q lacks %q", a.id, "then")
		}
	}
	if n := f.get("expires"); n != nil {
		a.turns = d.turns(n)
	}
	a.desk = f.text("desk")
	a.accepted, a.declined = f.get("accepted"), f.get("declined")
	f.done()
	return a
}

// turns reads "1 turn" or "3 turns".
func (d *decoder) turns(n *yamlNode) int {
	s := d.text(n, "expires")
	word := strings.Fields(s)
	if len(word) == 2 && (word[1] == "turn" || word[1] == "turns") {
		if v, err := strconv.Atoi(word[0]); err == nil && v >= 1 && v <= 20 {
			return v
		}
	}
	if n.kind == isScalar {
		d.r.errorf(n, "an ask expires after 1 to 20 turns, like: 1 turn")
	}
	return 1
}

func (d *decoder) escalation(n *yamlNode) *escalationSpec {
	f := d.fields(n, escalationShape, "escalation")
	e := &escalationSpec{head: d.rule(f, true, true)}
	if w := f.get("when"); w != nil {
		e.when = d.expr(w)
	} else {
		f.lacks("when", `when: "bot.failures >= 2"`)
	}
	if do := f.choice("do"); do != "" {
		e.do, _ = ParseDecision(do)
	} else if f.get("do") == nil {
		f.lacks("do", "do: offer | escalate | route")
	}
	e.asks = f.get("asks")
	e.desk = f.text("desk")
	if s := f.get("say"); s != nil {
		if s.kind == isScalar {
			e.say.normal = s
		} else {
			sf := d.fields(s, sayShape, "say")
			e.say = sayByHours{normal: sf.get("default"), closed: sf.get("closed"), busy: sf.get("busy")}
			sf.done()
		}
	}
	f.done()
	return e
}

func (d *decoder) crisisRule(n *yamlNode) *crisisSpec {
	f := d.fields(n, crisisShape, "crisis rule")
	c := &crisisSpec{head: d.rule(f, true, true), at: n}
	c.match = d.needMatch(f)
	c.country = f.text("country")
	if c.line = f.get("line"); c.line == nil {
		f.lacks("line", "line: the id of a message that names a helpline")
	}
	c.verified = f.date("verified")
	c.desk = f.text("desk")
	c.closed = f.get("closed")
	c.examples = d.examples(f)
	f.done()
	return c
}

func (d *decoder) verbatimRule(n *yamlNode) *verbatimSpec {
	f := d.fields(n, verbatimShape, "verbatim")
	v := &verbatimSpec{head: d.rule(f, false, true)}
	v.match = d.needMatch(f)
	v.examples = d.examples(f)
	f.done()
	return v
}

// goodFeelings are the feelings a touchpoint may aim for, each with the scored one it opposes.
var goodFeelings = map[string]Feeling{
	"calm": Angry, "respected": Angry,
	"at-ease": Frustrated, "relieved": Frustrated,
	"in-control": Dominated, "free": Dominated,
	"understood": Ignored, "heard": Ignored,
	"helped": Unfulfilled, "satisfied": Unfulfilled,
}

func goodFeelingNames() []string {
	names := make([]string, 0, len(goodFeelings))
	for name := range goodFeelings {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (d *decoder) touchpoint(n *yamlNode) *touchpointSpec {
	f := d.fields(n, touchpointShape, "touchpoint")
	t := &touchpointSpec{head: d.rule(f, false, false)}
	if w := f.get("when"); w != nil {
		t.when = d.expr(w)
	} else {
		f.lacks("when", `when: "path startsWith '/billing'"`)
	}
	t.story = f.need("story", "tell in the customer's words how it should have felt")
	if fn := f.get("feel"); fn != nil {
		for _, it := range d.texts(fn, "feel") {
			t.feel = append(t.feel, d.choice(it, "feel", goodFeelingNames()...))
		}
	}
	if o := f.get("offer"); o != nil {
		t.offer = d.limits(o, "offer")
	}
	if e := f.get("escalate"); e != nil {
		t.escalate = d.limits(e, "escalate")
	}
	if n := f.get("proxies"); n != nil {
		t.proxies = d.proxies(n)
	}
	if a := f.get("ask"); a != nil {
		af := d.fields(a, surveyShape, "ask")
		if t.askText = af.get("text"); t.askText == nil {
			d.r.errorf(a, "ask lacks %q", "text")
		}
		t.share = 100
		if s := af.get("share"); s != nil {
			_, t.share = d.percent(s, "share")
		}
		af.done()
	}
	if s := f.get("target"); s != nil {
		_, t.target = d.percent(s, "target")
	}
	f.done()
	return t
}

// proxies reads what is measured in place of asking.
func (d *decoder) proxies(n *yamlNode) []proxySpec {
	var out []proxySpec
	f := d.fields(n, proxiesShape(), "proxies")
	for _, name := range f.shape.names() {
		v := f.get(name)
		if v == nil {
			continue
		}
		op, want := d.percent(v, name)
		if op == "" && v.kind == isScalar && percentForm.MatchString(v.text) {
			d.r.hintf(v, "<= "+v.text+", or >= "+v.text, "%q does not say whether that is the most or the least", name)
		}
		out = append(out, proxySpec{name: name, atMost: strings.HasPrefix(op, "<"), want: want})
	}
	f.done()
	return out
}

func (d *decoder) message(e entry) *messageSpec {
	m := &messageSpec{at: e.key, id: d.id(e.key, "the id of a message")}
	for _, v := range d.texts(e.value, "a message") {
		if strings.TrimSpace(v.text) == "" {
			d.r.errorf(v, "a variant of %q says nothing", m.id)
			continue
		}
		m.variants = append(m.variants, v)
	}
	if len(m.variants) == 0 {
		d.r.errorf(e.key, "message %q has no text", m.id)
	}
	return m
}
