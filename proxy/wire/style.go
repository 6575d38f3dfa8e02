package wire

import "unicode/utf8"

// style remembers how a peer spells JSON strings where JSON leaves the choice: every bit is one choice, set in
// special when the longer spelling was seen and in plain when the short one was.
type style struct{ special, plain uint16 }

// The choices.
const (
	spellSlash      uint16 = 1 << iota // \/ for /
	spellApostrophe                    // \u0027 for '
	spellLess                          // \u003c for <
	spellGreater                       // \u003e for >
	spellAmpersand                     // \u0026 for &
	spellPlus                          // \u002b for +
	spellEqual                         // \u003d for =
	spellBacktick                      // \u0060 for `
	spellDelete                        // \u007f for the delete character
	spellNonASCII                      // \u2019 for everything beyond ASCII
	spellLineEnd                       // \u2028 for U+2028 and U+2029, also where the rest is raw
	spellQuote                         // \u0022 for \"
	spellBackslash                     // \u005c for \\
	spellControl                       // \u000a for \n, and so on
	spellUpper                         // \u2019 with capital hex digits
	spellSlashHex                      // \u002f for \/
)

// asciiSpelling gives the choice an ASCII character is subject to, 0 for most.
var asciiSpelling = [128]uint16{
	'/': spellSlash, '\'': spellApostrophe, '<': spellLess, '>': spellGreater, '&': spellAmpersand, '+': spellPlus,
	'=': spellEqual, '`': spellBacktick, 0x7f: spellDelete, '"': spellQuote, '\\': spellBackslash,
	'\b': spellControl, '\f': spellControl, '\n': spellControl, '\r': spellControl, '\t': spellControl,
}

// learnEscape takes note of one escape sequence, which escapeLen has accepted.
func (s *style) learnEscape(esc []byte) {
	switch esc[1] {
	case '"':
		s.plain |= spellQuote
	case '\\':
		s.plain |= spellBackslash
	case '/':
		s.special |= spellSlash
		s.plain |= spellSlashHex
	case 'u':
		for _, c := range esc[2:6] {
			if c >= 'A' && c <= 'F' {
				s.special |= spellUpper
			} else if c >= 'a' && c <= 'f' {
				s.plain |= spellUpper
			}
		}
		switch r := hex4(esc[2:]); {
		case r == 0x2028 || r == 0x2029:
			s.special |= spellLineEnd
		case r >= 0x80:
			s.special |= spellNonASCII
		case r == '/':
			s.special |= spellSlash | spellSlashHex
		default:
			s.special |= asciiSpelling[r]
		}
	default:
		s.plain |= spellControl
	}
}

// learn takes note of everything a string shows; raw is what stands between its quotes.
func (s *style) learn(raw []byte) {
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '\\':
			n := escapeLen(raw[i:])
			if n == 0 {
				return
			}
			s.learnEscape(raw[i : i+n])
			i += n
			continue
		case c >= 0x80:
			if isLineEnd(raw[i:]) {
				s.plain |= spellLineEnd
			} else {
				s.plain |= spellNonASCII
			}
			i++
			for i < len(raw) && !utf8.RuneStart(raw[i]) {
				i++
			}
			continue
		}
		s.plain |= asciiSpelling[c]
		i++
	}
}

// learnDocument takes note of every string of a JSON text.
func (s *style) learnDocument(doc []byte) {
	for i := 0; i < len(doc); i++ {
		if doc[i] != '"' {
			continue
		}
		from := i + 1
		for i = from; i < len(doc) && doc[i] != '"'; i++ {
			if doc[i] == '\\' {
				i++
			}
		}
		s.learn(doc[from:min(i, len(doc))])
	}
}

// known is the set of choices that were shown.
func (s style) known() uint16 { return s.special | s.plain }

// fill adds, for the choices that s does not know, what o knows.
func (s style) fill(o style) style {
	open := ^s.known()
	return style{special: s.special | o.special&open, plain: s.plain | o.plain&open}
}

// use reports whether the longer spelling is to be used: only where nothing but it was seen.
func (s style) use(choice uint16) bool { return s.special&choice != 0 && s.plain&choice == 0 }

// isLineEnd reports whether b begins with U+2028 or U+2029.
func isLineEnd(b []byte) bool {
	return len(b) >= 3 && b[0] == 0xe2 && b[1] == 0x80 && (b[2] == 0xa8 || b[2] == 0xa9)
}

func hex4(b []byte) rune {
	return rune(hexDigit(b[0])<<12 | hexDigit(b[1])<<8 | hexDigit(b[2])<<4 | hexDigit(b[3]))
}
