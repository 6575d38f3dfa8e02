package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Of the nodes that hold a session one owns it: it judges what the customer says,
// wherever that arrives, and its state is the one that is stored. The node with
// the latest bridge becomes the owner, since that is where the customer is: it
// asks the owner until then for the session (KindKnock), which stores what it has
// and goes on as a guest, or lets go; or the lease of that node has run out. Then
// a script writes the new list of holders, the owner first, and tells everybody.
// While none of this has come to an end the session is in doubt, and every node
// judges for itself, as it does when Redis is gone.

// holders are the nodes at which a session is held, the owner first. ver grows
// with every change.
type holders struct {
	ver   uint64
	nodes []string
}

// maxHolders bounds the list; the nodes that came first fall out.
const maxHolders = 16

// parseHolders reads the field nd, "VERSION NODE NODE…"; without one the
// instance that wrote the record owns the session.
func parseHolders(nd, writer string) holders {
	list := strings.Fields(nd)
	if len(list) > 1 {
		if ver, err := strconv.ParseUint(list[0], 10, 53); err == nil {
			return holders{ver, list[1:]}
		}
	}
	if writer == "" {
		return holders{}
	}
	return holders{nodes: []string{writer}}
}

// ownScript makes a node the owner of a session, whatever it was before. Sent
// twice, it has the same effect.
//
// KEYS: record.
// ARGV: instance, most holders, channel, event up to and from the version, the
// nodes that hold it where the record does not say; then the nodes that hold the
// session no more.
const ownScript = `
local rec = redis.call('HMGET', KEYS[1], 'nd', 'i', 'g')
if not rec[3] then return {0} end
local ver, list = string.match(rec[1] or '', '^(%d+) (.+)$')
if not ver then ver, list = 0, (rec[2] or '') .. ' ' .. ARGV[6] end
local gone, new, n = {[ARGV[1]] = true}, ARGV[1], 1
for k = 7, #ARGV do gone[ARGV[k]] = true end
for name in string.gmatch(list, '%S+') do
  if not gone[name] and n < tonumber(ARGV[2]) then
    new, n, gone[name] = new .. ' ' .. name, n + 1, true
  end
end
ver = tonumber(ver) + 1
redis.call('HSET', KEYS[1], 'nd', ver .. ' ' .. new)
redis.call('PUBLISH', ARGV[3], ARGV[4] .. ver .. ARGV[5])
return {1, ver, new}`

// Owner is the instance of the node that judges the session, "" when that is this
// one: it owns the session, or whose it is is in doubt.
func (s *Session) Owner() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owner
}

// InDoubt reports whether this node does not know whose the session is: another one
// may have given the floor to somebody, and not stored that yet.
func (s *Session) InDoubt() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.settled
}

// Shared reports whether other nodes hold the session too, as far as is known.
func (s *Session) Shared() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shared
}

// Owner is Session.Owner, for those who are at the book already.
func (b *Book) Owner() string { return b.session.owner }

// Doubt says that the owner of a session does not answer. This node judges for
// itself until the matter is settled, which is tried at once and then every
// second. An error says that the record could not be read: who has the floor may
// not be known either.
func (s *Store) Doubt(ctx context.Context, sess *Session) error {
	s.doubt(sess)
	return s.resolve(ctx, []*Session{sess})
}

// doubt puts a session on the list of those that are in doubt.
func (s *Store) doubt(sess *Session) {
	if s.embedded != nil {
		return
	}
	sess.mu.Lock()
	sess.unsettle()
	sess.mu.Unlock()
}

// unsettle is doubt with mu held.
func (s *Session) unsettle() {
	s.owner, s.settled = "", false
	s.store.doubtsMu.Lock()
	s.store.doubts[s] = struct{}{}
	s.store.doubtsMu.Unlock()
}

// contest takes note that a node of which this one knows nothing writes the
// session, too: both took it for theirs, as when neither had stored anything when
// the other one came. Called with mu held, before meet.
func (s *Session) contest(by string) {
	if s.settled && s.owner == "" && !s.shared && !s.ended && s.store.embedded == nil {
		s.before = holders{nodes: []string{by}}
		s.unsettle()
	}
}

// settleDoubts tries every second to find the owners of the sessions in doubt, until
// ctx ends.
func (s *Store) settleDoubts(ctx context.Context) {
	tick := time.NewTicker(leaseEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.resolveAll(ctx)
		}
	}
}

