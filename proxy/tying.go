package proxy

import (
	"encoding/json"
	"time"

	"attune/proxy/session"
)

// A request by HTTP may come to another node than the socket it belongs to. What ties
// the two is therefore told to all nodes: a tie, when it was not known; who was given
// an address; and, where nobody could say whose a message is, the id by which its echo
// may be known. Every node remembers that as if it had seen it itself. A node that has
// missed it learns of it with the next message whose echo comes back.

// The kinds of these events. Their Data is JSON: a list of ids, an address, an answer.
const (
	kindTie      = "tie"      // Session is the socket's
	kindHanded   = "handed"   // somebody was given the address of a socket
	kindAnswered = "answered" // the backend has taken a message
)

// handedJSON is an address that was handed out: a digest of it, and the ids of the
// sessions that its holder would have.
type handedJSON struct {
	Address string   `json:"a"`
	Profile string   `json:"p"`
	Name    string   `json:"x,omitempty"` // of the conversation
	Own     []string `json:"o"`
}

// answeredJSON is a message that the backend has taken, and the session that its
// sender would have.
type answeredJSON struct {
	Route string `json:"r"`
	ID    string `json:"i"`
	Own   string `json:"o"`
}

// tie says that whoever has these sessions by itself speaks in a socket's.
func (s *Server) tie(own []string, id string) {
	if anew := s.ties.tie(own, id); len(anew) > 0 {
		s.tellNodes(kindTie, id, anew)
	}
}

// hand remembers who was given an address.
func (s *Server) hand(address string, v visitor) {
	digest := addressDigest(address)
	s.ties.hand(digest, v)
	if own := v.own(); len(own) > 0 {
		s.tellNodes(kindHanded, "", handedJSON{digest, v.profile, v.external, own})
	}
}

// answered says that the backend has taken a visitor's message. heard: whose it is was
// known.
func (s *Server) answered(m message, v visitor, heard bool) {
	own := v.own()
	if len(own) == 0 {
		return
	}
	id, met := s.ties.answered(m, own[0])
	switch {
	case met:
		s.tie(own, id)
	case !heard:
		s.tellNodes(kindAnswered, "", answeredJSON{m.route, m.id, own[0]})
	}
}

// echoed says that a message of the customer's came over a socket.
func (s *Server) echoed(m message, id string) {
	if own, met := s.ties.echoed(m, id); met {
		s.tie([]string{own}, id)
	}
}

func (s *Server) tellNodes(kind, id string, what any) {
	if data, err := json.Marshal(what); err == nil {
		s.desk.post(session.Event{Session: id, Kind: kind, Data: data})
	}
}

// tied takes note of what another node says. It reports false for an event of another
// kind.
func (s *Server) tied(e session.Event) bool {
	other := e.Node != s.cfg.Store.Instance()
	switch e.Kind {
	case kindTie:
		var own []string
		if other && json.Unmarshal(e.Data, &own) == nil {
			s.ties.tie(own, e.Session)
		}
	case kindHanded:
		var h handedJSON
		if other && json.Unmarshal(e.Data, &h) == nil {
			s.ties.hand(h.Address, visitor{profile: h.Profile, external: h.Name, ids: h.Own, at: time.Now()})
		}
	case kindAnswered:
		var a answeredJSON
		if other && json.Unmarshal(e.Data, &a) == nil {
			if id, met := s.ties.answered(message{a.Route, a.ID}, a.Own); met {
				s.tie([]string{a.Own}, id)
			}
		}
	default:
		return false
	}
	return true
}
