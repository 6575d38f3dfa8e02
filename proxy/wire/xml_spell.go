package wire

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

var cdataStart, cdataEnd = []byte("<![CDATA["), []byte("]]>")

// cdata returns the position behind the CDATA section at i, -1 when there is none.
func cdata(b []byte, i int) int {
	if !bytes.HasPrefix(b[i:], cdataStart) {
		return -1
	}
	i += len(cdataStart)
	n := bytes.Index(b[i:], cdataEnd)
	if n < 0 || bytes.ContainsFunc(b[i:i+n], func(r rune) bool { return !xmlRune(r) }) {
		return -1
	}
	return i + n + len(cdataEnd)
}

var xmlEntities = [...]struct {
	name string
	r    rune
}{{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}

// reference reads the character or entity reference at the start of b; n is its length, 0 when it is none.
func reference(b []byte) (r rune, n int) {
	end := bytes.IndexByte(b[:min(len(b), 16)], ';')
	if end < 2 {
		return 0, 0
	}
	name := b[1:end]
	if name[0] != '#' {
		for _, e := range xmlEntities {
			if string(name) == e.name {
				return e.r, end + 1
			}
		}
		return 0, 0
	}
	base, figures := 10, name[1:]
	if len(figures) > 0 && figures[0] == 'x' {
		base, figures = 16, figures[1:]
	}
	v := 0
	for _, c := range figures {
		d := hexDigit(c)
		if d < 0 || d >= base || v > utf8.MaxRune {
			return 0, 0
		}
		v = v*base + d
	}
	if len(figures) == 0 || v > utf8.MaxRune || !xmlRune(rune(v)) {
		return 0, 0
	}
	return rune(v), end + 1
}

// xmlRune reports whether XML 1.0 has a place for a character.
func xmlRune(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r':
		return true
	case r < 0x20, r >= 0xd800 && r < 0xe000, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}

// appendXMLText appends what characters of a scanned document say, CDATA sections included.
func appendXMLText(dst, raw []byte) []byte {
	for {
		i := bytes.IndexAny(raw, "&<")
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		raw = raw[i:]
		if r, n := reference(raw); n > 0 {
			dst = utf8.AppendRune(dst, r)
			raw = raw[n:]
			continue
		}
		end := cdata(raw, 0)
		if end < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[len(cdataStart):end-len(cdataEnd)]...)
		raw = raw[end:]
	}
}

// respellXML spells words in the place of characters spelled raw. What old and new words have in common at both ends
// keeps its bytes, and one CDATA section stays one where it can.
func respellXML(raw, words []byte) []byte {
	if bytes.HasPrefix(raw, cdataStart) && cdata(raw, 0) == len(raw) && !bytes.Contains(words, cdataEnd) &&
		!bytes.ContainsFunc(words, func(r rune) bool { return !xmlRune(r) || r == '\r' }) {
		words = bytes.ToValidUTF8(words, replacement)
		return append(append(append(make([]byte, 0, len(words)+16), cdataStart...), words...), cdataEnd...)
	}
	if bytes.IndexByte(raw, '<') >= 0 {
		return appendXML(nil, words, style{})
	}
	st := xmlStyle(raw)
	old := appendXMLText(nil, raw)
	head := commonPrefix(old, words)
	tail := commonSuffix(old[head:], words[head:])
	from, to := xmlOffset(raw, head), xmlOffset(raw, len(old)-tail)
	out := append(make([]byte, 0, len(raw)+len(words)+16), raw[:from]...)
	out = append(appendXML(out, words[head:len(words)-tail], st), raw[to:]...)
	if bytes.Contains(out, cdataEnd) {
		return appendXML(nil, words, style{special: st.special | spellGreater})
	}
	return out
}

// xmlStyle is how characters are spelled where XML leaves the choice.
func xmlStyle(raw []byte) style {
	var st style
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '&':
			r, n := reference(raw[i:])
			if r < utf8.RuneSelf {
				st.special |= asciiSpelling[r]
			}
			i += max(n, 1) - 1
		case '>', '"', '\'':
			st.plain |= asciiSpelling[raw[i]]
		}
	}
	return st
}

// xmlOffset is where in raw, which holds no CDATA, the decoded byte at offset n is spelled.
func xmlOffset(raw []byte, n int) int {
	i := 0
	for n > 0 && i < len(raw) {
		r, size := rune(0), 0
		if raw[i] == '&' {
			r, size = reference(raw[i:])
		}
		if size == 0 {
			i++
			n--
			continue
		}
		i += size
		n -= utf8.RuneLen(r)
	}
	return i
}

// appendXML appends words as characters of XML. What XML has no place for becomes U+FFFD.
func appendXML(dst, words []byte, st style) []byte {
	for i := 0; i < len(words); {
		r, n := utf8.DecodeRune(words[i:])
		i += n
		name := ""
		switch {
		case r == '&':
			name = "amp"
		case r == '<':
			name = "lt"
		case r == '>' && (st.plain&spellGreater == 0 || st.special&spellGreater != 0):
			name = "gt"
		case r == '"' && st.use(spellQuote):
			name = "quot"
		case r == '\'' && st.use(spellApostrophe):
			name = "apos"
		case r == '\r': // a parser takes a bare one for a line feed
			name = "#" + strconv.Itoa('\r')
		case !xmlRune(r):
			r = utf8.RuneError
		}
		if name == "" {
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(append(append(dst, '&'), name...), ';')
	}
	return dst
}
