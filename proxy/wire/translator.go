package wire

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds of what a conn remembers from its messages.
const (
	maxSession    = 256 // bytes of a session id; longer ones are ignored
	maxLocale     = 35  // bytes of a language tag (RFC 5646 asks for at least 35)
	maxRemembered = 512 // bytes of a remembered value; longer ones are ignored
	maxMeta       = 256 // bytes of one piece of metadata
)

// Upgrade is what the widget asked for when it opened its WebSocket.
type Upgrade struct {
	Path   string
	Query  url.Values
	Header http.Header
	Now    func() time.Time // for {{now}} and {{unix}} in templates; nil is time.Now
	Count  uint64           // {{n}} in templates begins behind it

	segments []string // what the stars of an HTTP route stand for
}

// Item is one message that a profile knows: what it is for, who speaks, and the words in it.
type Item struct {
	Kind     Kind
	Role     Role
	Texts    []Text
	Click    bool   // the words are a button's payload or another opaque value, never to be judged
	Handoff  bool   // the bot asks for a person in the protocol's own way
	Returned bool   // whoever was handed the conversation gives it back
	Refused  bool   // whoever was to be handed the conversation brings nobody
	Expected string // what kind of answer the bot asks for, "" when it does not say
	ID       string // the message's own id, "" when it has none
	Stream   Streaming
	AckBy    time.Duration // it must be confirmed within so long, 0 for no matter
	ReplyBy  time.Duration // the bot's answer to it must be there within so long, 0 for no matter
	Flush    bool          // what is on its way down is not wanted any more
	// Confidence is how sure the speech recogniser is of the words, 0 to 1; 0 when it does not say.
	Confidence float64
	// Correlate is the id that the widget gave to what the customer said, in the message itself and in its echo; ""
	// when it has none.
	Correlate string

	part uint16 // as in span
}

// Text is one string of a message.
type Text struct {
	Value  string // what the string says; stays true for good
	Syntax Syntax
	Fixed  bool // not to be edited: a click, a stream, an echo, or words that another string repeats in a way we cannot edit
	Follow int  // index in Item.Texts of the text whose words this one repeats, edited along with it; -1 for none

	span span
}

// Translator reads the messages of one bridge. It is not safe for concurrent use; when idle it holds the session id
// and little else.
type Translator struct {
	profile *Profile
	framing framing
	now     func() time.Time
	meta    []string // by slot
	session string
	locale  string

	items  []Item
	texts  []Text
	parts  []part    // of the message last read, where it is more than one record without ado
	read   int       // its bytes
	dir    Direction // and its direction
	unread Unread
	echoes bool // the backend says the customer's words back on this conn

	labels int // how many labels the message last read shows

	style      [2]style // by Direction: how this side spelled its strings so far
	offered    *offered
	ends       []StreamEnd // of the message last read
	streaming  uint64      // bit set of the profile's streams that were seen on the conn
	shape      *injections // templates of the frame that the bot's last message matched
	remembered [][]byte
	fresh      uint64 // bit set of the variables that the message last read has set
	injected   uint64
	kept       *kept // for a backend that comes back
}

// Open returns the translator of a new bridge.
func (p *Profile) Open(u Upgrade) *Translator {
	t := &Translator{profile: p, framing: p.framing.open(), now: u.Now, injected: u.Count, echoes: p.echoes}
	if t.now == nil {
		t.now = time.Now
	}
	if len(p.metas) > 0 {
		t.meta = make([]string, len(p.metas))
		for i, name := range p.metas {
			if !p.framing.has(name) {
				t.meta[i] = u.meta(name)
			}
		}
	}
	for _, at := range p.session {
		if t.session == "" && at.root == rootMeta {
			t.session = t.meta[at.slot]
		}
	}
	for _, at := range p.locale {
		if t.locale == "" && at.root == rootMeta && len(t.meta[at.slot]) <= maxLocale {
			t.locale = t.meta[at.slot]
		}
	}
	return t
}

// meta is what the upgrade says about "path", "query.x", "h.x" or "segment.1"; "" when nothing, or too much.
func (u Upgrade) meta(name string) string {
	value := ""
	switch {
	case name == "path":
		value = u.Path
	case len(name) > len("query.") && name[:len("query.")] == "query.":
		value = u.Query.Get(name[len("query."):])
	case len(name) > len("h.") && name[:len("h.")] == "h.":
		value = u.Header.Get(name[len("h."):])
	case len(name) > len("segment.") && name[:len("segment.")] == "segment.":
		if i, err := strconv.Atoi(name[len("segment."):]); err == nil && i > 0 && i <= len(u.segments) {
			value = u.segments[i-1]
		}
	}
	if len(value) > maxMeta {
		return ""
	}
	return strings.Clone(value) // not to keep all of the head
}

