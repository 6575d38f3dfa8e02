package wire

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// bodies is what bodies of HTTP are, whatever frames the protocol has on its socket.
var bodies = framed{name: "raw", open: framings[0].open, metas: []string{"segment."}}

// routes reads the HTTP routes of a profile.
func (r *reading) routes(n ast.Node, p *Profile) {
	r.framing = &bodies
	r.list(n, func(n ast.Node) { r.route(n, p) })
	r.framing = p.framing
}

// routeMethods are the methods a route can have.
var routeMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// route reads one HTTP route.
func (r *reading) route(n ast.Node, p *Profile) {
	rt := &Route{status: http.StatusOK}
	request := &Profile{seed: p.seed, framing: &framings[0]}
	f := &frame{kind: Control, stream: -1}
	var answerEach *path
	var answer ast.Node
	var named, history, reads bool
	r.mapping(n, "a route", fields{
		"match": func(n ast.Node) { r.match(n, rt) },
		"dir":   func(n ast.Node) { r.word(n, "up", "down", "any") },
		"as": func(n ast.Node) {
			i, ok := r.word(n, "up", "down")
			history = ok && i == 1
		},
		"kind": func(n ast.Node) {
			i, _ := r.word(n, kindNames[1:]...)
			f.kind, reads = Kind(i+1), true
		},
		"role": func(n ast.Node) {
			i, _ := r.word(n, roleNames[1:]...)
			f.role = Role(i + 1)
		},
		"when": func(n ast.Node) { f.when = r.conditions(n) },
		"text": func(n ast.Node) { r.list(n, func(n ast.Node) { r.textRule(n, f) }) },
		"session": func(n ast.Node) {
			named = true
			if s, ok := n.(*ast.StringNode); !ok || s.Value != "none" {
				r.routeSession(n, rt, request)
			}
		},
		"id": func(n ast.Node) {
			if at := r.path(n, rootItem, rootFrame, rootResponse); at != nil && at.root == rootResponse {
				rt.id = at.ofDocument()
			} else {
				f.id = at
			}
		},
		"each": func(n ast.Node) {
			if at := r.path(n, rootItem, rootFrame, rootResponse); at != nil && at.root == rootResponse {
				answerEach = at.ofDocument()
			} else {
				request.each = at
			}
		},
		"credential": func(n ast.Node) {
			if at := r.path(n, rootResponse); at != nil {
				rt.token = at.ofDocument()
			}
		},
		"correlate": func(n ast.Node) {
			if f.correlate = r.path(n, rootItem, rootFrame); f.correlate != nil {
				request.remember = append(request.remember, variable{"correlate", f.correlate})
			}
		},
		"remember": func(n ast.Node) { request.remember = append(request.remember, r.remember(n)...) },
		"rewrite_url": func(n ast.Node) {
			r.list(n, func(n ast.Node) {
				if at := r.path(n, rootResponse); at != nil {
					rt.urls = append(rt.urls, at.ofDocument())
				}
			})
		},
		"answer": func(n ast.Node) { answer = n },
	})
	if rt.method == "" {
		r.fault(n, `add match: "POST /path"`, "the route matches nothing")
	}
	if !named && slices.Contains(rt.pattern, "*") {
		request.session = []*path{{root: rootMeta, meta: "segment.1"}}
	}
	switch {
	case !reads:
	case history: // the elements of the answer have a shape of their own
		f.role = cmp.Or(f.role, usualRole(f.kind, Down))
	default:
		f.role = cmp.Or(f.role, usualRole(f.kind, Up))
		request.frames[Up] = []*frame{f}
	}
	if len(request.frames[Up]) > 0 || len(request.session) > 0 || len(request.remember) > 0 {
		request.bindMeta()
		rt.request = request
	}
	if answer != nil {
		r.answer(answer, p, rt)
	}
	if history {
		rt.answer = &Profile{seed: p.seed, framing: &framings[0], each: answerEach, wide: true}
		if reads {
			rt.answer.frames[Down] = []*frame{f}
			rt.answer.bindMeta()
		}
	}
	p.routes = append(p.routes, rt)
}

// match reads the method and the path of a route.
func (r *reading) match(n ast.Node, rt *Route) {
	s, ok := r.text(n)
	if !ok {
		rt.method = "?" // the fault was told
		return
	}
	method, path, ok := strings.Cut(s, " ")
	path = strings.TrimSpace(path)
	if !ok || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#") {
		r.fault(n, `as in "POST /messages"`, "a route matches a method and a path")
		rt.method = "?"
		return
	}
	if !slices.Contains(routeMethods, method) {
		r.fault(n, "one of "+strings.Join(routeMethods, ", "), "unknown method %q", method)
	}
	rt.method = method
	rt.pattern = slices.Collect(segmentsOf(path))
}

// routeSession reads where the session id of a route is.
func (r *reading) routeSession(n ast.Node, rt *Route, request *Profile) {
	r.list(n, func(n ast.Node) {
		at := r.path(n, rootItem, rootFrame, rootMeta, rootResponse)
		switch {
		case at == nil:
		case at.root == rootResponse:
			rt.session = at.ofDocument()
		default:
			request.session = append(request.session, at)
		}
	})
}

// answer reads what a request is answered that is kept from the backend: a template, or a mapping with its status.
func (r *reading) answer(n ast.Node, p *Profile, rt *Route) {
	body := n
	if _, ok := n.(*ast.StringNode); !ok {
		body = nil
		r.mapping(n, "answer", fields{
			"status": func(n ast.Node) {
				if i, ok := r.integer(n); ok && i >= 200 && i < 300 {
					rt.status = int(i)
				} else if ok {
					r.fault(n, "a number from 200 to 299", "the answer says that all went well")
				}
			},
			"body": func(n ast.Node) { body = n },
		})
	}
	if body == nil {
		return
	}
	if src, ok := r.text(body); ok {
		known := p.variables(rt)
		t, err := parseTemplate(src, known, &bodies)
		if err != nil {
			r.inside(body, err, "variables: "+join(known))
			return
		}
		rt.reply = t
	}
}

// isBlind reports whether customers speak by HTTP: a route says so, or no message upstream is theirs while there are
// echoes of what they said.
func (p *Profile) isBlind() bool {
	speech := func(f *frame) bool { return f.kind == Message && f.role == Customer }
	for _, r := range p.routes {
		if r.request != nil && slices.ContainsFunc(r.request.frames[Up], speech) {
			return true
		}
	}
	echo := func(f *frame) bool { return f.kind == Echo && f.role == Customer }
	return !slices.ContainsFunc(p.frames[Up], speech) && slices.ContainsFunc(p.frames[Down], echo)
}

// finishRoutes gives the routes whose answers repeat what was said the profile's frames, once all are known.
func (p *Profile) finishRoutes() {
	for _, r := range p.routes {
		if r.answer != nil && r.answer.frames[Down] == nil {
			r.answer.frames[Down], r.answer.metas = p.frames[Down], p.metas
		}
	}
}

// ofDocument is a path from $response as one from the root of the answer.
func (p *path) ofDocument() *path {
	return &path{root: rootItem, segments: p.segments, src: p.src}
}
