package wire

import (
	"slices"
	"strings"
)

// framing is how a protocol wraps its documents in WebSocket messages, and what one bridge has shown of it. To add one
// is to write one file and to enter it in framings; the embedded [unwrapped] answers whatever it does not care about.
type framing interface {
	// begin hears that the message last read in a direction is forgotten.
	begin(dir Direction)
	// split loads every document of a piece into r, one record each, and says why it could not: then nothing of the
	// message is read.
	split(r *reader, dir Direction, p piece) Unread
	// meta is a record's own metadata, nil when it has none of that name. It is valid until the next load.
	meta(r *reader, rec *record, name string) []byte
	// spoken hears that a record turned out to be somebody's message.
	spoken(r *reader, dir Direction, rec *record)
	// binary hears of a binary message.
	binary(dir Direction)
	// attachment is what the message last heard of, text or binary, is to the one before it.
	attachment() Attachment
	// ready reports whether the widget can take a message of ours now.
	ready() bool
	// wrap appends a whole message that holds one document; document writes it.
	wrap(dst []byte, dir Direction, document writer) ([]byte, error)
	// confirm appends the confirmation that the sender of the message last read in a direction waits for, false when
	// it waits for none. document writes the profile's own, nil when the profile has none.
	confirm(dst []byte, dir Direction, document writer) ([]byte, bool)
	// tidy mends a message from which records were cut, which begins at mark, and reports whether anything is left of it.
	tidy(dst []byte, mark int) ([]byte, bool)
}

// writer appends a document.
type writer func(dst []byte) ([]byte, error)

// language is what a document is written in.
type language uint8

const (
	inJSON language = iota
	inText          // the whole document is one string, spelled as it is
	inXML
)

// framed is what a profile's author may ask of a framing.
type framed struct {
	name  string
	open  func() framing           // a new bridge's
	metas []string                 // names of the metadata of its records; one that ends in a dot begins a family
	xml   bool                     // its documents are XML, else JSON
	acks  bool                     // it knows itself which messages want to be confirmed
	check func(doc *scanner) error // demands more of a template than that it is a document; may be nil
}

var framings = []framed{
	{name: "raw", open: func() framing { return &raw{} }},
	{name: "socketio", open: func() framing { return &socket{} }, metas: []string{"ns", "id"}, acks: true, check: checkSocketIO},
	{name: "sockjs", open: func() framing { return &sockjs{framing: &raw{}} }},
	{name: "sockjs+stomp", open: func() framing { return &sockjs{framing: &spring{}} }, metas: stompMetas, acks: true},
	{name: "signalr", open: func() framing { return &signalr{} }, acks: true, check: checkSignalR},
	{name: "stomp", open: func() framing { return &stomp{} }, metas: stompMetas, acks: true},
	{name: "xml", open: func() framing { return &stanzas{} }, metas: []string{"name"}, xml: true},
	{name: "opaque", open: func() framing { return &opaque{} }},
}

func framingNames() []string {
	names := make([]string, len(framings))
	for i := range framings {
		names[i] = framings[i].name
	}
	return names
}

// raw reports whether a message is one JSON text and nothing else.
func (f *framed) raw() bool { return f.name == "raw" }

// has reports whether records have the metadata of their own, rather than the upgrade's.
func (f *framed) has(meta string) bool {
	return slices.ContainsFunc(f.metas, func(name string) bool { return covers(name, meta) })
}

// offers is a hint that lists the metadata a framing has.
func (f *framed) offers() string {
	all := "metadata: @path, @query.NAME"
	for _, name := range f.metas {
		if strings.HasSuffix(name, ".") {
			name += "NAME"
		}
		all += ", @" + name
	}
	if !f.has("h.x") {
		all += ", @h.NAME"
	}
	return all
}

// knownMeta reports whether a name may stand behind @ with any framing.
func knownMeta(name string) bool {
	return ofUpgrade(name) || slices.ContainsFunc(framings, func(f framed) bool { return f.has(name) })
}