func (s *Store) resolveAll(ctx context.Context) {
	s.doubtsMu.Lock()
	list := make([]*Session, 0, len(s.doubts))
	for sess := range s.doubts {
		list = append(list, sess)
	}
	s.doubtsMu.Unlock()
	for part := range slices.Chunk(list, doubtsATrip) {
		_ = s.resolve(ctx, part) // again in a second
	}
}

// doubtsATrip is how many sessions in doubt are asked about together.
const doubtsATrip = 512

// resolve asks who holds some sessions in doubt and makes this node their owner. An
// error says that nothing was read.
func (s *Store) resolve(ctx context.Context, list []*Session) error {
	list = slices.DeleteFunc(slices.Clone(list), func(sess *Session) bool {
		sess.mu.Lock()
		defer sess.mu.Unlock()
		if over := sess.settled || sess.ended || sess.bridges <= 0; over {
			s.doubtsMu.Lock()
			delete(s.doubts, sess)
			s.doubtsMu.Unlock()
			return true
		}
		return !sess.loaded // the flush loads it first
	})
	switch {
	case len(list) == 0:
		return nil
	case s.Degraded():
		return ErrDegraded
	case !s.Leased():
		return errNoLease
	}
	begin := time.Now()
	recs, err := s.fetch(ctx, list)
	s.noteIn(ctx, "load", begin, err)
	if err != nil {
		return err
	}
	for i, sess := range list { // events may have been missed
		sess.mu.Lock()
		r := &recs[i]
		changed := r.exists && !r.ended && r.gen == sess.gen && sess.learn(r.floor, r.epoch, r.holder)
		e := sess.floorEvent()
		sess.mu.Unlock()
		if changed {
			s.handle(e)
		}
	}
	recs, err = s.own(ctx, list, recs, true)
	if err != nil {
		return nil //nolint:nilerr // still in doubt, and tried again
	}
	for i, sess := range list {
		sess.caughtUp(recs[i])
	}
	return nil
}

// take makes this node the owner of a session that it has just loaded.
func (s *Store) take(ctx context.Context, sess *Session, r record) {
	recs, err := s.own(ctx, []*Session{sess}, []record{r}, false)
	if err != nil {
		s.doubt(sess)
		return
	}
	sess.caughtUp(recs[0])
}

// caughtUp takes over what the owner until now has stored before it let go.
func (s *Session) caughtUp(r record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behind = false
	if !s.settled || !r.exists || r.ended || r.gen != s.gen || r.ver <= s.ver {
		return // this node has stored something newer since
	}
	s.merge(r.state, r.count, !s.dirty)
	s.ver = r.ver
	s.mark()
}

// own makes this node the owner of sessions, of which recs are the records, as
// far as their owners let go in time. It returns the records as they are then. It
// is patient when no customer waits for it.
func (s *Store) own(ctx context.Context, list []*Session, recs []record, patient bool) ([]record, error) {
	if s.embedded != nil {
		for _, sess := range list {
			sess.own(holders{}, false)
		}
		return recs, nil
	}
	if !s.Leased() {
		return recs, errNoLease
	}
	var names []string
	for i, sess := range list {
		names = append(names, sess.heldBy(&recs[i]).nodes...)
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == s.instance })
	if len(names) == 0 { // nobody else was ever here
		for i, sess := range list {
			sess.own(recs[i].holders, false)
		}
		return recs, nil
	}
	alive, err := s.leases(ctx, names)
	if err != nil {
		return recs, err
	}
	let := s.knock(ctx, list, recs, alive, patient)
	var calls []*call
	var claimed []*Session
	for i, sess := range list {
		h := recs[i].holders
		switch {
		case len(h.nodes) == 0, h.nodes[0] == s.instance && len(h.nodes) == 1:
			sess.own(h, false)
			continue
		case !let[i].free:
			s.doubt(sess)
			continue
		}
		before, after, err := split(Event{Session: sess.id, Kind: KindOwner, Node: s.instance, Gen: unknown})
		if err != nil {
			return recs, err
		}
		k := &call{keys: []string{recordKey(sess.id)}, args: []any{
			s.instance, maxHolders, bus, before, after, strings.Join(h.nodes, " "),
		}}
		for _, n := range h.nodes {
			if !alive[n] || let[i].left == n {
				k.args = append(k.args, n)
			}
		}
		calls, claimed = append(calls, k), append(claimed, sess)
	}
	if len(calls) == 0 {
		return recs, nil
	}
	begin := time.Now()
	err = runAll(ctx, s.client, s.scripts.own, calls)
	s.noteIn(ctx, "own", begin, err)
	for i, sess := range claimed {
		answer, failed := calls[i].cmd.Slice()
		r := reply(answer)
		switch {
		case failed != nil:
			s.doubt(sess)
		case r.int(0) == 0: // the record is gone: whoever writes one owns it
			sess.own(holders{}, false)
		default:
			sess.own(holders{r.uint(1), strings.Fields(r.str(2))}, true)
		}
	}
	if err != nil {
		return recs, fmt.Errorf("session: own: %w", err)
	}
	begin = time.Now() // what the owners stored before they let go
	again, err := s.fetch(ctx, list)
	s.noteIn(ctx, "load", begin, err)
	if err != nil {
		return recs, err
	}
	return again, nil
}

