package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// SetFloor gives the floor of a session to somebody and returns the epoch that
// this change was given. It acts once for each token, which the caller makes
// and keeps over retries: asked again with the same token it returns the same
// epoch, whatever happened since. The change is stored before it returns, and
// every node is told (KindFloor).
//
// When Redis cannot be used and this node holds the session, the change is made
// here, ErrDegraded is returned with the epoch it has for now, and it is
// stored, or gives way to a newer floor, when Redis is back. Otherwise an error
// means that it is not known whether the change was made.
func (s *Store) SetFloor(ctx context.Context, id string, to Floor, holder, token string) (epoch uint64, err error) {
	if token == "" || strings.ContainsAny(token, " =") || len(token) > 64 {
		return 0, errors.New("session: set floor: token must be 1 to 64 characters without space and =")
	}
	sess, local := s.Live(id)
	var gen, least uint64
	if local {
		// Which conversation it is, and how far its epoch has come, the record says.
		if err := s.known(ctx, sess); err != nil {
			if unavailable(err) {
				return s.floorHere(sess, to, holder), fmt.Errorf("%w: set floor: %w", ErrDegraded, err)
			}
			return 0, err
		}
		sess.mu.Lock()
		gen, least = sess.gen, sess.book.Epoch+1
		sess.mu.Unlock()
	}
	e := Event{Session: id, Kind: KindFloor, Node: s.instance, Floor: to, Epoch: unknown, Holder: holder}
	before, after, err := split(e)
	if err != nil {
		return 0, err
	}
	k := &call{
		keys: []string{recordKey(id), tombKey(id), turnsKey(id)},
		args: []any{to.String(), holder, token, least, s.ttl().Milliseconds(), gen, bus, before, after},
	}
	begin := time.Now()
	err = runAll(ctx, s.client, s.scripts.floor, []*call{k})
	s.note("floor", begin, err)
	if err != nil {
		if local && unavailable(err) {
			return s.floorHere(sess, to, holder), fmt.Errorf("%w: set floor: %w", ErrDegraded, err)
		}
		return 0, fmt.Errorf("session: set floor: %w", err)
	}
	answer, err := k.cmd.Slice()
	if err != nil {
		return 0, fmt.Errorf("session: set floor: %w", err)
	}
	r := reply(answer)
	switch r.int(0) {
	case floorErased:
		return 0, ErrErased
	case floorAbsent:
		return 0, ErrNotFound
	}
	epoch, e.Epoch = r.uint(1), r.uint(2)
	e.Holder = r.str(4)
	if e.Floor, err = ParseFloor(r.str(3)); err != nil {
		return 0, fmt.Errorf("session: set floor: %w", err)
	}
	if local {
		sess.mu.Lock()
		sess.taken = false
		sess.adopt(e.Floor, e.Epoch, e.Holder)
		sess.mu.Unlock()
	}
	s.handle(e)
	return epoch, nil
}

// floorHere changes the floor in memory; the flush stores it and tells others.
func (s *Store) floorHere(sess *Session, to Floor, holder string) uint64 {
	sess.mu.Lock()
	b := &sess.book
	b.Floor, b.Holder, b.Epoch = to, holder, b.Epoch+1
	sess.provisional, sess.taken = !sess.loaded, false
	sess.mark()
	e := sess.floorEvent()
	sess.mu.Unlock()
	s.pass(e)
	s.wake()
	return e.Epoch
}

// reply reads the nested answers of scripts; what is missing is zero.
type reply []any

func (r reply) int(i int) int64 {
	if i < len(r) {
		if n, ok := r[i].(int64); ok {
			return n
		}
	}
	return 0
}

func (r reply) uint(i int) uint64 { return uint64(max(r.int(i), 0)) }

func (r reply) str(i int) string {
	if i < len(r) {
		if v, ok := r[i].(string); ok {
			return v
		}
	}
	return ""
}
