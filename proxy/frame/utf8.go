package frame

import "encoding/binary"

// utf8Check validates a text that arrives in pieces. The zero value is ready. It refuses at the first byte that no
// continuation could save: an overlong form, a surrogate or a value beyond U+10FFFF is seen on its second byte.
type utf8Check struct {
	need   uint8 // continuation bytes missing
	lo, hi uint8 // range of the next one
}

// feed reports whether p may follow what was fed before. After false the check is of no more use.
func (c *utf8Check) feed(p []byte) bool {
	i := 0
	for c.need > 0 {
		if i == len(p) {
			return true
		}
		if p[i] < c.lo || p[i] > c.hi {
			return false
		}
		c.need--
		c.lo, c.hi = 0x80, 0xBF
		i++
	}
	for i < len(p) {
		lead := p[i]
		switch rest := p[i:]; {
		case lead < 0x80:
			i += ascii(rest)
			continue
		// The characters of most scripts, one comparison a byte; what fails here is looked at again below.
		case lead >= 0xC2 && lead < 0xE0 && len(rest) > 1 && continues(rest[1]):
			i += 2
			continue
		case lead > 0xE0 && lead < 0xED && len(rest) > 2 && continues(rest[1]) && continues(rest[2]):
			i += 3
			continue
		}
		need, lo, hi := follow(lead)
		if need == 0 {
			return false
		}
		rest := p[i+1:]
		if len(rest) < int(need) {
			*c = utf8Check{need: need, lo: lo, hi: hi}
			return c.feed(rest)
		}
		if rest[0] < lo || rest[0] > hi {
			return false
		}
		for _, b := range rest[1:need] {
			if !continues(b) {
				return false
			}
		}
		i += 1 + int(need)
	}
	return true
}

// continues reports whether b is a continuation byte.
func continues(b byte) bool { return b&0xC0 == 0x80 }

// done reports whether the text may end here.
func (c *utf8Check) done() bool { return c.need == 0 }

// follow returns how many bytes follow a lead byte that is not ASCII, and the range of the first of them (Unicode
// 17, table 3-7); 0 for a byte that leads nothing.
func follow(lead byte) (need, lo, hi uint8) {
	switch {
	case lead < 0xC2:
		return 0, 0, 0
	case lead < 0xE0:
		return 1, 0x80, 0xBF
	case lead == 0xE0:
		return 2, 0xA0, 0xBF
	case lead == 0xED:
		return 2, 0x80, 0x9F
	case lead < 0xF0:
		return 2, 0x80, 0xBF
	case lead == 0xF0:
		return 3, 0x90, 0xBF
	case lead < 0xF4:
		return 3, 0x80, 0xBF
	case lead == 0xF4:
		return 3, 0x80, 0x8F
	default:
		return 0, 0, 0
	}
}

// ascii returns the length of the run of ASCII at the start of p.
func ascii(p []byte) int {
	const high = 0x8080808080808080
	i := 0
	for len(p)-i >= 8 && binary.LittleEndian.Uint64(p[i:])&high == 0 {
		i += 8
	}
	for i < len(p) && p[i] < 0x80 {
		i++
	}
	return i
}
