package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// metaJSON is Meta in Redis: p profile, l locale, a path, c channel, s started
// and t seen in Unix milliseconds. Unknown keys are skipped.
type metaJSON struct {
	Profile string `json:"p,omitempty"`
	Locale  string `json:"l,omitempty"`
	Path    string `json:"a,omitempty"`
	Channel string `json:"c,omitempty"`
	Started int64  `json:"s"`
	Seen    int64  `json:"t"`
}

func decodeMeta(data string) (Meta, bool) {
	var j metaJSON
	if json.Unmarshal([]byte(data), &j) != nil {
		return Meta{}, false
	}
	return Meta{j.Profile, j.Locale, j.Path, j.Channel, time.UnixMilli(j.Started), time.UnixMilli(j.Seen)}, true
}

// record is what Redis has of a session.
type record struct {
	exists, ended bool
	gen, ver      uint64
	tomb          uint64
	state         string
	meta          Meta
	hasMeta       bool
	count         int
	floor         Floor
	epoch         uint64
	holder        string
	turns         []Turn
	holders       holders
}

// reads are the answers to the questions for one record.
type reads struct {
	join   *redis.Cmd // nil without
	fields *redis.SliceCmd
	tomb   *redis.StringCmd
	turns  *redis.StringSliceCmd
}

// failed is why the record could not be read. That the node could not join says
// nothing about that: it is tried again as long as the session is in doubt.
func (r *reads) failed() error {
	for _, err := range []error{r.fields.Err(), r.tomb.Err(), r.turns.Err()} {
		if err != nil && !isNil(err) {
			return err
		}
	}
	return nil
}

// fetch reads the records of some sessions in one round trip, and joins those that
// hold them.
func (s *Store) fetch(ctx context.Context, list []*Session) ([]record, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.stretch(callTimeout))
	defer cancel()
	cmds := make([]reads, len(list))
	all := make([]int, len(list))
	for i := range list {
		all[i] = i
	}
	run := s.scripts.join.EvalSha
	for range 2 { // a server may not know the script yet
		pipe := s.client.Pipeline()
		for _, i := range all {
			c := &cmds[i]
			id := list[i].id
			if s.embedded == nil {
				var err error
				c.join, err = s.joining(id, func(keys []string, args ...any) *redis.Cmd { return run(ctx, pipe, keys, args...) })
				if err != nil {
					return nil, err
				}
			}
			c.fields = pipe.HMGet(ctx, recordKey(id), "g", "n", "st", "mt", "tc", "fl", "ep", "ho", "en", "nd", "i")
			c.tomb = pipe.Get(ctx, tombKey(id))
			c.turns = pipe.LRange(ctx, turnsKey(id), int64(-s.cfg.Keep), -1)
		}
		_, _ = pipe.Exec(ctx) // each has its own error
		all = slices.DeleteFunc(all, func(i int) bool {
			return cmds[i].join == nil || !redis.HasErrorPrefix(cmds[i].join.Err(), "NOSCRIPT")
		})
		if len(all) == 0 {
			break
		}
		run = s.scripts.join.Eval
	}
	out := make([]record, len(list))
	for i, c := range cmds {
		if err := c.failed(); err != nil {
			return nil, fmt.Errorf("fetch: %w", err)
		}
		r := &out[i]
		f := reply(c.fields.Val())
		r.gen, r.ver, r.count = number(f.str(0)), number(f.str(1)), int(number(f.str(4))) //nolint:gosec // a count of turns
		r.state, r.epoch, r.holder = f.str(2), number(f.str(6)), f.str(7)
		r.meta, r.hasMeta = decodeMeta(f.str(3))
		r.floor, _ = ParseFloor(f.str(5))
		r.exists, r.ended = r.gen > 0, f.str(8) != ""
		r.holders = parseHolders(f.str(9), f.str(10))
		r.tomb = number(c.tomb.Val())
		r.turns = decodeTurns(c.turns.Val())
	}
	return out, nil
}

