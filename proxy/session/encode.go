package session

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The flush encodes each turn and meta once, and encoding/json looks at every byte three times on the way: it reflects,
// calls MarshalJSON, and checks and compacts what that returns. What is written here is the same, byte for byte.

// appendTurn appends the stored form of a turn, as of turnJSON.
func appendTurn(dst []byte, t *Turn) []byte {
	dst = append(dst, '{')
	if t.ID != "" {
		dst = append(appendText(append(dst, `"i":`...), t.ID), ',')
	}
	dst = appendText(append(dst, `"r":`...), t.Role)
	dst = appendField(dst, `,"x":`, t.Text)
	dst = appendField(dst, `,"s":`, t.Sent)
	dst = appendField(dst, `,"a":`, t.Agent)
	dst = appendField(dst, `,"e":`, t.Event)
	dst = strconv.AppendInt(append(dst, `,"t":`...), t.At.UnixMilli(), 10)
	dst = appendList(dst, `,"u":`, t.Rules)
	dst = appendList(dst, `,"g":`, t.Signals)
	if t.Late {
		dst = append(dst, `,"l":true`...)
	}
	return append(dst, '}')
}

// appendMeta appends the stored form of meta, as of metaJSON.
func appendMeta(dst []byte, m *Meta) []byte {
	dst = append(dst, '{')
	start := len(dst)
	dst = appendField(dst, `,"p":`, m.Profile)
	dst = appendField(dst, `,"l":`, m.Locale)
	dst = appendField(dst, `,"a":`, m.Path)
	dst = appendField(dst, `,"c":`, m.Channel)
	dst = strconv.AppendInt(append(dst, `,"s":`...), m.Started.UnixMilli(), 10)
	dst = strconv.AppendInt(append(dst, `,"t":`...), m.Seen.UnixMilli(), 10)
	dst = append(dst[:start], dst[start+1:]...) // the first comma
	return append(dst, '}')
}

// appendField appends a key and its text, nothing when it is empty.
func appendField(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	return appendText(append(dst, key...), text)
}

func appendList(dst []byte, key string, list []string) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(dst, key...), '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, s)
	}
	return append(dst, ']')
}

// byteSet is a set of bytes.
type byteSet [256]bool

// hasEight tells that the first eight bytes of s are in the set, of which most texts mostly are.
func (b *byteSet) hasEight(s string) bool {
	return b[s[0]] && b[s[1]] && b[s[2]] && b[s[3]] && b[s[4]] && b[s[5]] && b[s[6]] && b[s[7]]
}

// plainText are the bytes that appendText leaves as they are wherever they stand: of ASCII, since others are decoded.
var plainText = func() (plain byteSet) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		plain[c] = !strings.ContainsRune(`"\<>&`, rune(c))
	}
	return plain
}()

// appendText appends a JSON string as encoding/json spells it: with the signs of HTML escaped.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	done := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && plainText.hasEight(s[i:]) {
			i += 8
			continue
		}
		c, n := s[i], 1
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			n = size
			switch {
			case r == utf8.RuneError && size == 1:
				dst = append(append(dst, s[done:i]...), `\ufffd`...)
			case r == '\u2028' || r == '\u2029':
				dst = append(append(dst, s[done:i]...), `\u202`...)
				dst = append(dst, hex[r&15])
			default:
				i += n
				continue
			}
		} else if plainText[c] {
			i++
			continue
		} else {
			dst = append(append(dst, s[done:i]...), '\\')
			switch c {
			case '"', '\\':
				dst = append(dst, c)
			case '\b':
				dst = append(dst, 'b')
			case '\f':
				dst = append(dst, 'f')
			case '\n':
				dst = append(dst, 'n')
			case '\r':
				dst = append(dst, 'r')
			case '\t':
				dst = append(dst, 't')
			default:
				dst = append(dst, 'u', '0', '0', hex[c>>4], hex[c&15])
			}
		}
		i += n
		done = i
	}
	return append(append(dst, s[done:]...), '"')
}
