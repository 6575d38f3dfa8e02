package wire

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// appendUnescaped appends what a JSON string says; raw is what stands between its quotes and has been scanned.
// A surrogate without its partner reads as U+FFFD.
func appendUnescaped(dst, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		r, n, _ := unescape(raw[i:])
		if n == 0 {
			return append(dst, raw[i:]...)
		}
		dst = utf8.AppendRune(dst, r)
		raw = raw[i+n:]
	}
}

// unescape reads the escape sequence at the start of b, a surrogate pair as one. n is its length, 0 when there is
// none; lone says that it is a surrogate without its partner.
func unescape(b []byte) (r rune, n int, lone bool) {
	n = escapeLen(b)
	if n == 0 {
		return 0, 0, false
	}
	switch b[1] {
	case 'b':
		return '\b', n, false
	case 'f':
		return '\f', n, false
	case 'n':
		return '\n', n, false
	case 'r':
		return '\r', n, false
	case 't':
		return '\t', n, false
	case 'u':
		r = hex4(b[2:])
		if !utf16.IsSurrogate(r) {
			return r, n, false
		}
		if escapeLen(b[n:]) == 6 {
			if pair := utf16.DecodeRune(r, hex4(b[n+2:])); pair != utf8.RuneError {
				return pair, 12, false
			}
		}
		return utf8.RuneError, n, true
	}
	return rune(b[1]), n, false
}

// respell spells the words with, in the place of a string spelled raw which says old. What both have in common at the
// beginning and at the end keeps its bytes; the rest is spelled as styleOf says of it.
func respell(raw, old, with []byte, styleOf func(words []byte) style) []byte {
	head := commonPrefix(old, with)
	tail := commonSuffix(old[head:], with[head:])
	from, to := rawOffset(raw, head), rawOffset(raw, len(old)-tail)
	words := with[head : len(with)-tail]
	dst := make([]byte, 0, from+len(words)+16+len(raw)-to)
	dst = append(dst, raw[:from]...)
	dst = appendEscaped(dst, words, styleOf(words), raw[from:to])
	dst = append(dst, raw[to:]...)
	// Bringing two lone surrogates together makes another character; then nothing of the old spelling is kept.
	if bytes.Contains(old, replacement) && !spells(dst, with) {
		return appendEscaped(dst[:0], with, styleOf(with), nil)
	}
	return dst
}

var replacement = []byte("\uFFFD")

// commonPrefix is how many bytes a and b begin with in common, up to the end of a whole character.
func commonPrefix(a, b []byte) int {
	n, most := 0, min(len(a), len(b))
	for n+8 <= most && binary.LittleEndian.Uint64(a[n:]) == binary.LittleEndian.Uint64(b[n:]) {
		n += 8
	}
	for n < most && a[n] == b[n] {
		n++
	}
	for n > 0 && (n < len(a) && !utf8.RuneStart(a[n]) || n < len(b) && !utf8.RuneStart(b[n])) {
		n--
	}
	return n
}

// commonSuffix is how many bytes a and b end with in common, from the start of a whole character.
func commonSuffix(a, b []byte) int {
	n, most := 0, min(len(a), len(b))
	for n+8 <= most && binary.LittleEndian.Uint64(a[len(a)-n-8:]) == binary.LittleEndian.Uint64(b[len(b)-n-8:]) {
		n += 8
	}
	for n < most && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && !utf8.RuneStart(a[len(a)-n]) {
		n--
	}
	return n
}

// rawOffset is where in raw the decoded byte at offset n is spelled.
func rawOffset(raw []byte, n int) int {
	i := 0
	for n > 0 && i < len(raw) {
		if plain := bytes.IndexByte(raw[i:], '\\'); plain < 0 || plain >= n {
			return min(i+n, len(raw))
		} else if plain > 0 {
			i += plain
			n -= plain
		}
		r, size, _ := unescape(raw[i:])
		if size == 0 {
			return len(raw)
		}
		i += size
		n -= utf8.RuneLen(r)
	}
	return i
}

// spells reports whether raw says exactly what words does, invalid bytes of words read as U+FFFD.
func spells(raw, words []byte) bool {
	return bytes.Equal(appendUnescaped(nil, raw), bytes.ToValidUTF8(words, replacement))
}

// appendEscaped appends the spelling of words. lones is the spelling that is being replaced: a U+FFFD in words
// takes the next lone surrogate from there, for that is how such a one was read.
func appendEscaped(dst, words []byte, st style, lones []byte) []byte {
	for i := 0; i < len(words); {
		c := words[i]
		if c < utf8.RuneSelf {
			dst = appendASCII(dst, c, st)
			i++
			continue
		}
		r, n := utf8.DecodeRune(words[i:])
		if r == utf8.RuneError {
			var lone []byte
			if lone, lones = nextLone(lones); n == 3 && lone != nil {
				dst = append(dst, lone...)
				i += n
				continue
			}
		}
		escape := st.use(spellNonASCII)
		if (r == 0x2028 || r == 0x2029) && st.known()&spellLineEnd != 0 {
			escape = st.use(spellLineEnd)
		}
		switch {
		case !escape:
			dst = utf8.AppendRune(dst, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			dst = appendHex(appendHex(dst, high, st), low, st)
		default:
			dst = appendHex(dst, r, st)
		}
		i += n
	}
	return dst
}

// nextLone finds the first lone surrogate in raw and returns its spelling and what is behind it.
func nextLone(raw []byte) (lone, rest []byte) {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return nil, nil
		}
		_, n, isLone := unescape(raw[i:])
		if n == 0 {
			return nil, nil
		}
		if isLone {
			return raw[i : i+n], raw[i+n:]
		}
		raw = raw[i+n:]
	}
}

func appendASCII(dst []byte, c byte, st style) []byte {
	choice := asciiSpelling[c]
	switch {
	case c == '/':
		if !st.use(spellSlash) {
			return append(dst, c)
		}
		if st.use(spellSlashHex) {
			return appendHex(dst, '/', st)
		}
		return append(dst, '\\', '/')
	case choice != 0 && st.use(choice):
		return appendHex(dst, rune(c), st)
	}
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	if c < 0x20 {
		return appendHex(dst, rune(c), st)
	}
	return append(dst, c)
}

func appendHex(dst []byte, r rune, st style) []byte {
	digits := "0123456789abcdef"
	if st.use(spellUpper) {
		digits = "0123456789ABCDEF"
	}
	return append(dst, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// choices is the set of choices that spelling words depends on.
func choices(words []byte) uint16 {
	var set uint16
	for i := 0; i < len(words); i++ {
		switch c := words[i]; {
		case c >= utf8.RuneSelf:
			set |= spellNonASCII
			if isLineEnd(words[i:]) {
				set |= spellLineEnd
			}
		default:
			set |= asciiSpelling[c]
			if c < 0x20 && asciiSpelling[c] == 0 {
				set |= spellUpper
			}
		}
	}
	return set
}

// appendString appends words as a JSON string with its quotes, in the shortest spelling.
func appendString(dst []byte, words string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, []byte(words), style{}, nil)
	return append(dst, '"')
}
