package proxy

import (
	"hash/maphash"
	"time"

	"attune/proxy/wire"
)

// hearsay remembers, on this node and within bounds, what customers said, so
// that it is judged once although it comes along several ways: by HTTP and as an
// echo over every socket of the conversation, or over HTTP again when the widget
// got no answer. Words are kept as hashes.
type hearsay struct {
	seed maphash.Seed
	said *recent[saying, noted]
}

// saying names something said in a session: by an id, or by its words.
type saying struct {
	session string
	id      string
	words   uint64
}

// noted is what became of it.
type noted struct {
	at        time.Time
	correlate string // the widget's own id of it
	words     uint64
	echo      uint64 // the bridge over which it was heard as an echo, 0 for none
	kept      bool   // it was kept from the backend
	number    uint64 // of the answer that the widget got then
}

const (
	maxHearsay = 4 << 20
	// sameWords is how long the same words, without an id, are the same message.
	sameWords = time.Minute
)

func newHearsay() *hearsay {
	return &hearsay{seed: maphash.MakeSeed(), said: newRecent[saying, noted](maxHearsay)}
}

// note remembers that something was heard.
func (h *hearsay) note(session string, said wire.Item, n noted) {
	n.correlate, n.words = said.Correlate, h.hash(said)
	size := len(session) + len(n.correlate)
	if said.Correlate != "" {
		h.said.put(saying{session: session, id: "c" + said.Correlate}, n, size)
	}
	if said.ID != "" {
		h.said.put(saying{session: session, id: "i" + said.ID}, n, size+len(said.ID))
	}
	h.said.put(saying{session: session, words: n.words}, n, size)
}

func (h *hearsay) hash(said wire.Item) uint64 { return maphash.String(h.seed, said.Texts[0].Value) }

// again returns what became of a message that the widget sends once more.
func (h *hearsay) again(session string, said wire.Item) (noted, bool) {
	if said.Correlate == "" {
		return noted{}, false
	}
	n, ok := h.said.get(saying{session: session, id: "c" + said.Correlate})
	return n, ok && n.echo == 0 && n.words == h.hash(said)
}

// known reports whether an echo over a bridge is of something that was heard
// already.
func (h *hearsay) known(session string, said wire.Item, bridge uint64, now time.Time) bool {
	if said.Correlate != "" {
		if _, ok := h.said.get(saying{session: session, id: "c" + said.Correlate}); ok {
			return true
		}
	}
	if said.ID != "" {
		if _, ok := h.said.get(saying{session: session, id: "i" + said.ID}); ok {
			return true
		}
	}
	n, ok := h.said.get(saying{session: session, words: h.hash(said)})
	if !ok || now.Sub(n.at) > sameWords {
		return false
	}
	// Two ids are two messages, and so are two echoes on one socket.
	return (n.correlate == "" || said.Correlate == "") && n.echo != bridge
}
