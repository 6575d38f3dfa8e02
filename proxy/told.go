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
	sent *recent[saying, telling] // by session and the backend's id of the message, and by session and words
}

// telling is one reply: a hash of the bot's words, and what was sent for them.
type telling struct {
	words uint64
	sent  string // "" when they were left as they are
}

const maxTold = 16 << 20

func newTold() *told {
	return &told{seed: maphash.MakeSeed(), sent: newRecent[saying, telling](maxTold)}
}

// tell remembers what was sent for a reply.
func (t *told) tell(session string, said wire.Item, sent string) {
	was := telling{words: maphash.String(t.seed, said.Texts[0].Value)}
	if sent != said.Texts[0].Value {
		was.sent = sent
	}
	size := len(session) + len(was.sent)
	if said.ID != "" {
		t.sent.put(saying{session: session, id: said.ID}, was, size+len(said.ID))
	}
	if was.sent != "" {
		t.sent.put(saying{session: session, words: was.words}, was, size)
	}
}

// again returns what was sent for a message of which the backend's id is known.
func (t *told) again(session string, said wire.Item) (sent string, ok bool) {
	if said.ID == "" {
		return "", false
	}
	was, ok := t.sent.get(saying{session: session, id: said.ID})
	if !ok || was.words != maphash.String(t.seed, said.Texts[0].Value) {
		return "", false
	}
	if was.sent == "" {
		return said.Texts[0].Value, true
	}
	return was.sent, true
}

// before returns what was sent for a reply of a history, in one of some
// sessions: by its id, else by its words.
func (t *told) before(sessions []string, said wire.Item) (sent string, ok bool) {
	for _, id := range sessions {
		if sent, ok = t.again(id, said); ok {
			return sent, true
		}
	}
	words := maphash.String(t.seed, said.Texts[0].Value)
	for _, id := range sessions {
		if was, ok := t.sent.get(saying{session: id, words: words}); ok {
			return was.sent, true
		}
	}
	return "", false
}
