package frame_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"attune/proxy/frame"
)

const (
	fin        = 0x80
	finText    = fin | byte(frame.Text)
	finBinary  = fin | byte(frame.Binary)
	finCont    = fin | byte(frame.Continuation)
	finClose   = fin | byte(frame.Close)
	finPing    = fin | byte(frame.Ping)
	finPong    = fin | byte(frame.Pong)
	text       = byte(frame.Text)
	binaryPart = byte(frame.Binary)
	cont       = byte(frame.Continuation)
)

// Every rule in the table is run for both directions, whole, byte by byte and cut at every place.
func TestDecoderRules(t *testing.T) {
	long := strings.Repeat("a", 126)
	tests := []struct {
		name  string
		limit int64
		build func(m bool) []byte
		want  []string
	}{
		{"nothing", 0, func(bool) []byte { return nil }, nil},
		{"text", 0, func(m bool) []byte { return short(m, finText, "hello") }, []string{`text "hello"`}},
		{"binary of any bytes", 0, func(m bool) []byte { return short(m, finBinary, "\xff\x00\xfe") }, []string{`binary "\xff\x00\xfe"`}},
		{"empty text", 0, func(m bool) []byte { return short(m, finText, "") }, []string{`text ""`}},
		{"empty binary", 0, func(m bool) []byte { return short(m, finBinary, "") }, []string{`binary ""`}},
		{"two messages", 0, func(m bool) []byte { return join(short(m, finText, "a"), short(m, finText, "b")) }, []string{`text "a"`, `text "b"`}},
		{"text of 126 bytes", 0, func(m bool) []byte { return raw(m, finText, len16(126), long) }, []string{`text "` + long + `"`}},
		{"ping and pong", 0, func(m bool) []byte { return join(short(m, finPing, "p"), short(m, finPong, "")) }, []string{`ping "p"`, `pong ""`}},
		{"ping of 125 bytes", 0, func(m bool) []byte { return short(m, finPing, long[:125]) }, []string{`ping "` + long[:125] + `"`}},
		{"unfinished header", 0, func(m bool) []byte { return []byte{finText} }, []string{"partial"}},
		{"unfinished payload", 0, func(m bool) []byte { return short(m, finText, "hello")[:4] }, []string{"partial"}},

		{"fragments", 0, func(m bool) []byte {
			return join(short(m, text, "wh"), short(m, cont, "er"), short(m, finCont, "e?"))
		}, []string{`text "where?"`}},
		{"empty fragments", 0, func(m bool) []byte {
			return join(short(m, text, ""), short(m, cont, ""), short(m, finCont, ""))
		}, []string{`text ""`}},
		{"only the last fragment holds bytes", 0, func(m bool) []byte {
			return join(short(m, binaryPart, ""), short(m, finCont, "x"))
		}, []string{`binary "x"`}},
		{"only the first fragment holds bytes", 0, func(m bool) []byte {
			return join(short(m, binaryPart, "x"), short(m, finCont, ""))
		}, []string{`binary "x"`}},
		{"control frames between fragments", 0, func(m bool) []byte {
			return join(short(m, text, "a"), short(m, finPing, "1"), short(m, cont, "b"), short(m, finPong, "2"), short(m, finCont, "c"))
		}, []string{`ping "1"`, `pong "2"`, `text "abc"`}},
		{"a message after a fragmented one", 0, func(m bool) []byte {
			return join(short(m, text, "a"), short(m, finCont, "b"), short(m, finText, "c"))
		}, []string{`text "ab"`, `text "c"`}},
		{"unfinished message", 0, func(m bool) []byte { return short(m, text, "a") }, []string{"partial"}},
		{"unfinished message after a ping", 0, func(m bool) []byte {
			return join(short(m, text, "a"), short(m, finPing, ""))
		}, []string{`ping ""`, "partial"}},

		{"continuation of nothing", 0, func(m bool) []byte { return short(m, finCont, "a") }, []string{"error 1002 continuation without a message to continue"}},
		{"continuation after a whole message", 0, func(m bool) []byte {
			return join(short(m, finText, "a"), short(m, cont, "b"))
		}, []string{`text "a"`, "error 1002 continuation without a message to continue"}},
		{"text inside a message", 0, func(m bool) []byte {
			return join(short(m, text, "a"), short(m, finText, "b"))
		}, []string{"error 1002 new message inside a fragmented one"}},
		{"binary inside a message", 0, func(m bool) []byte {
			return join(short(m, binaryPart, "a"), short(m, binaryPart, "b"))
		}, []string{"error 1002 new message inside a fragmented one"}},
		{"fragmented ping", 0, func(m bool) []byte { return short(m, byte(frame.Ping), "") }, []string{"error 1002 fragmented control frame"}},
		{"fragmented close", 0, func(m bool) []byte { return short(m, byte(frame.Close), "") }, []string{"error 1002 fragmented control frame"}},
		{"ping of 126 bytes", 0, func(m bool) []byte { return raw(m, finPing, len16(126), long) }, []string{"error 1002 control frame too long"}},
		{"pong with a 64 bit length", 0, func(m bool) []byte { return raw(m, finPong, len64(1<<40), "") }, []string{"error 1002 control frame too long"}},

		{"126 in two bytes is minimal", 0, func(m bool) []byte { return raw(m, finBinary, len16(126), long) }, []string{`binary "` + long + `"`}},
		{"125 in two bytes is not", 0, func(m bool) []byte { return raw(m, finBinary, len16(125), long[:125]) }, []string{"error 1002 length not in its shortest form"}},
		{"0 in two bytes is not", 0, func(m bool) []byte { return raw(m, finText, len16(0), "") }, []string{"error 1002 length not in its shortest form"}},
		{"65535 in eight bytes is not", 0, func(m bool) []byte { return raw(m, finText, len64(65535), "") }, []string{"error 1002 length not in its shortest form"}},
		{"0 in eight bytes is not", 0, func(m bool) []byte { return raw(m, finText, len64(0), "") }, []string{"error 1002 length not in its shortest form"}},
		{"65536 in eight bytes is", 0, func(m bool) []byte { return raw(m, finText, len64(65536), "") }, []string{"partial"}},

		{"2^63 without a limit", 0, func(m bool) []byte { return raw(m, finText, len64(1<<63), "") }, []string{"error 1002 length with its highest bit set"}},
		{"2^63 with a limit", 1024, func(m bool) []byte { return raw(m, finText, len64(1<<63), "") }, []string{"error 1009 message too big"}},
		{"2^64-1 with a limit", 1024, func(m bool) []byte { return raw(m, finBinary, len64(1<<64-1), "") }, []string{"error 1009 message too big"}},
		{"2^63-1 without a limit", 0, func(m bool) []byte { return raw(m, finText, len64(1<<63-1), "") }, []string{"partial"}},
		{"2^63-1 behind one byte", 0, func(m bool) []byte {
			return join(short(m, text, "a"), raw(m, finCont, len64(1<<63-1), ""))
		}, []string{"error 1009 message too big"}},
		{"at the limit", 5, func(m bool) []byte { return short(m, finText, "hello") }, []string{`text "hello"`}},
		{"one beyond the limit", 5, func(m bool) []byte { return short(m, finText, "hello!") }, []string{"error 1009 message too big"}},
		{"the limit is each message's own", 5, func(m bool) []byte {
			return join(short(m, finText, "hello"), short(m, finText, "again"))
		}, []string{`text "hello"`, `text "again"`}},
		{"fragments at the limit", 5, func(m bool) []byte {
			return join(short(m, text, "hel"), short(m, finCont, "lo"))
		}, []string{`text "hello"`}},
		{"fragments beyond the limit", 5, func(m bool) []byte {
			return join(short(m, text, "hel"), short(m, finPing, ""), short(m, cont, "lo!"))
		}, []string{`ping ""`, "error 1009 message too big"}},
		{"control frames have no part in the limit", 5, func(m bool) []byte { return short(m, finPing, "longer") }, []string{`ping "longer"`}},
		{"a negative limit is none", -1, func(m bool) []byte { return short(m, finText, "hello") }, []string{`text "hello"`}},
	}
	for _, tt := range tests {
		for _, masked := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/masked=%v", tt.name, masked), func(t *testing.T) {
				same(t, masked, frame.Limits{Message: tt.limit}, tt.build(masked), tt.want)
			})
		}
	}
}