// Session is the id by which the protocol knows the conversation, "" until it was seen. It only correlates: it is
// the widget's word and proves nothing.
func (t *Translator) Session() string { return t.session }

// Name tells the session id where it came another way, unless it was seen already. Ids beyond 256 bytes are ignored.
func (t *Translator) Name(session string) {
	if t.session == "" && len(session) <= maxSession {
		t.session = session
	}
}

// Count makes another number for {{n}}.
func (t *Translator) Count() uint64 {
	t.injected++
	return t.injected
}

// Locale is the language tag last seen, as the protocol spells it; "" until then.
func (t *Translator) Locale() string { return t.locale }

// Read returns what one whole text message says. No items means that the message is not the profile's business and
// passes untouched, as does anything that cannot be read. Items are valid until the next Read; their strings for good.
// A message may be read again, when others came between reading and splicing it.
func (t *Translator) Read(dir Direction, msg []byte) []Item { return t.readWith(dir, msg, nil) }

// readWith is Read; first, if not nil, looks at the documents before their items are found.
func (t *Translator) readWith(dir Direction, msg []byte, first func(*reader)) []Item {
	p := t.profile
	t.reset(dir, len(msg))
	again := dir == Up && p.reconnect != nil
	if again && !p.framing.raw() {
		t.keep(nil, msg)
	}
	for _, literal := range p.keepalive {
		if string(msg) == literal {
			t.items = append(t.items, Item{Kind: Heartbeat})
			return t.items
		}
	}
	r, ok := p.readers.Get().(*reader)
	if !ok {
		r = new(reader)
	}
	defer p.giveBack(r)
	r.reset()
	t.framing.begin(dir)
	r.wide = p.wide
	if t.unread = t.framing.split(r, dir, piece{msg, nowhere}); t.unread != ReadWhole {
		return nil
	}
	if again && p.framing.raw() {
		t.keep(r, msg)
	}
	t.style[dir] = r.scanner.style.fill(t.style[dir])
	if first != nil {
		first(r)
	}
	for i := range r.records {
		t.readRecord(r, dir, &r.records[i])
	}
	if len(t.items) == 0 {
		for i := range r.records {
			if !r.records[i].own {
				t.unread = UnreadUnknown
			}
		}
		return nil
	}
	// Only now do the texts stay where they are.
	at := 0
	for i := range t.items {
		n := len(t.items[i].Texts)
		t.items[i].Texts = t.texts[at : at+n : at+n]
		at += n
	}
	return t.items
}

// Unread says why the last Read returned no items; [ReadWhole] when it did, or when the message belongs to the framing
// and to nobody's speech.
func (t *Translator) Unread() Unread { return t.unread }

// Attachment is what a message is to a text message before it, as the attachments of a Socket.IO event are: they go the
// way of their event, and nothing of ours comes between.
type Attachment uint8

// What a message is to the one before it.
const (
	Unattached Attachment = iota // it stands for itself
	Attached                     // its event has passed, and nobody can read that without it
	Withheld                     // its event was cut away, and nobody waits for it
)

// Binary tells the translator of a binary message and returns what it is to the one before.
func (t *Translator) Binary(dir Direction) Attachment {
	t.framing.binary(dir)
	return t.framing.attachment()
}

// Attachment is what the message last read is to the one before it: attachments are text where a conn takes no bytes.
func (t *Translator) Attachment() Attachment { return t.framing.attachment() }

// reset forgets the last message; an unusually large one does not leave its room behind.
func (t *Translator) reset(dir Direction, n int) {
	const usual = 32
	if cap(t.items) > usual {
		t.items = nil
	}
	if cap(t.texts) > usual {
		t.texts = nil
	}
	if cap(t.parts) > usual {
		t.parts = nil
	}
	clear(t.items)
	clear(t.texts)
	t.items, t.texts, t.parts, t.ends = t.items[:0], t.texts[:0], t.parts[:0], t.ends[:0]
	t.read, t.dir, t.unread, t.fresh, t.labels = n, dir, ReadWhole, 0, 0
}

// giveBack returns a reader for another message, without what it read.
func (p *Profile) giveBack(r *reader) {
	const usual = 64 << 10
	if cap(r.tape) > 4096 {
		r.tape = nil
	}
	if cap(r.text) > usual {
		r.text = nil
	}
	if cap(r.records) > 64 {
		r.records = nil
	}
	clear(r.docs)
	clear(r.records)
	clear(r.text)
	r.docs, r.records, r.scanner.buf = r.docs[:0], r.records[:0], nil
	p.readers.Put(r)
}

