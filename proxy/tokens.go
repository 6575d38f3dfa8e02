package proxy

import "sync"

// tokens are the names of things that must be done once on this node although they
// may come twice: the client publishes an event again when it does not hear that it
// was published, and two nodes may take the same thing in hand. The oldest are
// forgotten beyond a bound. They may be used by any goroutine.
type tokens struct {
	mu   sync.Mutex
	seen *recent[string, struct{}]
}

// maxTokens bounds the memory of one kind of tokens, in bytes: some thousands.
const maxTokens = 1 << 20

// newTokens remembers about so many bytes of them.
func newTokens(bound int) *tokens { return &tokens{seen: newRecent[string, struct{}](bound)} }

// again reports whether a token came before, and remembers it. The empty one never did.
func (t *tokens) again(token string) (again bool) {
	if token == "" {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, again = t.seen.get(token); !again {
		t.seen.put(token, struct{}{}, len(token))
	}
	return again
}
