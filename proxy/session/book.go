package session

import (
	"slices"
	"sync"
	"time"
)

// State is what the rules remember of a conversation. It is opaque here: it is
// stored as bytes and handed back. It is used under the session's lock only.
type State interface {
	MarshalBinary() ([]byte, error)
	UnmarshalBinary(data []byte) error
}

// Meta describes a conversation.
type Meta struct {
	Profile string
	Locale  string
	// Path is the path of the upgrade, the touchpoint when nothing better is known.
	Path string
	// Channel is "text" or "voice".
	Channel string
	// Started is when the first bridge of the conversation opened; Seen is the
	// time of the latest turn.
	Started, Seen time.Time
}

// Book is what is written down about one conversation. It is reached through
// Session.Do only, and must not be kept beyond it.
type Book struct {
	// State belongs to the rules. Whoever changes it without an Append calls
	// Mark. It is never nil.
	State State
	// Floor, Epoch and Holder say who may speak to the customer. Only Take and
	// Store.SetFloor change them.
	Floor Floor
	// Epoch grows with every change of the floor, also across nodes.
	Epoch uint64
	// Holder names the agent while Floor is Agent.
	Holder string
	// Meta may be changed by the caller; it is stored with the next turn.
	Meta Meta

	session *Session
	// turns are the latest ones: the first `stored` of them are in Redis, the
	// rest waits for the next flush.
	turns  []entry
	stored int
	// count is the number of turns of the conversation.
	count int
	// last is the number of the latest turn that was appended here.
	last uint64
}

// Append writes a turn down: redacted and bounded at once, stored with the next
// flush. It does no I/O and never waits. The turn's slices are copied.
func (b *Book) Append(t Turn) {
	s := b.session
	if s.ended {
		return
	}
	if t.At.IsZero() {
		t.At = time.Now()
	}
	if t.Sent == t.Text {
		t.Sent = ""
	}
	redact := s.store.cfg.Redact
	t.Text = cut(redact(t.Text))
	if t.Sent != "" {
		t.Sent = cut(redact(t.Sent))
	}
	if len(b.turns)-b.stored >= MaxTurns {
		b.drop(b.stored)
	}
	b.last = s.store.seq.Add(1)
	e := entryOf(b.last, &t)
	b.turns = append(b.turns, e)
	b.count++
	b.Meta.Seen = t.At
	if over := s.store.waiting.Add(e.size()) > s.store.cfg.MaxWaiting; over && len(b.turns)-b.stored > 1 {
		b.drop(b.stored)
	}
	s.mark()
}

// Mark says that State or Meta changed and must be stored.
func (b *Book) Mark() {
	if !b.session.ended {
		b.session.mark()
	}
}

// Take gives the bot's floor to Attune on this node at once, so that not one
// more word of the bot passes while Store.SetFloor is on its way. Until this node
// has called that, what is heard of the bot's floor from elsewhere does not count.
func (b *Book) Take() {
	if b.Floor == Bot {
		b.Floor, b.session.taken = Attune, true
	}
}

// Hush silences the bot on this node: the owner says that it has the floor no
// more. Who has it then is heard with the next flush, at the latest.
func (b *Book) Hush() {
	if b.Floor == Bot {
		b.Floor = Attune
		b.Mark()
	}
}

// BotMaySpeak reports whether the bot may speak to the customer. It has the floor,
// and no agent can have it without this node's knowledge: that is so while the
// node has its lease, and where Redis knows of nobody who was to get it.
func (b *Book) BotMaySpeak() bool {
	s := b.session
	return b.Floor == Bot && (s.kept == Bot || s.store.Leased())
}

// Turns returns copies of the latest turns that this node holds: a few, oldest
// first. Store.History has all of them.
func (b *Book) Turns() []Turn {
	out := make([]Turn, len(b.turns))
	for i := range b.turns {
		out[i] = b.named(&b.turns[i])
		out[i].Rules, out[i].Signals = slices.Clone(out[i].Rules), slices.Clone(out[i].Signals)
	}
	return out
}

// Count is the number of turns of the conversation so far.
func (b *Book) Count() int { return b.count }

// named returns an entry's turn with its id.
func (b *Book) named(e *entry) Turn {
	t := e.turn()
	if t.ID == "" {
		t.ID = b.session.store.turnID(e.seq)
	}
	return t
}

