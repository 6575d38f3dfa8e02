package session

import (
	"context"
	"encoding"
	"slices"
	"time"
)

// written is what a flush wrote of one session.
type written struct {
	sess *Session
	gen  uint64 // of the conversation that was written
	// last is the number of the latest turn, fresh how many turns were sent.
	last  uint64
	fresh int
	epoch uint64
	// handed: the owner to be waits for it.
	handed bool
	// renewed is when the keys were told how long to live, 0 when they were not.
	renewed int64
	// turns are the new ones, when somebody watches.
	turns []Turn
}

// part is one script call and the sessions in it.
type part struct {
	call
	shard    int
	bytes    int
	sessions []written
}

// luggage is the memory of trips, which follow one another: a flush of many
// sessions would leave it all to the collector, every second.
type luggage struct {
	parts []*part
	used  int
	data  []byte // what is encoded, one behind the other
}

// Memory that a trip needs rarely is not kept for the next one.
const (
	maxKeptArgs = 1 << 10 // of a part
	maxKeptData = 256 << 10
)

// part returns an empty one.
func (l *luggage) part(shard int) *part {
	if l.used == len(l.parts) {
		l.parts = append(l.parts, new(part))
	}
	p := l.parts[l.used]
	l.used++
	*p = part{shard: shard, call: call{keys: p.keys[:0], args: p.args[:0]}, sessions: p.sessions[:0]}
	return p
}

// encode appends to the data and returns what was appended.
func (l *luggage) encode(with func(dst []byte) []byte) []byte {
	from := len(l.data)
	l.data = with(l.data)
	return l.data[from:len(l.data):len(l.data)]
}

// unpack lets go of what the trip was about.
func (l *luggage) unpack() {
	for i, p := range l.parts[:l.used] {
		if cap(p.args) > maxKeptArgs {
			l.parts[i] = new(part)
			continue
		}
		clear(p.keys)
		clear(p.args)
		clear(p.sessions)
		p.cmd = nil
	}
	if l.used, l.data = 0, l.data[:0]; cap(l.data) > maxKeptData {
		l.data = nil
	}
}

// trip writes as many of the sessions as fit into one round trip and returns
// the others. What could not be written is dirty again.
func (s *Store) trip(ctx context.Context, list []*Session) ([]*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.stretch(callTimeout))
	defer cancel()
	defer s.luggage.unpack()
	var parts []*part
	total := 0
	for len(list) > 0 && total < maxBytesATrip {
		sess := list[0]
		list = list[1:]
		shard := Shard(sess.id)
		p := (*part)(nil)
		if n := len(parts); n > 0 {
			p = parts[n-1]
		}
		if p == nil || p.shard != shard || len(p.sessions) >= maxSessionsACall {
			p = s.luggage.part(shard)
			p.args = append(p.args, s.instance, s.ttl().Milliseconds(), MaxTurns)
			parts = append(parts, p)
		}
		before := p.bytes
		if !s.snapshot(sess, p) {
			continue
		}
		total += p.bytes - before
	}
	parts = slices.DeleteFunc(parts, func(p *part) bool { return len(p.sessions) == 0 })
	if len(parts) == 0 {
		return list, nil
	}
	calls := make([]*call, len(parts))
	for i, p := range parts {
		calls[i] = &p.call
	}
	begin := time.Now()
	err := runAll(ctx, s.client, s.scripts.flush, calls)
	s.note("flush", begin, err)
	var events []Event
	for _, p := range parts {
		answers, failed := p.cmd.Slice()
		for i, w := range p.sessions {
			if failed != nil || i >= len(answers) {
				s.again(w)
				continue
			}
			answer, _ := answers[i].([]any)
			events = append(events, s.settle(w, answer)...)
		}
	}
	s.publishAll(ctx, events)
	return list, err
}