func TestDecoderRefusesReserved(t *testing.T) {
	for _, rsv := range []byte{0x10, 0x20, 0x40, 0x50, 0x70} {
		for _, op := range []byte{finText, finBinary, finCont, finClose, finPing, finPong, text} {
			same(t, true, frame.Limits{}, short(true, op|rsv, ""), []string{"error 1002 reserved bit set"})
		}
	}
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		for _, first := range []byte{op, op | fin} {
			same(t, true, frame.Limits{}, short(true, first, "x"), []string{"error 1002 reserved opcode"})
		}
	}
}

func TestDecoderWantsTheRightMask(t *testing.T) {
	for _, first := range []byte{finText, finBinary, finPing, finPong, finClose, text} {
		same(t, true, frame.Limits{}, short(false, first, ""), []string{"error 1002 unmasked frame from a client"})
		same(t, false, frame.Limits{}, short(true, first, ""), []string{"error 1002 masked frame from a server"})
	}
	// The zero key is a key.
	zero := frame.AppendMasked(nil, frame.Text, [4]byte{}, []byte("plain"))
	same(t, true, frame.Limits{}, zero, []string{`text "plain"`})
}

func TestDecoderClosePayload(t *testing.T) {
	tests := []struct {
		name, payload string
		want          []string
	}{
		{"empty", "", []string{`close ""`, "closed"}},
		{"one byte", "\x03", []string{"error 1002 close payload of one byte"}},
		{"code alone", "\x03\xe8", []string{`close "\x03\xe8"`, "closed"}},
		{"code and reason", "\x03\xe8bye", []string{`close "\x03\xe8bye"`, "closed"}},
		{"longest reason", "\x03\xe8" + strings.Repeat("é", 61) + "!", []string{`close "\x03\xe8` + strings.Repeat("é", 61) + `!"`, "closed"}},
		{"code 1005", "\x03\xed", []string{"error 1002 close code not allowed"}},
		{"code 0", "\x00\x00", []string{"error 1002 close code not allowed"}},
		{"bad code before a bad reason", "\x03\xed\xff", []string{"error 1002 close code not allowed"}},
		{"bad reason", "\x03\xe8\xff", []string{"error 1007 close reason is not UTF-8"}},
		{"reason cut inside a character", "\x03\xe8\xe2\x82", []string{"error 1007 close reason is not UTF-8"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			same(t, true, frame.Limits{}, short(true, finClose, tt.payload), tt.want)
			same(t, false, frame.Limits{}, short(false, finClose, tt.payload), tt.want)
		})
	}
}

