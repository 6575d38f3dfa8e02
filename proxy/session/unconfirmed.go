package session

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// UnconfirmedTTL is how long a message waits for a sign of the widget.
	UnconfirmedTTL = 5 * time.Minute
	// maxUnconfirmed bounds the messages of one session that wait; the oldest go.
	maxUnconfirmed = 32
)

// Unconfirmed is a message of Attune's or an agent's that was sent to a widget and
// may not have arrived.
type Unconfirmed struct {
	// ID tells it from others; it is the same for all bridges that sent it.
	ID string    `json:"i"`
	At time.Time `json:"-"`
	// Message is what was sent, whole.
	Message []byte `json:"m"`

	Gen  uint64 `json:"g"` // the conversation it belongs to
	Unix int64  `json:"t"` // At, in milliseconds

	stored bool // Redis has it
}

// ErrSealed says that a message which waits was encrypted by a node with another
// secret.
var ErrSealed = errors.New("session: a kept message cannot be read: do all nodes have the same ATTUNE_SECRET?")

// seal encrypts what waits in Redis; nil where Config.Secret is not set.
func seal(secret string) (cipher.AEAD, error) {
	if secret == "" {
		return nil, nil //nolint:nilnil // nothing is sealed then
	}
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "attune unconfirmed messages", 32)
	if err != nil {
		return nil, fmt.Errorf("session: secret: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("session: secret: %w", err)
	}
	sealed, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("session: secret: %w", err)
	}
	return sealed, nil
}

// Keep keeps a message until Confirm, at most UnconfirmedTTL: in memory, and with
// Config.Secret, encrypted, in Redis, where another node finds it. An error says
// that it does not.
func (s *Store) Keep(ctx context.Context, sess *Session, u Unconfirmed) error {
	sess.mu.Lock()
	if sess.ended || slices.ContainsFunc(sess.unconfirmed, func(o Unconfirmed) bool { return o.ID == u.ID }) || slices.Contains(sess.confirmed, u.ID) {
		sess.mu.Unlock()
		return nil
	}
	u.Gen, u.Unix = sess.gen, u.At.UnixMilli()
	sess.unconfirmed = append(stillWaiting(sess.unconfirmed), u)
	if over := len(sess.unconfirmed) - maxUnconfirmed; over > 0 {
		sess.unconfirmed = slices.Delete(sess.unconfirmed, 0, over)
	}
	sess.mu.Unlock()
	if s.sealed == nil || s.embedded != nil {
		return nil
	}
	data, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("session: keep: %w", err)
	}
	key := unconfirmedKey(sess.id)
	data = s.sealed.Seal(nil, nil, data, []byte(key))
	k := &call{keys: []string{key, tombKey(sess.id)}, args: []any{u.ID, data, UnconfirmedTTL.Milliseconds(), u.Gen}}
	begin := time.Now()
	err = runAll(ctx, s.client, s.scripts.keep, []*call{k})
	s.note("keep", begin, err)
	if err != nil {
		return fmt.Errorf("session: keep: %w", err)
	}
	sess.mu.Lock()
	late := slices.Contains(sess.confirmed, u.ID)
	for i := range sess.unconfirmed {
		if o := &sess.unconfirmed[i]; o.ID == u.ID {
			o.stored = true
		}
	}
	sess.mu.Unlock()
	if late { // it was confirmed meanwhile
		return s.Confirm(ctx, sess, u.ID)
	}
	return nil
}

// Confirm forgets messages: the widget has them.
func (s *Store) Confirm(ctx context.Context, sess *Session, ids ...string) error {
	sess.mu.Lock()
	sess.unconfirmed = slices.DeleteFunc(sess.unconfirmed, func(u Unconfirmed) bool { return slices.Contains(ids, u.ID) })
	if len(sess.unconfirmed) == 0 {
		sess.unconfirmed = nil
	}
	// One that is confirmed before Keep was called stays away.
	sess.confirmed = append(sess.confirmed, ids...)
	sess.confirmed = sess.confirmed[max(0, len(sess.confirmed)-maxUnconfirmed):]
	sess.mu.Unlock()
	if s.sealed == nil || s.embedded != nil {
		return nil
	}
	begin := time.Now()
	err := s.client.HDel(ctx, unconfirmedKey(sess.id), ids...).Err()
	s.note("keep", begin, err)
	if err != nil {
		return fmt.Errorf("session: confirm: %w", err)
	}
	return nil
}

// Unconfirmed returns the messages of the conversation that wait, oldest first:
// those of this node, and those of others as far as Redis answers. ErrSealed comes
// with all that could be read.
func (s *Store) Unconfirmed(ctx context.Context, sess *Session) ([]Unconfirmed, error) {
	sess.mu.Lock()
	gen, list := sess.gen, slices.Clone(stillWaiting(sess.unconfirmed))
	confirmed := slices.Clone(sess.confirmed)
	sess.mu.Unlock()
	if s.sealed == nil || s.embedded != nil {
		return list, nil
	}
	if s.Degraded() {
		return list, ErrDegraded
	}
	key := unconfirmedKey(sess.id)
	begin := time.Now()
	fields, err := s.client.HGetAll(ctx, key).Result()
	s.observe("keep", begin, err)
	if err == nil { // what Redis has no more, another node has had confirmed
		list = slices.DeleteFunc(list, func(u Unconfirmed) bool { return u.stored && fields[u.ID] == "" })
	}
	var bad error
	for id, data := range fields {
		var u Unconfirmed
		plain, broken := s.sealed.Open(nil, nil, []byte(data), []byte(key))
		if broken == nil {
			broken = json.Unmarshal(plain, &u)
		}
		if broken != nil {
			bad = ErrSealed
			continue
		}
		u.At = time.UnixMilli(u.Unix)
		here := slices.ContainsFunc(list, func(o Unconfirmed) bool { return o.ID == id })
		if u.ID == id && u.Gen == gen && !here && !slices.Contains(confirmed, id) {
			list = append(list, u)
		}
	}
	list = stillWaiting(list)
	slices.SortStableFunc(list, func(a, b Unconfirmed) int { return a.At.Compare(b.At) })
	if err != nil {
		return list, fmt.Errorf("session: unconfirmed: %w", err)
	}
	return list, bad
}

// stillWaiting leaves out what has waited for too long.
func stillWaiting(list []Unconfirmed) []Unconfirmed {
	return slices.DeleteFunc(list, func(u Unconfirmed) bool { return time.Since(u.At) > UnconfirmedTTL })
}

// remembers reports whether messages wait for a sign of the widget in this node's
// memory only. Called with mu held.
func (s *Session) remembers(now time.Time) bool {
	return slices.ContainsFunc(s.unconfirmed, func(u Unconfirmed) bool { return !u.stored && now.Sub(u.At) < UnconfirmedTTL })
}