// fill puts what was stored into the book, once. What happened here in the
// meantime is kept. Called with mu held; it says whether the floor changed.
func (s *Session) fill(r record) (floor bool) {
	if s.loaded {
		return false
	}
	s.loaded, s.before = true, r.holders
	if r.tomb > 0 {
		s.gen = max(s.gen, r.tomb+1)
	}
	over := r.ended || r.exists && r.gen <= r.tomb
	if over && r.floor != Bot {
		// Whoever had the floor of the conversation before has not this one's.
		r.floor, r.epoch, r.holder = Bot, r.epoch+1, ""
	}
	if b := &s.book; s.provisional && r.floor == Bot && r.epoch >= b.Epoch {
		// The floor changed here while nobody could tell by how much the stored
		// epoch was ahead; the bot's floor gives way.
		b.Epoch = r.epoch + 1
	}
	floor = s.learn(r.floor, r.epoch, r.holder)
	switch {
	case !r.exists || r.gen <= r.tomb:
		return floor
	case r.ended:
		s.gen = max(s.gen, r.gen+1)
		return floor
	}
	s.found = true
	s.gen, s.ver = max(s.gen, r.gen), r.ver
	b := &s.book
	local := b.count
	old := make([]entry, len(r.turns), len(r.turns)+len(b.turns))
	for i := range r.turns {
		old[i] = entryOf(0, &r.turns[i])
	}
	b.stored = len(old)
	b.turns = append(old, b.turns...)
	s.merge(r.state, r.count, local == 0)
	b.count = r.count + local
	if r.hasMeta {
		mine := b.Meta
		b.Meta = r.meta
		set := func(to *string, from string) {
			if from != "" {
				*to = from
			}
		}
		set(&b.Meta.Profile, mine.Profile)
		set(&b.Meta.Locale, mine.Locale)
		set(&b.Meta.Path, mine.Path)
		set(&b.Meta.Channel, mine.Channel)
		if mine.Seen.After(b.Meta.Seen) && local > 0 {
			b.Meta.Seen = mine.Seen
		}
	}
	return floor
}

// meet concludes that another node has written meanwhile. handed: the owner to be
// waits for what this node has. Called with mu held.
func (s *Session) meet(stored string, count int, handed bool) {
	switch {
	case s.owner != "" && !s.ended && handed:
		s.merge(stored, count, false)
		s.handing = true
	case s.owner != "" && !s.ended: // the owner's state is the one
		if !s.dirty {
			s.merge(stored, count, true)
		}
		return
	case !s.settled || s.behind:
		s.merge(stored, count, false)
		s.behind = false
	}
	s.mark()
}

// merge joins a stored state with the local one. untouched: nothing happened
// here that the stored state could miss. Called with mu held.
func (s *Session) merge(stored string, count int, untouched bool) {
	if stored == "" {
		return
	}
	cfg := &s.store.cfg
	other := cfg.NewState()
	if err := other.UnmarshalBinary([]byte(stored)); err != nil {
		// Written by something newer, or damaged: the local state goes on.
		cfg.Logger.Warn("stored state is not readable", "session", s.id, "error", err)
		return
	}
	switch {
	case untouched:
		s.book.State = other
	case cfg.Merge != nil:
		if merged := cfg.Merge(other, s.book.State); merged != nil {
			s.book.State = merged
		}
	case count > s.book.count:
		s.book.State = other
	}
}

// decodeTurns reads stored turns. One that cannot be read is left out, and one that
// another node has written down before.
func decodeTurns(list []string) []Turn {
	out := make([]Turn, 0, len(list))
	known := make(map[string]bool, len(list))
	for _, data := range list {
		var t Turn
		if json.Unmarshal([]byte(data), &t) == nil && !known[t.ID] {
			known[t.ID] = t.ID != ""
			out = append(out, t)
		}
	}
	return out
}

// History returns the turns of a session, oldest first, at most MaxTurns: the
// stored ones and those of this node that wait for the next flush. When Redis
// cannot be used it returns what this node has, with the error.
func (s *Store) History(ctx context.Context, id string) ([]Turn, error) {
	var waiting []Turn
	sess, local := s.Live(id)
	if local {
		sess.mu.Lock()
		waiting = sess.book.Turns()
		sess.mu.Unlock()
	}
	begin := time.Now()
	list, err := s.client.LRange(ctx, turnsKey(id), 0, -1).Result()
	s.note("history", begin, err)
	if err != nil {
		return waiting, fmt.Errorf("session: history: %w", err)
	}
	out := decodeTurns(list)
	// A turn may have been stored between the two looks.
	known := make(map[string]bool, len(waiting))
	for _, t := range out[max(0, len(out)-MaxTurns):] {
		known[t.ID] = true
	}
	for _, t := range waiting {
		if !known[t.ID] {
			out = append(out, t)
		}
	}
	return out[max(0, len(out)-MaxTurns):], nil
}

func number(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 53)
	return n
}