// What follows a Close frame is not looked at, however wrong it is, nor kept.
func TestDecoderEndsWithClose(t *testing.T) {
	b := join(short(true, text, "unfinished"), short(true, finClose, "\x03\xe8"), []byte{0xFF, 0xFF, 0xFF}, short(true, finText, "late"))
	same(t, true, frame.Limits{}, b, []string{`close "\x03\xe8"`, "closed"})

	d := frame.NewDecoder(true, frame.Limits{})
	script(d, chunks(b))
	if d.Partial() || d.Buffered() != 0 {
		t.Errorf("after a close: partial %v, %d bytes held", d.Partial(), d.Buffered())
	}
}

func TestDecoderStaysInError(t *testing.T) {
	d := frame.NewDecoder(true, frame.Limits{})
	d.Feed(join(short(true, text, "held"), []byte{0xFF}))
	_, _, first := d.Next()
	if first == nil {
		t.Fatal("no error")
	}
	for range 3 {
		d.Feed(short(true, finText, "fine"))
		if m, ok, err := d.Next(); ok || err != first {
			t.Fatalf("after an error: %v %v %v, want the same error again", m, ok, err)
		}
	}
	if d.Partial() || d.Buffered() != 0 || d.Closed() {
		t.Errorf("after an error: partial %v, %d bytes held, closed %v", d.Partial(), d.Buffered(), d.Closed())
	}
}

