package wire

import (
	"bytes"
	"math"
	"slices"
)

// stompCommands are all there are, by STOMP 1.2.
var stompCommands = [...]string{
	"CONNECT", "STOMP", "CONNECTED", "SEND", "SUBSCRIBE", "UNSUBSCRIBE", "ACK", "NACK", "BEGIN", "COMMIT", "ABORT",
	"DISCONNECT", "MESSAGE", "RECEIPT", "ERROR",
}

// stompFrame is one frame of a piece, by places in there.
type stompFrame struct {
	head              []byte // command and headers, each with its line end, and the blank line
	start, end        int    // the frame with its NUL
	body, bodyEnd     int
	length, lengthEnd int // the digits of content-length, both 0 when it has none
}

// parseStomp reads the frame at a place and reports whether it is one.
func parseStomp(buf []byte, at int) (stompFrame, bool) {
	f := stompFrame{start: at}
	counted, i := -1, at
	for first := true; ; first = false {
		n := bytes.IndexByte(buf[i:], '\n')
		if n < 0 {
			return f, false
		}
		from := i
		line := bytes.TrimSuffix(buf[i:i+n], []byte{'\r'})
		i += n + 1
		if first {
			if !slices.Contains(stompCommands[:], string(line)) {
				return f, false
			}
			continue
		}
		if len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 1 || bytes.IndexByte(line, 0) >= 0 {
			return f, false
		}
		if string(line[:colon]) == "content-length" && counted < 0 { // of a header given twice the first counts
			n, size := digits(line[colon+1:])
			if size == 0 || size > 9 || colon+1+size < len(line) {
				return f, false
			}
			counted, f.length, f.lengthEnd = int(n), from+colon+1, from+len(line)
		}
	}
	f.head, f.body = buf[at:i], i
	f.bodyEnd = i + counted
	if counted < 0 {
		n := bytes.IndexByte(buf[i:], 0)
		if n < 0 {
			return f, false
		}
		f.bodyEnd = i + n
	}
	if f.bodyEnd >= len(buf) || buf[f.bodyEnd] != 0 || len(buf) > math.MaxInt32 {
		return f, false
	}
	f.end = f.bodyEnd + 1
	return f, true
}

// command is the first line.
func (f *stompFrame) command() []byte {
	line, _, _ := bytes.Cut(f.head, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}

func (f *stompFrame) is(command string) bool { return string(f.command()) == command }

// header is the value of a header as it is spelled, nil when there is none. Of several the first counts.
func (f *stompFrame) header(name string) []byte {
	_, rest, _ := bytes.Cut(f.head, []byte{'\n'})
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		if len(line) > len(name) && line[len(name)] == ':' && string(line[:len(name)]) == name {
			return bytes.TrimSuffix(line[len(name)+1:], []byte{'\r'})
		}
	}
	return nil
}

// appendStompHeader appends what a header's value says. STOMP 1.0 has no escapes; a backslash that begins none stays.
func appendStompHeader(dst, spelled []byte) []byte {
	for i := 0; i < len(spelled); i++ {
		c := spelled[i]
		if c == '\\' && i+1 < len(spelled) {
			if j := bytes.IndexByte([]byte(`nrc\`), spelled[i+1]); j >= 0 {
				dst = append(dst, "\n\r:\\"[j])
				i++
				continue
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// skipLines returns the place of the first byte from i on that is no line end.
func skipLines(b []byte, i int) int {
	for i < len(b) && (b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// respellPlain spells a body that is one text: as it is. A NUL ends a frame that does not say how long its body is.
func respellPlain(words []byte, counted bool) []byte {
	words = bytes.ToValidUTF8(words, replacement)
	if !counted {
		words = bytes.ReplaceAll(words, []byte{0}, replacement)
	}
	return words
}