var errNoLease = errors.New("session: this node has no lease")

// heldBy completes what a record says about who holds the session: this node may
// have written the record since it was loaded, and with it who wrote it.
func (s *Session) heldBy(r *record) holders {
	s.mu.Lock()
	defer s.mu.Unlock()
	if me := s.store.instance; r.holders.ver == 0 && s.before.ver == 0 && len(s.before.nodes) > 0 && slices.Equal(r.holders.nodes, []string{me}) {
		r.holders.nodes = s.before.nodes
	}
	return r.holders
}

// own notes that this node owns the session, unless somebody else does since.
// behind: the owner until now may have stored what is not in the book.
func (s *Session) own(h holders, behind bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.ver < s.holdVer {
		return
	}
	s.holdVer, s.owner, s.settled, s.handing, s.behind = h.ver, "", true, false, behind
	s.shared = slices.ContainsFunc(h.nodes, func(n string) bool { return n != s.store.instance })
}

// ceded notes that another node owns the session.
func (s *Session) ceded(to string, ver uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ver < s.holdVer {
		return
	}
	s.holdVer, s.owner, s.settled, s.shared = ver, to, true, true
}

// Holder returns the node that owns a session, as it is stored: another node
// that is alive, or "".
func (s *Store) Holder(ctx context.Context, id string) (string, error) {
	h, err := s.holders(ctx, id)
	if err != nil || len(h.nodes) == 0 || h.nodes[0] == s.instance {
		return "", err
	}
	alive, err := s.leases(ctx, h.nodes[:1])
	if err != nil || !alive[h.nodes[0]] {
		return "", err
	}
	return h.nodes[0], nil
}

func (s *Store) holders(ctx context.Context, id string) (holders, error) {
	begin := time.Now()
	fields, err := s.client.HMGet(ctx, recordKey(id), "nd", "i").Result()
	s.observe("holders", begin, err)
	if err != nil {
		return holders{}, fmt.Errorf("session: holders: %w", err)
	}
	return parseHolders(reply(fields).str(0), reply(fields).str(1)), nil
}

// Applied waits until every node that holds the session knows who has the floor
// under this epoch, or has lost its lease: then no node lets anybody speak who had
// it before. With an error that is not known.
func (s *Store) Applied(ctx context.Context, id string, floor Floor, epoch uint64, holder string) error {
	done := map[string]bool{s.instance: true}
	for s.embedded == nil {
		h, err := s.holders(ctx, id)
		if err != nil {
			return err
		}
		open := slices.DeleteFunc(h.nodes, func(n string) bool { return done[n] })
		if len(open) == 0 {
			return nil
		}
		alive, err := s.leases(ctx, open)
		if err != nil {
			return err
		}
		var asks []Event
		for _, n := range open {
			if done[n] = !alive[n]; !done[n] {
				asks = append(asks, Event{Session: id, Kind: KindApply, To: n, Floor: floor, Epoch: epoch, Holder: holder})
			}
		}
		wait, cancel := context.WithTimeout(ctx, applyEvery)
		for i, answer := range s.askAll(wait, asks) {
			done[asks[i].To] = answer != nil
		}
		cancel()
		if ctx.Err() != nil {
			return fmt.Errorf("session: applied: %w", ctx.Err())
		}
	}
	return nil
}

// applyEvery is how often a node that does not answer is asked again.
const applyEvery = 500 * time.Millisecond
