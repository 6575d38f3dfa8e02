package wire

import (
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// StreamMode is how the pieces of a stream make up its text.
type StreamMode uint8

// The modes. Append is the default.
const (
	Append  StreamMode = iota // pieces add up
	Replace                   // each piece is the text so far
)

// Streaming says what an item is to a stream: a reply that comes in pieces. The zero value: nothing.
type Streaming struct {
	Of    int           // which of the profile's streams, from 1
	Key   string        // which of several at a time, "" where the protocol has one
	Mode  StreamMode    // of the pieces
	Idle  time.Duration // the stream is over when no piece has come for so long; 0 when the profile does not say
	Final bool          // not a piece: it repeats the text
}

// StreamEnd says that streams are over.
type StreamEnd struct {
	Of    int    // which of the profile's streams
	Key   string // the one that is over
	Every bool   // there is no key: every one of them
	After int    // how many of the message's items come before it
}

// maxKey bounds a stream's key in bytes; a longer one is as good as none.
const maxKey = 256

// stream is the stream of a frame, as the profile describes it.
type stream struct {
	mode  StreamMode
	key   []*path // the first that leads to something counts
	end   []*condition
	idle  time.Duration
	final bool
}

// Ends lists the streams that the message last read ends. It is valid until the next Read.
func (t *Translator) Ends() []StreamEnd { return t.ends }

// streamKey is the key that a record gives, "" for none.
func (t *Translator) streamKey(r *reader, s *stream, at ref) string {
	for _, p := range s.key {
		if v := t.scalar(r, p, at); len(v) > 0 && len(v) <= maxKey {
			return r.keep(v)
		}
	}
	return ""
}

// readEnds finds the streams that a record ends. Its own item, if it has one, comes before.
func (t *Translator) readEnds(r *reader, at ref) {
	for i, s := range t.profile.streams {
		if len(s.end) == 0 || !t.all(r, s.end, at) {
			continue
		}
		t.streams(i)
		key := t.streamKey(r, s, at)
		t.ends = append(t.ends, StreamEnd{Of: i + 1, Key: key, Every: key == "", After: len(t.items)})
	}
}

// maxStreams is of how many of a profile's streams it is remembered that they were seen.
const maxStreams = 64

// streams notes that messages of a frame come in pieces on this conn.
func (t *Translator) streams(i int) {
	if i < maxStreams {
		t.streaming |= 1 << i
	}
}

// stream makes an item a piece of its frame's stream. Where the frame's messages may be whole, it is one once an end mark was
// seen on the conn, or when it begins or ends in a space, as tokens do and whole messages do not.
func (t *Translator) stream(r *reader, f *frame, at ref, it *Item, texts []Text) {
	if f.stream < 0 {
		return
	}
	s := t.profile.streams[f.stream]
	if it.Kind == Message && !s.final {
		if len(texts) == 1 && texts[0].Value != strings.TrimSpace(texts[0].Value) {
			t.streams(f.stream)
		}
		if f.stream >= maxStreams || t.streaming&(1<<f.stream) == 0 {
			return
		}
		it.Kind = Delta
	}
	it.Stream = Streaming{Of: f.stream + 1, Key: t.streamKey(r, s, at), Mode: s.mode, Idle: s.idle, Final: s.final}
}

// stream reads how a frame streams.
func (r *reading) stream(n ast.Node, p *Profile, f *frame) {
	s := &stream{}
	r.mapping(n, "stream", fields{
		"mode": func(n ast.Node) {
			i, _ := r.word(n, "append", "replace")
			s.mode = StreamMode(i)
		},
		"key":      func(n ast.Node) { s.key = r.documentPaths(n) },
		"seq":      func(n ast.Node) { r.path(n, rootItem, rootFrame) }, // pieces are neither merged nor dropped, so it stays right
		"idle":     func(n ast.Node) { s.idle = r.duration(n) },
		"final":    func(n ast.Node) { s.final = r.truth(n) },
		"end_when": func(n ast.Node) { s.end = r.conditions(n) },
	})
	p.enter(f, s)
}

// enter gives a frame its stream.
func (p *Profile) enter(f *frame, s *stream) {
	f.stream = len(p.streams)
	p.streams = append(p.streams, s)
}
