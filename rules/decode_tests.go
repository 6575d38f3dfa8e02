package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// world is what examples and tests may set around a turn.
type world struct {
	facts  Facts
	closed map[string]bool // desk -> closed
	shut   bool            // every desk is closed
}

// defaultWorld is what examples run in: one free agent, open hours, a text conversation.
func defaultWorld(locale, register string) world {
	return world{facts: Facts{Locale: locale, Register: register, Channel: "text", Floor: "bot", AgentsAvailable: 1}}
}

// judged returns the facts to judge a turn with.
func (w *world) judged() *Facts {
	f := w.facts
	if w.shut || len(w.closed) > 0 {
		shut, closed := w.shut, w.closed
		f.DeskOpen = func(desk string) bool { return !shut && !closed[desk] }
	}
	return &f
}

// given reads the facts a test sets, under the names conditions use; both agents.available: 0 and
// agents: {available: 0} are read.
func (d *decoder) given(n *yamlNode) *givenSpec {
	g := &givenSpec{at: n}
	for _, e := range d.named(n, "given") {
		d.givenKey(g, e.key, e.key.text, e.value)
	}
	return g
}

func (d *decoder) givenKey(g *givenSpec, at *yamlNode, key string, v *yamlNode) {
	if v.kind == isMapping && key != "desk.open" && (givenShape.holds(key) || nearest(key, givenShape.names()) == "") {
		for _, e := range v.entries {
			d.givenKey(g, e.key, key+"."+e.key.text, e.value)
		}
		return
	}
	if !slices.Contains(givenShape.names(), key) || givenShape.holds(key) {
		d.r.hintf(at, nearestOr(key, givenShape.names()), "unknown fact %q in given", key)
		return
	}
	of := givenShape.key(key).value.choices()
	switch key {
	case "agents.available":
		x := int(d.number(v, key, 0, 0, 1e6))
		g.set = append(g.set, func(w *world) { w.facts.AgentsAvailable = x })
	case "asr.confidence":
		x := d.number(v, key, 0, 0, 1)
		g.set = append(g.set, func(w *world) { w.facts.ASRConfidence = x })
	case "channel":
		x := d.choice(v, key, of...)
		g.set = append(g.set, func(w *world) { w.facts.Channel = x })
	case "floor":
		x := d.choice(v, key, of...)
		g.set = append(g.set, func(w *world) { w.facts.Floor = x })
	case "locale":
		x := d.locale(v)
		g.set = append(g.set, func(w *world) { w.facts.Locale = x })
	case "mode":
		m, _ := ParseMode(d.choice(v, key, of...))
		g.set = append(g.set, func(w *world) { w.facts.Mode = m })
	case "path":
		x := d.text(v, key)
		g.set = append(g.set, func(w *world) { w.facts.Path = x })
	case "register":
		x := d.choice(v, key, of...)
		g.set = append(g.set, func(w *world) { w.facts.Register = x })
	case "session":
		x := d.text(v, key)
		g.set = append(g.set, func(w *world) { w.facts.Session = x })
	case "queue.wait":
		x, err := time.ParseDuration(v.text)
		if v.kind != isScalar || err != nil || x < 0 {
			d.r.hintf(v, "for example 6m", "%q is a duration", key)
		}
		g.set = append(g.set, func(w *world) { w.facts.QueueWait = x })
	case "syntax":
		x := d.choice(v, key, of...)
		s := map[string]Syntax{"plain": Plain, "markdown": Markdown, "html": HTML, "ssml": SSML}[x]
		g.set = append(g.set, func(w *world) { w.facts.Syntax = s })
	case "fixed":
		x := d.truth(v, key)
		g.set = append(g.set, func(w *world) { w.facts.Fixed = x })
	case "desk.open":
		d.givenDesks(g, v)
	}
}

func (d *decoder) givenDesks(g *givenSpec, v *yamlNode) {
	if v.kind != isMapping {
		x := d.truth(v, "desk.open")
		g.set = append(g.set, func(w *world) { w.shut = !x })
		return
	}
	for _, e := range v.entries {
		desk, x := e.key.text, d.truth(e.value, e.key.text)
		g.set = append(g.set, func(w *world) {
			next := map[string]bool{desk: !x}
			for k, shut := range w.closed {
				if k != desk {
					next[k] = shut
				}
			}
			w.closed = next
		})
	}
}