// drop forgets one turn that was not stored.
func (b *Book) drop(i int) {
	b.session.store.waiting.Add(-b.turns[i].size())
	b.session.store.dropped.Add(1)
	copy(b.turns[1:i+1], b.turns[:i]) // the few before it move, not the many behind it
	b.turns[0] = entry{}
	b.turns = b.turns[1:]
}

// trim notes that the turns up to seq are stored and keeps only a few of them.
func (b *Book) trim(seq uint64) {
	for b.stored < len(b.turns) && b.turns[b.stored].seq <= seq {
		b.session.store.waiting.Add(-b.turns[b.stored].size())
		b.stored++
	}
	over := b.stored - b.session.store.cfg.Keep
	if over <= 0 {
		return
	}
	if cap(b.turns) > 4*len(b.turns) { // fewer are said than were
		b.turns = slices.Clone(b.turns[over:])
	} else {
		b.turns = slices.Delete(b.turns, 0, over)
	}
	b.stored -= over
}

// rest gives back the room of turns that are stored: nothing was said lately.
func (b *Book) rest() {
	if cap(b.turns) > 2*max(len(b.turns), b.session.store.cfg.Keep) {
		b.turns = slices.Clone(b.turns)
	}
}

// renew makes everything that this node holds new: Redis has lost it. Called
// with mu held.
func (s *Session) renew() {
	b := &s.book
	for i := range b.turns {
		e := &b.turns[i]
		t := b.named(e)
		if i < b.stored {
			s.store.waiting.Add(e.size())
		}
		b.last = s.store.seq.Add(1)
		*e = entryOf(b.last, &t)
	}
	b.stored, s.ver = 0, 0
}

// clear forgets everything of the conversation but who it is.
func (b *Book) clear() {
	for i := range b.turns[b.stored:] {
		b.session.store.waiting.Add(-b.turns[b.stored+i].size())
	}
	b.turns, b.stored, b.count = nil, 0, 0
	b.State = b.session.store.cfg.NewState()
}

// Session is one conversation as this node holds it. Its methods may be called
// from any goroutine.
type Session struct {
	id    string
	store *Store

	mu   sync.Mutex
	book Book
	// bridges counts the bridges of this node; idle is since when there is none.
	bridges int
	idle    time.Time
	// dirty: it is in the list of the next flush.
	dirty bool
	// loaded: what Redis had is in the book; found: it had something.
	loaded, found bool
	// gone: it was let go before it could be stored.
	gone bool
	// ended: nothing is written down any more; outcome says how it ended.
	ended bool
	// provisional: the floor changed here before the record was known.
	provisional bool
	// erased: nothing was said since, so there is nothing to store.
	erased bool
	// taken: the floor was taken here, and the change is not stored yet.
	taken bool
	// kept is the floor that Redis is known to have.
	kept Floor
	// settled: all agree on the owner; shared: others hold the session too.
	settled, shared bool
	// handing: the owner to be waits for the state; behind: this node owns the
	// session, and what the owner before stored is not in the book yet.
	handing, behind bool
	// loading is open while one bridge asks Redis.
	loading chan struct{}
	// gen tells the conversations of one customer key apart, ver is the version
	// of the record that the book continues.
	gen, ver uint64
	outcome  string
	// watched is until when its turns are published as they come.
	watched time.Time
	// announced is the epoch that other nodes were told.
	announced uint64
	// owner is the node that judges, "" = this one; holdVer is the version of who
	// holds the session.
	owner   string
	holdVer uint64
	// before is who held it when it was loaded.
	before holders
	// unconfirmed are the messages that the widget may not have; confirmed are the
	// ids of the latest ones it has.
	unconfirmed []Unconfirmed
	confirmed   []string
	// renewed is when the keys were last told how long to live, in Unix
	// milliseconds.
	renewed int64
}

// ID returns the session's id (Key.ID).
func (s *Session) ID() string { return s.id }

// Ended reports whether the conversation is over; nothing is written down any more.
func (s *Session) Ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// Do runs f on the book under the session's lock. f must be short: no I/O, no
// waiting, no call of a Store or Session method.
func (s *Session) Do(f func(b *Book)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.book)
}

// mark puts the session on the list of the next flush. Called with mu held.
func (s *Session) mark() {
	s.erased = false
	if !s.dirty {
		s.dirty = true
		s.store.enqueue(s)
	}
}