// snapshot adds what a session has to store to a call; false when it has nothing.
func (s *Store) snapshot(sess *Session, p *part) bool {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if !sess.dirty {
		return false
	}
	b := &sess.book
	sess.dirty = false
	var state []byte
	if sess.owner == "" || sess.handing { // else the owner's is stored
		state = s.luggage.encode(func(dst []byte) []byte { return s.appendState(dst, sess) })
	}
	meta := s.luggage.encode(func(dst []byte) []byte { return appendMeta(dst, &b.Meta) })
	fresh := b.turns[b.stored:]
	w := written{sess: sess, gen: sess.gen, last: b.last, epoch: b.Epoch, fresh: len(fresh), handed: sess.handing}
	sess.handing = false
	now, renew := time.Now(), 0
	if sess.ver == 0 || now.UnixMilli()-sess.renewed >= s.renewEvery().Milliseconds() {
		renew, w.renewed = 1, now.UnixMilli()
	}
	p.keys = append(p.keys, recordKey(sess.id), turnsKey(sess.id), tombKey(sess.id))
	p.args = append(p.args, sess.gen, sess.ver, b.count, state, meta,
		b.Floor.String(), b.Epoch, b.Holder, sess.outcome, w.last, renew, len(fresh))
	p.bytes += len(state) + len(meta) + 256
	watched := now.Before(sess.watched)
	for i := range fresh {
		t := b.named(&fresh[i])
		data := s.luggage.encode(func(dst []byte) []byte { return appendTurn(dst, &t) })
		p.args = append(p.args, fresh[i].seq, data)
		p.bytes += len(data)
		if watched {
			w.turns = append(w.turns, t)
		}
	}
	p.sessions = append(p.sessions, w)
	return true
}

// appendState appends the encoded state of a session, nothing when there is a
// fault in it.
func (s *Store) appendState(dst []byte, sess *Session) []byte {
	var err error
	start := len(dst)
	if a, ok := sess.book.State.(encoding.BinaryAppender); ok {
		dst, err = a.AppendBinary(dst)
	} else {
		var data []byte
		data, err = sess.book.State.MarshalBinary()
		dst = append(dst, data...)
	}
	if err != nil {
		s.cfg.Logger.Error("the state cannot be stored", "session", sess.id, "error", err)
		return dst[:start]
	}
	return dst
}

// again puts a session that was not written back on the list.
func (s *Store) again(w written) {
	w.sess.mu.Lock()
	w.sess.handing = w.sess.handing || w.handed && w.sess.owner != ""
	w.sess.mark()
	w.sess.mu.Unlock()
}

// settle draws the conclusions of what the script said about one session and
// returns what other nodes should know.
func (s *Store) settle(w written, answer reply) []Event {
	sess := w.sess
	var events []Event
	sess.mu.Lock()
	if sess.gen != w.gen { // erased or ended meanwhile: the answer is about what is no more
		sess.mu.Unlock()
		return nil
	}
	changed := false
	switch answer.int(0) {
	case flushDone, flushConflict:
		sess.ver = answer.uint(1)
		if w.renewed > 0 {
			sess.renewed = w.renewed
		}
		if floor, err := ParseFloor(answer.str(3)); err == nil {
			changed = sess.learn(floor, answer.uint(2), answer.str(4))
		}
		if answer.int(0) == flushConflict {
			sess.contest(answer.str(7))
			sess.meet(answer.str(6), int(answer.int(5))-w.fresh, w.handed)
		}
		sess.book.trim(w.last)
		sess.book.count = int(answer.int(5)) + len(sess.book.turns) - sess.book.stored
		if w.epoch > sess.announced {
			sess.announced = w.epoch
			if !changed && w.epoch > 0 {
				// As it is stored: the floor may have been taken here since.
				e := sess.floorEvent()
				e.Epoch, e.Holder = answer.uint(2), answer.str(4)
				if floor, err := ParseFloor(answer.str(3)); err == nil {
					e.Floor = floor
				}
				events = append(events, e)
			}
		}
		if len(w.turns) > 0 {
			events = append(events, Event{Session: sess.id, Kind: KindTurns, Node: s.instance, Turns: w.turns})
		}
	case flushErased:
		if gen := answer.uint(1); sess.gen <= gen {
			sess.mu.Unlock()
			sess.purge(gen)
			sess.mu.Lock()
		}
	case flushEnded:
		if !sess.ended {
			// A conversation that began elsewhere since is joined.
			sess.gen, sess.ver = answer.uint(1)+answer.uint(2), 0
			sess.mark()
		}
	case flushLost:
		sess.renew()
		sess.mark()
	default:
		sess.mark()
	}
	over := sess.ended && !sess.dirty
	e := sess.floorEvent()
	sess.mu.Unlock()
	if changed {
		s.handle(e)
	}
	if over {
		s.finished(sess)
	}
	for _, e := range events {
		if e.Kind == KindTurns {
			s.handle(e)
		}
	}
	if s.embedded != nil {
		s.evict(sess.id)
	}
	return events
}
