package proxy

import (
	"hash/maphash"

	"attune/proxy/wire"
)

// told remembers, on this node and within bounds, what customers were told in
// the place of what the bot said, so that the same message reads the same in a
// history or when it comes again.
type told struct {
	seed maphash.Seed
	by   *recent[message, telling] // by the backend's id of the message
	as   *recent[saying, string]   // by session and words, for messages without an id
}

// telling is one reply: a hash of the bot's words, and what was sent for them.
type telling struct {
	words uint64
	sent  string // "" when they were left as they are
}

const maxTold = 8 << 20

func newTold() *told {
	return &told{seed: maphash.MakeSeed(), by: newRecent[message, telling](maxTold), as: newRecent[saying, string](maxTold)}
}

// tell remembers what was sent for a reply.
func (t *told) tell(route *Route, session string, said wire.Item, sent string) {
	words := maphash.String(t.seed, said.Texts[0].Value)
	if sent == said.Texts[0].Value {
		sent = ""
	}
	if said.ID != "" {
		t.by.put(message{route, said.ID}, telling{words, sent}, len(said.ID)+len(sent))
	}
	if sent != "" {
		t.as.put(saying{session: session, words: words}, sent, len(session)+len(sent))
	}
}

// again returns what was sent for a message of which the backend's id is known.
func (t *told) again(route *Route, said wire.Item) (sent string, ok bool) {
	if said.ID == "" {
		return "", false
	}
	was, ok := t.by.get(message{route, said.ID})
	if !ok || was.words != maphash.String(t.seed, said.Texts[0].Value) {
		return "", false
	}
	if was.sent == "" {
		return said.Texts[0].Value, true
	}
	return was.sent, true
}

// before returns what was sent for a reply of a history, in one of some sessions.
func (t *told) before(route *Route, sessions []string, said wire.Item) (sent string, ok bool) {
	if sent, ok = t.again(route, said); ok {
		return sent, true
	}
	words := maphash.String(t.seed, said.Texts[0].Value)
	for _, id := range sessions {
		if sent, ok = t.as.get(saying{session: id, words: words}); ok {
			return sent, true
		}
	}
	return "", false
}
