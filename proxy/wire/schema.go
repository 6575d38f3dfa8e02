package wire

import (
	"hash/maphash"
	"slices"
	"sort"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Parse reads a profile file, which holds one profile or a list. name is what diagnostics call the file. Decoding is
// strict; the error is [Diagnostics] with every fault of the file.
func Parse(name string, data []byte) ([]*Profile, error) {
	r := &reading{file: name}
	var all []*Profile
	if doc := r.parseYAML(data); doc != nil {
		seen := make(map[string]bool)
		r.list(doc, func(n ast.Node) {
			p := r.profile(n)
			if p.name != "" && seen[p.name] {
				r.fault(n, "", "profile %q is there twice", p.name)
			}
			seen[p.name] = true
			all = append(all, p)
		})
		if len(all) == 0 {
			r.fault(doc, "", "no profile in the file")
		}
	}
	if len(r.faults) > 0 {
		sort.SliceStable(r.faults, func(i, j int) bool {
			a, b := r.faults[i], r.faults[j]
			return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
		})
		return nil, r.faults
	}
	return all, nil
}

// framed returns the framing that a profile names, raw where it names none that exists; that is a fault found later.
func (r *reading) framed(profile ast.Node) *framed {
	pairs := []*ast.MappingValueNode{}
	switch n := profile.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = append(pairs, n)
	}
	for _, pair := range pairs {
		if s, ok := pair.Value.(*ast.StringNode); ok && pair.Key.GetToken().Value == "framing" {
			if i := slices.Index(framingNames(), s.Value); i >= 0 {
				return &framings[i]
			}
		}
	}
	return &framings[0]
}

func (r *reading) profile(n ast.Node) *Profile {
	r.framing = r.framed(n)
	p := &Profile{seed: maphash.MakeSeed(), framing: r.framing}
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		r.fault(n, "", "a profile is a mapping of keys to values, found %s", describe(n))
		return p
	}
	var named, framed bool
	var frames, routes, inject, reconnect, once, echoes ast.Node // last, since they need framing and remember
	r.mapping(n, "the profile", fields{
		"profile": func(n ast.Node) {
			p.name, _ = r.text(n)
			if named = true; p.name == "" || strings.ContainsAny(p.name, " \t/#\"'") {
				r.fault(n, "use letters, digits and dashes", "a profile's name is one word")
			}
		},
		"framing": func(n ast.Node) {
			r.word(n, framingNames()...)
			framed = true
		},
		"subprotocol": func(n ast.Node) { p.subprotocol, _ = r.text(n) },
		"channel": func(n ast.Node) {
			i, _ := r.word(n, "text", "voice")
			p.voice = i == 1
		},
		"max_message": func(n ast.Node) { p.maxMessage, _ = r.integer(n) },
		"keepalive": func(n ast.Node) {
			r.list(n, func(n ast.Node) {
				if s, ok := r.text(n); ok {
					p.keepalive = append(p.keepalive, s)
				}
			})
		},
		"once":   func(n ast.Node) { p.once, once = r.truth(n), n },
		"echoes": func(n ast.Node) { p.echoes, echoes = r.truth(n), n },
		"each": func(n ast.Node) {
			if p.each = r.path(n, rootItem, rootFrame); p.each != nil && p.framing.xml {
				r.fault(n, "", "a stanza is one message: each has no meaning with framing xml")
			}
		},
		"session": func(n ast.Node) { p.session = r.paths(n) },
		"locale": func(n ast.Node) {
			if s, ok := n.(*ast.StringNode); !ok || s.Value != "none" {
				p.locale = r.paths(n)
			}
		},
		"remember":  func(n ast.Node) { p.remember = r.remember(n) },
		"reconnect": func(n ast.Node) { reconnect = n },
		"http":      func(n ast.Node) { routes = n },
		"frames":    func(n ast.Node) { frames = n },
		"inject":    func(n ast.Node) { inject = n },
	})
	if !named {
		r.fault(n, "add profile: NAME", "the profile has no name")
	}
	if !framed {
		r.fault(n, "add framing: "+strings.Join(framingNames(), ", "), "the profile has no framing")
	}
	if p.framing.name == "opaque" && frames != nil {
		r.fault(frames, "remove frames, or use another framing", "opaque messages cannot be read")
	}
	if routes != nil {
		r.routes(routes, p)
	}
	if frames != nil {
		r.list(frames, func(n ast.Node) { r.frame(n, p) })
	}
	if inject != nil {
		r.injections(inject, p, &p.inject)
	}
	if tmpl := p.inject[InjectBot]; p.once && (tmpl == nil || !slices.Contains(tmpl.words, "n")) {
		r.fault(once, "put {{n}} into the id of inject.bot", "without an id of its own the widget cannot know a message again")
	}
	if p.echoes && p.inject[InjectEcho] == nil {
		r.fault(echoes, "add inject.echo", "words that stay here could not be said back as the backend would")
	}
	if reconnect != nil {
		r.reconnect(reconnect, p)
	}
	p.bindMeta()
	p.finishRoutes()
	p.blind = p.isBlind()
	return p
}

// paths reads one path or several.
func (r *reading) paths(n ast.Node) []*path {
	var all []*path
	r.list(n, func(n ast.Node) {
		if p := r.path(n, rootItem, rootFrame, rootMeta); p != nil {
			all = append(all, p)
		}
	})
	return all
}

func (r *reading) documentPaths(n ast.Node) []*path {
	var all []*path
	r.list(n, func(n ast.Node) {
		if p := r.path(n, rootItem, rootFrame); p != nil {
			all = append(all, p)
		}
	})
	return all
}

func (r *reading) conditions(n ast.Node) []*condition {
	var all []*condition
	r.list(n, func(n ast.Node) {
		if c := r.condition(n, rootItem, rootFrame, rootMeta); c != nil {
			all = append(all, c)
		}
	})
	return all
}

// maxVariables is how many names remember may have: the bits of Translator.fresh.
const maxVariables = 64

func (r *reading) remember(n ast.Node) []variable {
	var all []variable
	pairs, ok := n.(*ast.MappingNode)
	if !ok {
		r.fault(n, "", "remember is a mapping of names to paths, found %s", describe(n))
		return nil
	}
	if len(pairs.Values) > maxVariables {
		r.fault(n, "", "remember has more than %d names", maxVariables)
		return nil
	}
	for _, pair := range pairs.Values {
		name := pair.Key.GetToken().Value
		if slices.Contains(templateWords, name) {
			r.at(pair.Key.GetToken(), 0, "choose another name", "%q is a variable that every template has", name)
		}
		if p := r.path(pair.Value, rootItem, rootFrame); p != nil {
			all = append(all, variable{name, p})
		}
	}
	return all
}

// bindMeta numbers the metadata that paths name, so that a conn keeps only these.
func (p *Profile) bindMeta() {
	bind := func(at *path) {
		if at == nil || at.root != rootMeta {
			return
		}
		if at.slot = slices.Index(p.metas, at.meta); at.slot < 0 {
			at.slot = len(p.metas)
			p.metas = append(p.metas, at.meta)
		}
	}
	bindAll := func(all []*condition) {
		for _, c := range all {
			bind(c.path)
		}
	}
	for _, at := range slices.Concat(p.session, p.locale) {
		bind(at)
	}
	for _, s := range p.streams {
		bindAll(s.end)
	}
	for dir := range p.frames {
		for _, f := range p.frames[dir] {
			bindAll(f.when)
			bindAll(f.opaqueIf)
			bindAll(f.handoff)
			bindAll(f.returned)
			bindAll(f.refused)
			bind(f.sender)
		}
	}
}