func (d *decoder) truth(n *yamlNode, what string) bool {
	if n.kind == isScalar && (n.text == "true" || n.text == "false") {
		return n.text == "true"
	}
	d.r.errorf(n, "%q is true or false", what)
	return false
}

// examples reads fires and silent. Each entry is a message, or a conversation whose last turn counts.
func (d *decoder) examples(f *fields) *examplesSpec {
	n := f.get("examples")
	if n == nil {
		d.r.hintf(f.n, "examples: {fires: [TEXT], silent: [TEXT]}", "%s lacks %q", f.what, "examples")
		return nil
	}
	out := &examplesSpec{at: n}
	ef := d.fields(n, examplesShape, "examples")
	if v := ef.get("fires"); v != nil {
		out.fires = d.exampleList(v)
	}
	if v := ef.get("silent"); v != nil {
		out.silent = d.exampleList(v)
	}
	ef.done()
	if len(out.fires) == 0 && n.kind == isMapping {
		d.r.hintf(n, "fires: [TEXT]", "%s has no example that fires", f.what)
	}
	return out
}

func (d *decoder) exampleList(n *yamlNode) []*exampleSpec {
	var out []*exampleSpec
	for _, it := range d.list(n, "examples") {
		switch it.kind {
		case isScalar:
			out = append(out, &exampleSpec{at: it, plain: true, turns: []*turnSpec{{at: it, text: it.text}}})
		case isSequence:
			ex := &exampleSpec{at: it, turns: d.turnList(it, false)}
			if len(ex.turns) == 0 || ex.turns[len(ex.turns)-1].given != nil {
				d.r.errorf(it, "a conversation ends with the turn that counts")
				continue
			}
			out = append(out, ex)
		default:
			d.r.hintf(it, "a text, or a list like [{bot: TEXT}, {customer: TEXT}]", "an example is a message or a conversation")
		}
	}
	return out
}

func (d *decoder) turnList(n *yamlNode, expects bool) []*turnSpec {
	var out []*turnSpec
	for _, it := range d.section(n, "a conversation") {
		if t := d.turn(it, expects); t != nil {
			out = append(out, t)
		}
	}
	return out
}

// turn reads {customer: TEXT}, {bot: TEXT, expected: WHAT}, {event: NAME, value: V}, {given: …} or {expect: …}.
// Any turn may say how long after the one before it came (after: 30s).
func (d *decoder) turn(n *yamlNode, expects bool) *turnSpec {
	f := d.fields(n, turnShape, "a turn")
	t := &turnSpec{at: n}
	kinds := 0
	for i, role := range roleNames {
		v := f.get(role)
		if v == nil {
			continue
		}
		kinds++
		t.role = Role(i)
		switch t.role {
		case Event:
			t.event = d.choice(v, "event", eventNames...)
		default:
			t.text = d.text(v, role)
		}
	}
	if g := f.get("given"); g != nil {
		kinds++
		t.given = d.given(g)
	}
	if expects {
		if e := f.get("expect"); e != nil {
			kinds++
			t.expect = d.expect(e)
		}
	}
	if t.role == Bot {
		t.expected = f.text("expected")
	}
	if t.role == Event {
		t.value = f.text("value")
	}
	if a := f.get("after"); a != nil {
		v, err := time.ParseDuration(a.text)
		if a.kind != isScalar || err != nil || v < 0 {
			d.r.hintf(a, "for example 30s", "%q is a duration", "after")
		}
		t.after = v
	}
	f.done()
	if kinds != 1 {
		if n.kind == isMapping {
			d.r.hintf(n, "{customer: TEXT}, {bot: TEXT}, {agent: TEXT} or {event: NAME}", "a turn says who speaks, once")
		}
		return nil
	}
	return t
}

