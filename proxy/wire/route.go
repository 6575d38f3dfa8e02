package wire

import (
	"slices"
	"strings"
)

// Route is one HTTP route of a profile: a request of the widget's that travels beside its socket, and what is to be
// read of it and of its answer. It is immutable; any number of goroutines may use it.
type Route struct {
	method  string
	pattern []string // segments of the path; "*" stands for any one

	request *Profile  // reads what the customer sends; nil where nothing of it is read
	session *path     // in the answer: the session id, nil when the request has it or nobody
	id      *path     // in the answer: the id that the backend gave to the message
	token   *path     // in the answer: what the widget will show as its credential
	urls    []*path   // in the answer: addresses of the backend
	answer  *Profile  // reads what is said in the answer, as messages that come down; nil where nothing is
	reply   *template // what a request is answered that is kept from the backend, nil for {}
	status  int       // and with which HTTP status
}

// Routes reports whether the profile has HTTP routes.
func (p *Profile) Routes() bool { return len(p.routes) > 0 }

// Route finds the route of a request: of those for its method and path, the first. path is unescaped and has no query.
func (p *Profile) Route(method, path string) (*Route, bool) {
	for _, r := range p.routes {
		if r.method == method && r.fits(path) {
			return r, true
		}
	}
	return nil, false
}

// Methods lists the methods for which the profile has a route of that path, sorted, without repeats.
func (p *Profile) Methods(path string) []string {
	var all []string
	for _, r := range p.routes {
		if r.fits(path) {
			all = append(all, r.method)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fits reports whether a path is the route's.
func (r *Route) fits(path string) bool {
	n := 0
	for segment := range segmentsOf(path) {
		if n == len(r.pattern) || r.pattern[n] != "*" && r.pattern[n] != segment || segment == "" && r.pattern[n] == "*" {
			return false
		}
		n++
	}
	return n == len(r.pattern)
}

// stars is what the stars of the pattern stand for in a path that fits.
func (r *Route) stars(path string) []string {
	var all []string
	n := 0
	for segment := range segmentsOf(path) {
		if r.pattern[n] == "*" {
			all = append(all, segment)
		}
		n++
	}
	return all
}

func segmentsOf(path string) func(func(string) bool) {
	return strings.SplitSeq(strings.TrimPrefix(path, "/"), "/")
}

// Status is the HTTP status of the answer to a request that is kept from the backend.
func (r *Route) Status() int { return r.status }

// RewritesURLs reports whether answers hold addresses of the backend.
func (r *Route) RewritesURLs() bool { return len(r.urls) > 0 }

// ReadsRequest reports whether there is anything to read in the bodies of requests.
func (r *Route) ReadsRequest() bool { return r.request != nil }

// ReadsAnswer reports whether there is anything to read in the bodies of answers.
func (r *Route) ReadsAnswer() bool {
	return r.answer != nil || r.session != nil || r.id != nil || r.token != nil || len(r.urls) > 0
}

// Exchange is one request on a route and its answer. It belongs to one caller at a time.
type Exchange struct {
	route   *Route
	request *Translator
	answer  *Translator
	session string
	id      string
	token   string
	vars    []filled
}

// filled is a variable of templates with the JSON that goes in.
type filled struct {
	name string
	json []byte
}

// Open returns the exchange of a request; u.Path must fit the route.
func (r *Route) Open(u Upgrade) *Exchange {
	x := &Exchange{route: r}
	if r.request != nil {
		u.segments = r.stars(u.Path)
		x.request = r.request.Open(u)
		x.session = x.request.session
	}
	return x
}

// Request returns what the body of the request says, as [Translator.Read] does.
func (x *Exchange) Request(body []byte) []Item {
	if x.request == nil {
		return nil
	}
	items := x.request.Read(Up, body)
	x.session = x.request.session
	for i, v := range x.request.profile.remember {
		if i < len(x.request.remembered) && len(x.request.remembered[i]) > 0 {
			x.vars = append(x.vars, filled{v.name, slices.Clone(x.request.remembered[i])})
		}
	}
	return items
}

// Answer reads the body of the answer. An Item of Kind Control comes first where there are addresses of the backend;
// they are its Texts. The others are what is said, as messages that come down.
func (x *Exchange) Answer(body []byte) []Item {
	r := x.route
	p := r.answer
	if p == nil {
		p = plainAnswer
	}
	x.answer = p.Open(Upgrade{})
	return x.answer.readWith(Down, body, func(rd *reader) {
		if v := x.answer.scalar(rd, r.session, rd.records[0].root); x.session == "" && len(v) <= maxSession {
			x.session = string(v)
		}
		if v := x.answer.scalar(rd, r.id, rd.records[0].root); len(v) <= maxMeta {
			x.id = string(v)
		}
		x.token = string(x.answer.scalar(rd, r.token, rd.records[0].root))
		x.answer.takeAddresses(rd, r.urls)
	})
}

// plainAnswer reads answers in which nobody says anything.
var plainAnswer = &Profile{framing: &framings[0]}

// takeAddresses makes an item of the strings at some paths, when there are any.
func (t *Translator) takeAddresses(r *reader, urls []*path) {
	for _, p := range urls {
		mark := len(r.found)
		r.found = r.find(r.found, p, r.records[0].root)
		for _, hit := range r.found[mark:] {
			t.takeText(r, hit, Plain)
		}
		r.found = r.found[:mark]
	}
	if len(t.texts) > 0 {
		t.items = append(t.items, Item{Kind: Control, Texts: t.texts})
	}
}

// Splice appends the answer last read with some of its texts changed, as [Translator.Splice] does.
func (x *Exchange) Splice(dst, body []byte, edits []Edit) []byte {
	if x.answer == nil {
		return append(dst, body...)
	}
	return x.answer.Splice(dst, body, edits)
}

// Session is the id by which the protocol knows the conversation: of the path, the request or the answer, as far as
// they were read; "" when none has it. It only correlates.
func (x *Exchange) Session() string { return x.session }

// ID is the id that the backend gave to the message, "" before the answer was read and where it has none.
func (x *Exchange) ID() string { return x.id }

// Credential is the bearer token that the answer gives to the widget, "" before the answer was read and where it gives
// none. It is a secret.
func (x *Exchange) Credential() string { return x.token }

// Values are those of the request, for templates that answer it: what was said, and a number that tells this message
// from others of ours. [Translator.Count] makes one.
func (x *Exchange) Values(text string, n uint64) Values {
	return Values{Text: text, count: n, more: x.vars}
}

// Reply appends the body that answers a request which is kept from the backend. t is the translator of the socket the
// conversation has.
func (x *Exchange) Reply(dst []byte, t *Translator, v Values) []byte {
	if x.route.reply != nil {
		if out, err := t.fillFor(dst, x.route.reply, &v); err == nil {
			return out
		}
	}
	return append(dst, "{}"...)
}
