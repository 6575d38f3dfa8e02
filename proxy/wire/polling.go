package wire

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// PollingPacket is one packet of a polling body.
type PollingPacket struct {
	// Data is the packet as it would stand in a WebSocket message, such as 42["event"]: the message of a
	// [Translator]. Of a binary one it is what the body holds, base64 and all; it is not to be changed.
	Data   []byte
	Binary bool
}

// Polling is the body of a request or response of Engine.IO's HTTP long-polling, taken apart.
type Polling struct {
	Packets []PollingPacket

	format pollingFormat
}

// pollingFormat is how a body keeps its packets apart. The library of Engine.IO 3 for JavaScript (engine.io-parser 2)
// counts UTF-16 code units. That for Python (python-engineio 3) counts characters when it reads and bytes when it writes.
type pollingFormat uint8

const (
	pollingSeparated pollingFormat = iota // Engine.IO 4: 0x1e between packets
	pollingUTF16                          // Engine.IO 3: LENGTH:PACKET, in UTF-16 code units
	pollingBytes                          // the same, in bytes
	pollingRunes                          // the same, in characters
	pollingMarked                         // Engine.IO 3 with binary packets: 0 or 1, digits as bytes, 255, PACKET, in bytes
)

// SplitPolling takes the body of a polling request or response of Engine.IO 3 or 4 (EIO in its query) apart. False for
// what is no list of packets: the answer "ok", JSONP in either direction, an error page; such a body is to be passed on
// as it is. The packets share the body's memory. Where the lengths of Engine.IO 3 make sense in several units, the first
// of UTF-16 code units, bytes and characters is taken; should it be the wrong one, packets come out that no profile reads.
func SplitPolling(body []byte, eio int) (Polling, bool) {
	switch {
	case len(body) == 0:
		return Polling{}, false
	case eio == 4:
		return splitSeparated(body)
	case eio != 3:
		return Polling{}, false
	case body[0] <= 1:
		return splitMarked(body)
	}
	for format := pollingUTF16; format <= pollingRunes; format++ {
		if p, ok := splitCounted(body, format); ok {
			return p, true
		}
	}
	return Polling{}, false
}

// Append puts the body together, with the lengths that its packets have now. Of packets nobody changed it is the very
// body that was taken apart.
func (p Polling) Append(dst []byte) []byte {
	for i, packet := range p.Packets {
		n := uint64(p.format.count(packet.Data))
		switch p.format {
		case pollingSeparated:
			if i > 0 {
				dst = append(dst, recordSeparator)
			}
		case pollingUTF16, pollingBytes, pollingRunes:
			dst = append(strconv.AppendUint(dst, n, 10), ':')
		case pollingMarked:
			mark := byte(0)
			if packet.Binary {
				mark = 1
			}
			dst = append(dst, mark)
			from := len(dst)
			dst = strconv.AppendUint(dst, n, 10)
			for i := from; i < len(dst); i++ {
				dst[i] -= '0'
			}
			dst = append(dst, 0xff)
		}
		dst = append(dst, packet.Data...)
	}
	return dst
}

// count is how long a packet is.
func (f pollingFormat) count(data []byte) int {
	switch f {
	case pollingUTF16:
		n := 0
		for len(data) > 0 {
			r, size := utf8.DecodeRune(data)
			n, data = n+units(r), data[size:]
		}
		return n
	case pollingRunes:
		return utf8.RuneCount(data)
	case pollingSeparated, pollingBytes, pollingMarked:
	}
	return len(data)
}

// units is how many UTF-16 code units a character takes.
func units(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// end is where in b the packet of n ends, -1 when there is none.
func (f pollingFormat) end(b []byte, n int) int {
	if f != pollingUTF16 && f != pollingRunes {
		if n > len(b) {
			return -1
		}
		return n
	}
	i := 0
	for n > 0 && i < len(b) {
		r, size := utf8.DecodeRune(b[i:])
		i += size
		if n--; f == pollingUTF16 {
			n -= units(r) - 1
		}
	}
	if n != 0 {
		return -1
	}
	return i
}

// add enters a packet and reports whether it is one: text that begins with its type, or base64 marked b.
func (p *Polling) add(data []byte, binary bool) bool {
	if len(data) == 0 || !binary && data[0] != 'b' && (data[0] < '0' || data[0] > '6') {
		return false
	}
	p.Packets = append(p.Packets, PollingPacket{Data: data, Binary: binary || data[0] == 'b'})
	return true
}

func splitSeparated(body []byte) (Polling, bool) {
	p := Polling{format: pollingSeparated}
	for data := range bytes.SplitSeq(body, []byte{recordSeparator}) {
		if !p.add(data, false) {
			return Polling{}, false
		}
	}
	return p, true
}

func splitCounted(body []byte, format pollingFormat) (Polling, bool) {
	p := Polling{format: format}
	for rest := body; len(rest) > 0; {
		n, size := digits(rest)
		// A length is spelled one way only, so that the body can be put together again.
		if size == 0 || size > 9 || rest[0] == '0' || size == len(rest) || rest[size] != ':' {
			return Polling{}, false
		}
		rest = rest[size+1:]
		end := format.end(rest, int(n))
		if end < 0 || !p.add(rest[:end:end], false) {
			return Polling{}, false
		}
		rest = rest[end:]
	}
	return p, true
}

func splitMarked(body []byte) (Polling, bool) {
	p := Polling{format: pollingMarked}
	for rest := body; len(rest) > 0; {
		end := bytes.IndexByte(rest, 0xff)
		if end < 2 || end > 10 || rest[0] > 1 || rest[1] == 0 {
			return Polling{}, false
		}
		n := 0
		for _, d := range rest[1:end] {
			if d > 9 {
				return Polling{}, false
			}
			n = n*10 + int(d)
		}
		binary := rest[0] == 1
		rest = rest[end+1:]
		if n > len(rest) || !p.add(rest[:n:n], binary) {
			return Polling{}, false
		}
		rest = rest[n:]
	}
	return p, true
}
