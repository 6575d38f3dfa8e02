package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"time"

	"attune/proxy/session"
)

// ties find the socket that belongs to an HTTP request. What a request says
// about its conversation only correlates, so there must be a proof: the same
// binding as the socket's; or the socket was opened by an address that Attune
// handed out in the answer to such a request; or the backend gave the message
// of such a request an id and sent an echo with that id over the socket. They
// are kept in memory, within bounds, and told to the other nodes (tying.go).
type ties struct {
	callers *recent[string, string]  // the id of a caller's own session -> that of the socket's
	handed  *recent[string, visitor] // the digest of an address's path and query -> who got it

	meeting sync.Mutex               // held while an answer looks for its echo, and the other way round
	answers *recent[message, string] // what the backend answered -> the caller's own session
	echoes  *recent[message, string] // what came over a socket -> its session
}

// message is a message as the backend of a route names it.
type message struct {
	route string // Route.name
	id    string
}

// name tells a route from the others on every node.
func (r *Route) name() string { return r.Host + r.Path }

// visitor is who sends HTTP requests: what they show is a binding, as that of a
// socket, and the conversation they name.
type visitor struct {
	profile  string
	external string
	bindings []string // none: the backend lets everybody speak who knows the conversation
	ids      []string // of the sessions it would have by itself, where another node has found them
	at       time.Time
}

// The bounds of what is remembered, in bytes, and how long an address is good for.
const (
	maxTies    = 4 << 20
	maxMeeting = 1 << 20
	handedFor  = 30 * time.Minute
)

func newTies() *ties {
	return &ties{
		callers: newRecent[string, string](maxTies), handed: newRecent[string, visitor](maxTies),
		answers: newRecent[message, string](maxMeeting), echoes: newRecent[message, string](maxMeeting),
	}
}

// own returns the ids of the sessions that a visitor would have by itself.
func (v visitor) own() []string {
	if v.ids != nil {
		return slices.Clone(v.ids)
	}
	ids := make([]string, 0, 2)
	for _, binding := range v.bindings {
		ids = append(ids, session.Key{Profile: v.profile, External: v.external, Binding: binding}.ID())
	}
	if len(ids) == 0 && v.external != "" {
		ids = append(ids, session.Key{Profile: v.profile, External: v.external}.ID())
	}
	return ids
}

// sessions returns the sessions that a visitor may speak in, the most likely
// first.
func (t *ties) sessions(v visitor) []string {
	ids := v.own()
	for _, id := range ids {
		if tied, _ := t.callers.get(id); tied != "" {
			ids = append(ids, tied)
		}
	}
	return ids
}

// tie says that whoever has these sessions by itself speaks in the conversation of a
// socket, and returns those of them of which that was not known.
func (t *ties) tie(own []string, id string) (anew []string) {
	for _, o := range own {
		if was, _ := t.callers.get(o); o != id && was != id {
			t.callers.put(o, id, len(o)+len(id))
			anew = append(anew, o)
		}
	}
	return anew
}

// untie forgets a tie of which nothing is left.
func (t *ties) untie(own []string, id string) {
	for _, o := range own {
		if was, _ := t.callers.get(o); was == id {
			t.callers.put(o, "", len(o))
		}
	}
}

// hand remembers who was given an address.
func (t *ties) hand(digest string, v visitor) {
	t.handed.put(digest, v, len(digest)+len(v.external)+256)
}

// opener returns who was given the address by which a socket is opened.
func (t *ties) opener(address string) (visitor, bool) {
	v, ok := t.handed.get(addressDigest(address))
	return v, ok && time.Since(v.at) < handedFor
}

// addressDigest stands for an address, which may hold a credential.
func addressDigest(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:])
}

// answered says that the backend has taken a message of somebody who has a session of
// its own, and echoed that one came over a socket: whichever comes first, they meet.
func (t *ties) answered(m message, own string) (id string, met bool) {
	t.meeting.Lock()
	defer t.meeting.Unlock()
	if id, met = t.echoes.get(m); !met {
		t.answers.put(m, own, len(m.id)+len(own))
	}
	return id, met
}

func (t *ties) echoed(m message, id string) (own string, met bool) {
	t.meeting.Lock()
	defer t.meeting.Unlock()
	if own, met = t.answers.get(m); !met {
		t.echoes.put(m, id, len(m.id)+len(id))
	}
	return own, met
}

// visitorOf returns who sends a request, as far as it shows.
func visitorOf(r *http.Request, c caller, route *Route) visitor {
	v := visitor{profile: route.Profile.Name(), at: time.Now()}
	if b := bind(r, c); !b.fresh {
		v.bindings = append(v.bindings, b.secret)
	}
	if b := credentialBinding(r); b != "" && (len(v.bindings) == 0 || v.bindings[0] != b) {
		v.bindings = append(v.bindings, b)
	}
	return v
}
