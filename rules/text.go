package rules

import "golang.org/x/text/unicode/norm"

// A span is a half-open range of byte offsets.
type span struct{ start, end int }

// Text is one message made ready for matching: normalised once, cut into words and sentences, with a way back to
// the bytes it came from. The zero value is ready for Reset. A Text keeps its buffers, so one that is reused
// allocates nothing in the steady state; it belongs to one goroutine at a time.
type Text struct {
	textParts

	lexicon *lexicon
	present wordBits // the numbers in ids
	mended  bool     // present also has words that were meant and not written

	lent  bool      // the parts are a reading's
	own   textParts // meanwhile
	spare foldWork
	work  matchWork
}

// textParts are what a message was taken apart into.
type textParts struct {
	raw string

	// plain is raw after NFKC, without zero-width characters, with case as written. When identity is set it is raw
	// byte for byte; otherwise backStart and backEnd give for each byte of plain the raw range it came from.
	plain     []byte
	identity  bool
	backStart []int32
	backEnd   []int32

	// norm holds the folded words; tokens point into it. ids are their numbers in the lexicon, ownWords when
	// none was given.
	norm      []byte
	runs      bool   // some byte stands three times in a row
	signs     uint64 // those of ASCII in plain, spaces too: see signBit
	tokens    []token
	ids       []wordID
	sentences []sentence
	emoji     []emojiAt
}

// A token is one word, number or address. Offsets are into Text.plain (start, end) and Text.norm (from, to).
// norm[from:to] is the folded word; when the word was drawn out ("sooo", "gooood"), norm[to:alt] is the second
// reading, with each run cut to two letters instead of one. Otherwise alt equals to.
type token struct {
	start, end    int32
	from, to, alt int32
	kind          tokenKind // before hash, which would leave a gap: half a cache line a token
	hash          uint64    // of norm[from:to]
}

// tokenKind is a set of things known about a token from its bytes alone.
type tokenKind uint16

const (
	kindDigit   tokenKind = 1 << iota // holds at least one digit
	kindLetter                        // holds at least one letter
	kindUpper                         // starts with a capital
	kindCaps                          // at least two letters, every one a capital
	kindAddress                       // URL or e-mail address, kept whole
	kindEmail                         // with kindAddress: an e-mail address
	kindCapital                       // holds a capital, which need not be the first letter
	kindParts                         // a word of ASCII with a digit or sign among its letters, or an address, so that it may hold other words
)

// A sentence is a run of tokens [first, last) and the range of Text.plain it covers, end mark included.
type sentence struct {
	first, last int32
	start, end  int32
}

// foldWork holds the buffers of normalisation that nothing points into afterwards.
type foldWork struct {
	stripped   []byte
	stripStart []int32
	stripEnd   []int32
	fold       []byte
	iter       norm.Iter
}

// keepBytes is the size above which the buffers of a Text are given back once a small message follows a large one,
// so that a single hostile message does not stay in memory for the life of a worker.
const keepBytes = 32 << 10

// Reset reads a new message of plain text (Markdown counts as plain). Time is linear in len(raw).
func (t *Text) Reset(raw string) { t.read(raw, false) }

// ResetMarkup reads a new message of HTML or SSML: tags are not words, block tags end a sentence, character
// references stand for their characters. Spans still point into raw.
func (t *Text) ResetMarkup(raw string) { t.read(raw, true) }

// read is Reset or ResetMarkup.
func (t *Text) read(raw string, markup bool) {
	t.forget()
	if cap(t.plain) > keepBytes && len(raw) < keepBytes/8 {
		*t = Text{lexicon: t.lexicon}
		t.forget()
	}
	t.raw = raw
	t.normalise(raw, markup)
	t.tokenise()
	t.split()
}

// forget makes ready for the words of another message.
func (t *Text) forget() {
	t.unnumber()
	if t.lent {
		t.textParts, t.own, t.lent = t.own, textParts{}, false
	}
	t.ids = t.ids[:0]
}

// unnumber takes the numbers of the words out of present, and sees to it that it has room for all of the lexicon.
func (t *Text) unnumber() {
	if t.lexicon == nil {
		t.lexicon = ownWords
	}
	if len(t.present)*64 <= len(t.lexicon.words) {
		t.present = newWordBits(t.lexicon)
	}
	for _, id := range t.ids {
		t.present.remove(id.first)
		if id.second != 0 {
			t.present.remove(id.second)
		}
	}
	if t.mended {
		clear(t.present)
	}
	t.mended = false
}

// lend has t stand for parts that are somebody else's, and not written to, until it reads another message.
func (t *Text) lend(p *textParts) {
	t.forget()
	t.own, t.textParts, t.lent = t.textParts, *p, true
	for _, id := range t.ids {
		t.present.add(id.first)
		if id.second != 0 {
			t.present.add(id.second)
		}
	}
}

// renumber looks every word up in another lexicon.
func (t *Text) renumber(l *lexicon) {
	t.unnumber()
	t.ids = t.ids[:0]
	if t.lent {
		t.ids = nil // not to be written to
	}
	t.lexicon = l
	t.unnumber()
	t.identify()
}

// Raw returns the message as it was given to Reset.
func (t *Text) Raw() string { return t.raw }

// word returns the folded form of token i; it is valid until the next Reset.
func (t *Text) word(i int) []byte {
	k := &t.tokens[i]
	return t.norm[k.from:k.to]
}

// second returns the other reading of a drawn-out word, or nil.
func (t *Text) second(i int) []byte {
	k := &t.tokens[i]
	if k.alt == k.to {
		return nil
	}
	return t.norm[k.to:k.alt]
}

// rawSpan maps a range of plain back to raw. An empty range maps to an empty one.
func (t *Text) rawSpan(start, end int32) span {
	if t.identity || start >= end {
		if t.identity {
			return span{int(start), int(end)}
		}
		at := len(t.raw)
		if int(start) < len(t.backStart) {
			at = int(t.backStart[start])
		}
		return span{at, at}
	}
	return span{int(t.backStart[start]), int(t.backEnd[end-1])}
}

// tokenSpan returns the raw bytes of tokens [first, last).
func (t *Text) tokenSpan(first, last int) span {
	if first >= last {
		return span{}
	}
	return t.rawSpan(t.tokens[first].start, t.tokens[last-1].end)
}

// sentenceSpan returns the raw bytes of sentence i, with quotes and brackets that open it and its end mark, without
// the white space around it and without the mark of a list item.
func (t *Text) sentenceSpan(i int) span {
	s := &t.sentences[i]
	return t.rawSpan(s.start, s.end)
}

// slotSpan returns the raw bytes of what a capture over tokens [first, last) holds: the words with the signs that
// touch them (a currency sign, a quote, a bracket), trimmed of punctuation at both ends. It never reaches outside
// the sentence or into a neighbouring token.
func (t *Text) slotSpan(first, last, sent int) span {
	s := &t.sentences[sent]
	low, high := s.start, s.end
	if first > int(s.first) {
		low = t.tokens[first-1].end
	}
	if last < int(s.last) {
		high = t.tokens[last].start
	}
	start, end := t.tokens[first].start, t.tokens[last-1].end
	ordinal := last < int(s.last) && t.pointBehind(last-1)
	start, end = growSlot(t.plain, start, end, low, high)
	if ordinal && end == t.tokens[last-1].end {
		end++ // "2. Mai"
	}
	return t.rawSpan(start, end)
}