// readRecord finds the items of a record.
func (t *Translator) readRecord(r *reader, dir Direction, rec *record) {
	in := uint16(0)
	if rec.part != (part{}) {
		t.parts = append(t.parts, rec.part)
		in = uint16(len(t.parts))
	}
	if rec.heartbeat {
		t.items = append(t.items, Item{Kind: Heartbeat, part: in})
		return
	}
	r.root = rec.root
	for slot, name := range t.profile.metas {
		if !t.profile.framing.has(name) {
			continue
		}
		v := t.framing.meta(r, rec, name)
		if len(v) > maxMeta {
			v = nil
		}
		if string(v) != t.meta[slot] {
			t.meta[slot] = r.keep(v)
		}
	}
	for i := range t.profile.remember {
		t.keepVariable(r, i)
	}
	first, texts := len(t.items), len(t.texts)
	t.readItems(r, dir)
	for i := first; i < len(t.items); i++ {
		t.items[i].part = in
		if t.items[i].Kind == Message {
			t.framing.spoken(r, dir, rec)
		}
	}
	for i := texts; i < len(t.texts); i++ {
		t.texts[i].span.part = in
		t.texts[i].Fixed = t.texts[i].Fixed || rec.fixed
	}
}

// readItems finds the items of the record at hand, one for each element of each.
func (t *Translator) readItems(r *reader, dir Direction) {
	if t.profile.each == nil {
		t.readItem(r, dir, r.root)
		return
	}
	mark := len(r.found)
	r.found = r.find(r.found, t.profile.each, r.root)
	end := len(r.found)
	if end == mark {
		t.readItem(r, dir, r.root)
	}
	for i := mark; i < end; i++ {
		t.readItem(r, dir, r.found[i])
	}
	r.found = r.found[:mark]
}

func (t *Translator) readItem(r *reader, dir Direction, at ref) {
	t.readSession(r, at)
	for _, f := range t.profile.frames[dir] {
		if t.all(r, f.when, at) {
			t.take(r, dir, f, at)
			break
		}
	}
	if dir == Down {
		t.readEnds(r, at)
	}
}

func (t *Translator) all(r *reader, conditions []*condition, at ref) bool {
	for _, c := range conditions {
		if !r.holds(c, at, t.meta) {
			return false
		}
	}
	return true
}

func (t *Translator) some(r *reader, conditions []*condition, at ref) bool {
	for _, c := range conditions {
		if r.holds(c, at, t.meta) {
			return true
		}
	}
	return false
}

// readSession looks for the session id until it is known, and for the language every time.
func (t *Translator) readSession(r *reader, at ref) {
	for i := 0; t.session == "" && i < len(t.profile.session); i++ {
		t.session = t.external(r, t.profile.session[i], at, maxSession)
	}
	for _, p := range t.profile.locale {
		if v := t.external(r, p, at, maxLocale); v != "" {
			t.locale = v
			break
		}
	}
}

// external is what a record says at a path, "" when nothing or too much. The upgrade's metadata is asked when a
// bridge opens.
func (t *Translator) external(r *reader, p *path, at ref, limit int) string {
	var v []byte
	if p.root != rootMeta {
		v = t.scalar(r, p, at)
	} else if t.profile.framing.has(p.meta) {
		v = []byte(t.meta[p.slot])
	}
	switch {
	case len(v) > limit:
		return ""
	case string(v) == t.locale: // as most often
		return t.locale
	}
	return string(v)
}

// scalar is the text of the string or number at a path through the document, nil when there is none.
func (t *Translator) scalar(r *reader, p *path, item ref) []byte {
	if p == nil {
		return nil
	}
	at, ok := r.first(p, item)
	if !ok {
		return nil
	}
	if k := r.tape[at.node].kind; k != kindString && k != kindNumber {
		return nil
	}
	return r.value(at)
}

// keepVariable stores the JSON spelling of a remembered scalar, when the message has it.
func (t *Translator) keepVariable(r *reader, i int) {
	at, ok := r.first(t.profile.remember[i].path, r.root)
	if !ok {
		return
	}
	n := &r.tape[at.node]
	raw := r.raw(at)
	if n.kind >= kindArray || len(raw) > maxRemembered {
		return
	}
	if t.remembered == nil {
		t.remembered = make([][]byte, len(t.profile.remember))
	}
	v := t.remembered[i][:0]
	switch {
	case n.kind != kindString:
		v = append(v, raw...)
	case r.docs[at.doc].in == inJSON:
		v = append(append(append(v, '"'), raw...), '"')
	default:
		v = appendString(v, string(r.value(at)))
	}
	t.remembered[i] = v
	if n.kind != kindNull {
		t.fresh |= 1 << i
	}
}