var eventNames = []string{"dtmf", "no_input", "no_match", "barge_in", "reconnect", "silence"}

func (d *decoder) rewriteExamples(f *fields) *rewriteExamples {
	n := f.get("examples")
	if n == nil {
		d.r.hintf(f.n, "examples: [{in: TEXT, out: TEXT}, {in: TEXT, unchanged: true}]", "%s lacks %q", f.what, "examples")
		return nil
	}
	out := &rewriteExamples{at: n}
	for _, it := range d.section(n, "examples") {
		ef := d.fields(it, rewriteExampleShape, "example")
		e := &rewriteExample{at: it, in: ef.need("in", "in: the reply of the bot")}
		e.out, e.unchanged = ef.get("out"), ef.flag("unchanged")
		if e.out != nil {
			d.text(e.out, "out")
		}
		if b := ef.get("before"); b != nil {
			e.before = d.turnList(b, false)
		}
		if g := ef.get("given"); g != nil {
			e.given = append(e.given, d.given(g))
		}
		ef.done()
		if (e.out == nil) == !e.unchanged && it.kind == isMapping {
			d.r.errorf(it, "an example has either %q or %q", "out", "unchanged: true")
		}
		out.list = append(out.list, e)
	}
	if len(out.list) == 0 && n.kind == isSequence {
		d.r.errorf(n, "%s has no examples", f.what)
	}
	return out
}

// expect reads what a test expects of the turn before it.
func (d *decoder) expect(n *yamlNode) *expectSpec {
	e := &expectSpec{at: n}
	for _, en := range d.named(n, "expect") {
		x := expectation{at: en.value, key: en.key.text}
		if !slices.Contains(expectShape.names(), x.key) {
			d.r.hintf(en.key, nearestOr(x.key, expectShape.names()), "unknown key %q in expect", x.key)
			continue
		}
		switch v := expectShape.key(x.key).value; v.kind {
		case takesChoice:
			x.want = []string{d.choice(en.value, x.key, v.of...)}
		case takesFlag:
			x.want = []string{strconv.FormatBool(d.truth(en.value, x.key))}
		case takesEither:
			x.op, x.num = d.comparison(en.value, x.key)
		case takesText:
			x.want = []string{d.text(en.value, x.key)}
		default:
			for _, it := range d.texts(en.value, x.key) {
				x.want = append(x.want, it.text)
			}
		}
		e.checks = append(e.checks, x)
	}
	if len(e.checks) == 0 && n.kind == isMapping && len(n.entries) == 0 {
		d.r.errorf(n, "expect is empty")
	}
	return e
}

// comparison reads ">= 3" or a plain number.
func (d *decoder) comparison(n *yamlNode, what string) (op string, num float64) {
	s := strings.TrimSpace(n.text)
	op = "=="
	for _, o := range []string{">=", "<=", "==", ">", "<"} {
		if rest, ok := strings.CutPrefix(s, o); ok {
			op, s = o, strings.TrimSpace(rest)
			break
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if n.kind != isScalar || err != nil {
		d.r.hintf(n, `for example 5 or ">= 3"`, "%q is a number or a comparison", what)
	}
	return op, v
}

func (d *decoder) test(n *yamlNode) *testSpec {
	f := d.fields(n, testShape, "test")
	t := &testSpec{at: n, name: f.need("name", "name: what the test shows")}
	if t.name != "" {
		f.what = fmt.Sprintf("test %q", t.name)
	}
	if g := f.get("given"); g != nil {
		t.given = d.given(g)
	}
	if v := f.get("turns"); v != nil {
		t.turns = d.turnList(v, true)
	} else {
		d.r.errorf(n, "%s lacks %q", f.what, "turns")
	}
	f.done()
	expects := 0
	for i, turn := range t.turns {
		if turn.expect == nil {
			continue
		}
		expects++
		if i == 0 {
			d.r.errorf(turn.at, "expect stands after the turn it is about")
		}
	}
	if expects == 0 && n.kind == isMapping {
		d.r.hintf(n, "{expect: {decision: offer}}", "%s expects nothing, so it cannot fail", f.what)
	}
	return t
}
