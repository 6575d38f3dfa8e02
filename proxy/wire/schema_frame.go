package wire

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// frame reads one entry of frames into the directions it is for.
func (r *reading) frame(n ast.Node, p *Profile) {
	f := &frame{stream: -1}
	dir, directed, kinded, roled := -1, false, false, false
	var texts, inject ast.Node
	r.mapping(n, "a frame", fields{
		"dir": func(n ast.Node) {
			dir, _ = r.word(n, "up", "down", "any")
			directed = true
		},
		"kind": func(n ast.Node) {
			i, _ := r.word(n, kindNames[1:]...)
			f.kind, kinded = Kind(i+1), true
		},
		"role": func(n ast.Node) {
			i, _ := r.word(n, roleNames[1:]...)
			f.role, roled = Role(i+1), true
		},
		"sender":   func(n ast.Node) { f.sender = r.path(n, rootItem, rootFrame) },
		"when":     func(n ast.Node) { f.when = r.conditions(n) },
		"text":     func(n ast.Node) { texts = n },
		"labels":   func(n ast.Node) { f.labels = r.documentPaths(n) },
		"payloads": func(n ast.Node) { f.payloads = r.documentPaths(n) },
		// Labels are never edited, so there is nothing more to forbid.
		"labels_are_payloads": func(n ast.Node) { r.truth(n) },
		"adaptive_card":       func(n ast.Node) { f.cards = r.documentPaths(n) },
		"opaque_if":           func(n ast.Node) { f.opaqueIf = r.conditions(n) },
		"opaque_if_offered":   func(n ast.Node) { f.ifOffered = r.truth(n) },
		"id":                  func(n ast.Node) { f.id = r.path(n, rootItem, rootFrame) },
		"expected":            func(n ast.Node) { f.expected = r.path(n, rootItem, rootFrame) },
		"confidence":          func(n ast.Node) { f.sureness = r.path(n, rootItem, rootFrame) },
		"handoff":             func(n ast.Node) { f.handoff = r.conditions(n) },
		"returned":            func(n ast.Node) { f.returned = r.conditions(n) },
		"refused":             func(n ast.Node) { f.refused = r.conditions(n) },
		"inject":              func(n ast.Node) { inject = n },
		"correlate":           func(n ast.Node) { f.correlate = r.path(n, rootItem, rootFrame) },
		"stream":              func(n ast.Node) { r.stream(n, p, f) },
		"ack_deadline":        func(n ast.Node) { f.ackBy = r.duration(n) },
		"reply_deadline":      func(n ast.Node) { f.replyBy = r.duration(n) },
		"flush": func(n ast.Node) {
			_, f.flush = r.word(n, "down")
		},
	})
	if !directed {
		r.fault(n, "add dir: up, down or any", "the frame has no direction")
	}
	if !kinded {
		r.fault(n, "add kind: message, or another", "the frame has no kind")
	}
	if texts != nil {
		r.list(texts, func(n ast.Node) { r.textRule(n, f) })
	}
	if inject != nil {
		f.inject = new(injections)
		r.injections(inject, p, f.inject)
	}
	if f.stream < 0 && (f.kind == Delta || f.kind == Final) {
		p.enter(f, &stream{})
	}
	if f.kind == Final {
		p.streams[f.stream].final = true
	}
	for d := range p.frames {
		if dir != 2 && dir != d { // 2 is any
			continue
		}
		own := *f
		if !roled {
			own.role = usualRole(f.kind, Direction(d))
		}
		p.frames[d] = append(p.frames[d], &own)
	}
}

// usualRole is who speaks when the profile does not say: what goes up is the customer's, what comes down the bot's.
func usualRole(k Kind, dir Direction) Role {
	switch k {
	case Message, Delta, Final, Partial, Observe:
		if dir == Up {
			return Customer
		}
		return Bot
	case Echo, DTMF, Interrupt, NoInput, NoMatch:
		return Customer
	case Handoff, End:
		if dir == Down {
			return Bot
		}
	case Unknown, Typing, Heartbeat, TurnEnd, Error, Control:
	}
	return Nobody
}

// textRule reads one entry of text: a path, or a mapping with path, syntax and follow.
func (r *reading) textRule(n ast.Node, f *frame) {
	t := textRule{follow: -1}
	if _, ok := n.(*ast.StringNode); ok {
		t.path = r.path(n, rootItem, rootFrame)
	} else {
		var follow ast.Node
		r.mapping(n, "a text", fields{
			"path": func(n ast.Node) { t.path = r.path(n, rootItem, rootFrame) },
			"syntax": func(n ast.Node) {
				i, _ := r.word(n, syntaxNames[:]...)
				t.syntax = Syntax(i)
			},
			"follow": func(n ast.Node) { follow = n },
		})
		if follow != nil {
			if lead := r.path(follow, rootItem, rootFrame); lead != nil {
				t.follow = slices.IndexFunc(f.text, func(o textRule) bool { return o.path != nil && samePath(o.path, lead) })
				if t.follow < 0 {
					r.fault(follow, "name the path of a text before this one", "there is no such text to follow")
				}
			}
		}
	}
	f.text = append(f.text, t)
}

func samePath(a, b *path) bool {
	return a.root == b.root && slices.Equal(a.segments, b.segments)
}

// injections reads the templates of inject, or its word unsupported.
func (r *reading) injections(n ast.Node, p *Profile, into *injections) {
	if s, ok := n.(*ast.StringNode); ok && s.Value == "unsupported" {
		return
	}
	all := make(fields, len(injectionNames))
	for i, key := range injectionNames {
		all[key] = func(n ast.Node) { into[i] = r.template(n, p) }
	}
	r.mapping(n, "inject", all)
}

// template reads what is said in the protocol's own shape.
func (r *reading) template(n ast.Node, p *Profile) *template {
	src, ok := r.text(n)
	if !ok {
		return nil
	}
	known := p.variables(p.routes...)
	t, err := parseTemplate(src, known, p.framing)
	if err != nil {
		r.inside(n, err, "variables: "+join(known))
		return nil
	}
	return t
}

// variables are the words of every template, what the profile remembers, and what requests on routes say.
func (p *Profile) variables(routes ...*Route) []string {
	known := slices.Clone(templateWords)
	for _, v := range p.remember {
		known = append(known, v.name)
	}
	for _, rt := range routes {
		if rt.request == nil {
			continue
		}
		for _, v := range rt.request.remember {
			if !slices.Contains(known, v.name) {
				known = append(known, v.name)
			}
		}
	}
	return known
}

func join(words []string) string {
	var out []byte
	for i, w := range words {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(append(append(out, "{{"...), w...), "}}"...)
	}
	return string(out)
}