// ofUpgrade reports whether a name is about the request by which a bridge was opened.
func ofUpgrade(name string) bool {
	return name == "path" || covers("query.", name) || covers("h.", name)
}

// covers reports whether an entry of metas is about a name.
func covers(entry, name string) bool {
	if n := len(entry); entry[n-1] == '.' {
		return len(name) > n && name[:n] == entry
	}
	return entry == name
}

// piece is what a framing takes apart: a whole message, or what a string of one says.
type piece struct {
	buf    []byte
	parent ref // the string that says it, nowhere for a message
}

// record is one document of a message, to be read on its own.
type record struct {
	root      ref
	head      []byte // where its framing finds metadata
	heartbeat bool   // it has no document and means nothing but that its sender is there
	own       bool   // it belongs to the framing: no loss where no frame of the profile is about it
	fixed     bool   // its words stand in it again in ways that cannot be edited along
	part      part
}

// part is where a record lies in its message.
type part struct {
	start, end uint32 // the record and what separates it from the next; both 0 when it is the whole message
	body       bounds // its document, where the message has strings of another kind around it
	length     bounds // the digits that say how long the document is, both 0 where nothing does
	counted    int    // what they say, in bytes
	depth      uint8  // how many strings of JSON the document stands in
}

// bounds is a range of bytes of the message.
type bounds struct{ start, end uint32 }

// Unread says why a message has no items.
type Unread uint8

// The reasons for a message without items.
const (
	ReadWhole     Unread = iota // it has items, or belongs to the framing and to nobody's speech
	UnreadUnknown               // no frame of the profile is about it
	UnreadFraming               // it is not what the framing demands
	UnreadJSON                  // its framing is right and its document is not
	UnreadLimits                // its documents are deeper, larger or more than are read
)

var unreadNames = [...]string{
	ReadWhole: "none", UnreadUnknown: "unknown", UnreadFraming: "framing", UnreadJSON: "json", UnreadLimits: "limits",
}

// String returns a word for logs, such as "framing".
func (u Unread) String() string { return name(unreadNames[:], int(u)) }

// maxRecords is how many records of one message are read; a message that has more passes unread.
const maxRecords = 1024

// full reports whether a message has as many records as are read.
func (r *reader) full() bool { return len(r.records) >= maxRecords }

// emptied is a buffer without what it holds; an unusually large one does not stay.
func emptied(b []byte) []byte {
	if cap(b) > 1024 {
		return nil
	}
	return b[:0]
}

// unwrapped answers for a framing that adds nothing to its documents.
type unwrapped struct{}

func (unwrapped) begin(Direction)                                               {}
func (unwrapped) meta(*reader, *record, string) []byte                          { return nil }
func (unwrapped) spoken(*reader, Direction, *record)                            {}
func (unwrapped) binary(Direction)                                              {}
func (unwrapped) attachment() Attachment                                        { return Unattached }
func (unwrapped) ready() bool                                                   { return true }
func (unwrapped) wrap(dst []byte, _ Direction, document writer) ([]byte, error) { return document(dst) }

func (unwrapped) tidy(dst []byte, mark int) ([]byte, bool) { return dst, len(dst) > mark }

func (unwrapped) confirm(dst []byte, _ Direction, document writer) ([]byte, bool) {
	if document == nil {
		return dst, false
	}
	out, err := document(dst)
	if err != nil {
		return dst, false
	}
	return out, true
}

// raw is one JSON text a message.
type raw struct{ unwrapped }

func (*raw) split(r *reader, _ Direction, p piece) Unread {
	doc, why := r.load(p, 0, len(p.buf))
	if why == ReadWhole {
		r.records = append(r.records, record{root: doc})
	}
	return why
}

// opaque messages are nobody's to read.
type opaque struct{ unwrapped }

func (*opaque) split(*reader, Direction, piece) Unread { return ReadWhole }