// The budget of wire bytes ends a message of empty fragments, and never one that keeps to the limit in whole frames.
func TestDecoderBudget(t *testing.T) {
	const limit = 1000
	tests := []struct {
		name   string
		masked bool
		header int
	}{{"masked", true, 6}, {"unmasked", false, 2}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := frame.NewDecoder(tt.masked, frame.Limits{Message: limit})
			sent := 0
			var err error
			for i := 0; err == nil; i++ {
				op := cont
				if i == 0 {
					op = text
				}
				d.Feed(short(tt.masked, op, ""))
				sent += tt.header
				_, _, err = d.Next()
				if sent > 2*limit+4096+tt.header {
					t.Fatalf("%d wire bytes and no end", sent)
				}
			}
			if got := fault(err); got != "error 1009 message in too many fragments" {
				t.Error(got)
			}
			if sent <= 2*limit+4096 {
				t.Errorf("cut after %d wire bytes, before the budget was spent", sent)
			}
		})
	}
	t.Run("the next message has its own", func(t *testing.T) {
		fragmented := short(true, text, "")
		for range (2*limit + 4096 - 12) / 6 {
			fragmented = append(fragmented, short(true, cont, "")...)
		}
		fragmented = append(fragmented, short(true, finCont, "")...)
		same(t, true, frame.Limits{Message: limit}, join(fragmented, fragmented), []string{`text ""`, `text ""`})
	})
	t.Run("pings do not count", func(t *testing.T) {
		b := short(true, text, "a")
		want := []string{}
		for range 2000 {
			b = append(b, short(true, finPing, "")...)
			want = append(want, `ping ""`)
		}
		same(t, true, frame.Limits{Message: limit}, append(b, short(true, finCont, "b")...), append(want, `text "ab"`))
	})
	t.Run("no limit, no budget", func(t *testing.T) {
		b := short(true, text, "")
		for range 5000 {
			b = append(b, short(true, cont, "")...)
		}
		same(t, true, frame.Limits{}, append(b, short(true, finCont, "")...), []string{`text ""`})
	})
}

// Feeding again before Next said false loses nothing and leaves the first bytes alone.
func TestDecoderFedTwice(t *testing.T) {
	d := frame.NewDecoder(true, frame.Limits{})
	all := join(short(true, finText, "one"), short(true, finText, "two"), short(true, finText, "three"))
	d.Feed(slices.Clone(all[:12]))
	d.Feed(nil)
	d.Feed(slices.Clone(all[12:]))
	if got := script(d, [][]byte{nil}); !slices.Equal(got, []string{`text "one"`, `text "two"`, `text "three"`}) {
		t.Errorf("got %q", got)
	}
}

func TestOpcodeString(t *testing.T) {
	for op, want := range map[frame.Opcode]string{
		frame.Continuation: "continuation", frame.Text: "text", frame.Binary: "binary",
		frame.Close: "close", frame.Ping: "ping", frame.Pong: "pong", 5: "opcode 5",
	} {
		if got := op.String(); got != want {
			t.Errorf("%d: %q, want %q", op, got, want)
		}
	}
}
