package frame_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"attune/proxy/frame"
)

// within reports whether part is a piece of whole's memory.
func within(part, whole []byte) bool {
	from, at := uintptr(unsafe.Pointer(&whole[0])), uintptr(unsafe.Pointer(&part[0]))
	return at >= from && at+uintptr(len(part)) <= from+uintptr(len(whole))
}

func TestDecoderHandsOutInPlace(t *testing.T) {
	read := join(short(true, finText, "first"), short(true, finPing, "beat"), short(true, finText, "second"))
	d := frame.NewDecoder(true, frame.Limits{})
	d.Feed(read)
	for _, want := range []string{"first", "beat", "second"} {
		m, ok, err := d.Next()
		if !ok || err != nil || string(m.Payload) != want {
			t.Fatalf("%q %v %v, want %q", m.Payload, ok, err, want)
		}
		if !within(m.Payload, read) {
			t.Errorf("%q was copied", want)
		}
		if cap(m.Payload) != len(m.Payload) {
			t.Errorf("%q has room for %d bytes more: appending would write into the next frame", want, cap(m.Payload)-len(m.Payload))
		}
		if d.Buffered() != 0 {
			t.Errorf("%d bytes held", d.Buffered())
		}
	}
}

// A header in one read and its payload in the next is still no reason to copy.
func TestDecoderHeaderAloneThenInPlace(t *testing.T) {
	b := short(true, finText, "payload")
	for cut := 1; cut <= 6; cut++ {
		d := frame.NewDecoder(true, frame.Limits{})
		rest := slices.Clone(b[cut:])
		if got := script(d, chunks(b[:cut])); !slices.Equal(got, []string{"partial"}) {
			t.Fatalf("cut at %d: %q", cut, got)
		}
		if d.Buffered() != 0 {
			t.Errorf("cut at %d: %d bytes held for a header", cut, d.Buffered())
		}
		d.Feed(rest)
		if m, ok, _ := d.Next(); !ok || !within(m.Payload, rest) {
			t.Errorf("cut at %d: %q %v, copied", cut, m.Payload, ok)
		}
	}
}

// What was fed is the caller's again after Next said false: nothing that comes later depends on it.
func TestDecoderKeepsNothingOfTheRead(t *testing.T) {
	const words = "a text over several reads"
	b := join(short(true, text, words[:9]), short(true, finPing, "between"), short(true, finCont, words[9:]))
	buf := make([]byte, 3)
	d := frame.NewDecoder(true, frame.Limits{})
	var got []string
	for len(b) > 0 {
		n := copy(buf, b)
		b = b[n:]
		got = append(got, script(d, [][]byte{buf[:n]})...)
		clear(buf)
	}
	got = slices.DeleteFunc(got, func(s string) bool { return s == "partial" })
	if !slices.Equal(got, []string{`ping "between"`, `text "` + words + `"`}) {
		t.Errorf("got %q", got)
	}
}

// Memory follows what was sent, not what was claimed, and ends with the message.
func TestDecoderMemory(t *testing.T) {
	const claim = 32 << 20
	d := frame.NewDecoder(false, frame.Limits{Message: claim})
	d.Feed(frame.AppendHeader(nil, frame.Binary, true, claim))
	d.Next()
	if d.Buffered() != 0 {
		t.Errorf("%d bytes held on a claim", d.Buffered())
	}
	sent := 0
	for _, n := range []int{1, 1, 100, 1000, 4096, 4096, 100_000} {
		d.Feed(make([]byte, n))
		d.Next()
		sent += n
		if got := d.Buffered(); got > max(512, 2*sent) {
			t.Errorf("%d bytes held after %d were sent", got, sent)
		}
	}
	d.Feed(make([]byte, claim-sent))
	if m, ok, err := d.Next(); !ok || len(m.Payload) != claim {
		t.Fatalf("%d bytes, %v, %v", len(m.Payload), ok, err)
	}
	if got := d.Buffered(); got != claim {
		t.Errorf("%d bytes held for %d", got, claim)
	}
	d.Next()
	if d.Buffered() != 0 {
		t.Errorf("%d bytes held between messages", d.Buffered())
	}
}

// A message in many fragments is not copied for each of them: it takes as many buffers as one in a single frame that
// arrives byte by byte.
func TestDecoderMemoryOfFragments(t *testing.T) {
	const n = 20_000
	for _, limit := range []int64{0, n} {
		stream := short(true, text, "ten bytes ")
		for range n/10 - 2 {
			stream = append(stream, short(true, cont, "ten bytes ")...)
		}
		stream = append(stream, short(true, finCont, "ten bytes ")...)
		size := 0
		allocs := testing.AllocsPerRun(1, func() {
			d := frame.NewDecoder(true, frame.Limits{Message: limit})
			for piece := range slices.Chunk(slices.Clone(stream), 1000) {
				d.Feed(piece)
				m, ok, err := d.Next()
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					size = len(m.Payload)
				} else if got := d.Buffered(); limit > 0 && int64(got) > limit {
					t.Fatalf("%d bytes held with a limit of %d", got, limit)
				}
			}
		})
		if size != n || allocs > 20 {
			t.Errorf("limit %d: %d bytes read with %v allocations", limit, size, allocs)
		}
	}
}

// A buffer is never larger than the message, and a large one does not serve the small message behind it.
func TestDecoderMemoryOfSmallMessages(t *testing.T) {
	d := frame.NewDecoder(true, frame.Limits{})
	for _, n := range []int{100, 600, 1100, 50_000} {
		b := frame.AppendMasked(nil, frame.Text, key, bytes.Repeat([]byte("a"), n))
		for _, piece := range chunks(b, len(b)/3, len(b)/2, len(b)-1) {
			d.Feed(piece)
			if d.Next(); d.Buffered() > n {
				t.Errorf("%d bytes held for a message of %d", d.Buffered(), n)
			}
		}
	}
	large := frame.AppendMasked(nil, frame.Binary, key, make([]byte, 100_000))
	small := short(true, finText, "small")
	d.Feed(slices.Clone(large[:50_000]))
	d.Next()
	d.Feed(join(large[50_000:], small[:len(small)-1]))
	for ok := true; ok; _, ok, _ = d.Next() {
	}
	if !d.Partial() || d.Buffered() > 512 {
		t.Errorf("%d bytes held for a message of 5", d.Buffered())
	}
}

func TestDecoderIdleHoldsNothing(t *testing.T) {
	tests := []struct {
		name   string
		pieces [][]byte
	}{
		{"whole message", chunks(short(true, finText, "hello"))},
		{"message in pieces", single(short(true, finText, "hello"))},
		{"fragments", chunks(join(short(true, text, "a"), short(true, finCont, "b")))},
		{"ping in pieces", single(short(true, finPing, "hello"))},
		{"error in a message", single(join(short(true, text, "held"), short(true, finText, "x")))},
		{"error in a ping", single(join(short(true, text, "held"), short(true, finClose, "\x00\x00")))},
		{"close in a message", single(join(short(true, text, "held"), short(true, finClose, "")))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := frame.NewDecoder(true, frame.Limits{})
			script(d, tt.pieces)
			if d.Partial() || d.Buffered() != 0 {
				t.Errorf("partial %v, %d bytes held", d.Partial(), d.Buffered())
			}
		})
	}
	if size := unsafe.Sizeof(frame.Decoder{}); size > 256 {
		t.Errorf("an idle decoder costs %d bytes", size)
	}
}

// The way of an unedited message, both directions: decode from a read, append to what is to be written. Nothing is
// allocated for it, nor for messages that straddle reads in a busy stream, nor for fragments.
func TestPassThroughAllocatesNothing(t *testing.T) {
	short160 := strings.Repeat("words ", 27)
	tests := []struct {
		name   string
		masked bool
		stream []byte
		reads  int // bytes of one read, 0 = all at once
		cut    int // bytes of the last message that come with the next turn only, so that it never is idle
	}{
		{"text from a widget", true, frame.AppendMasked(nil, frame.Text, key, []byte(short160)), 0, 0},
		{"text from a backend", false, frame.Append(nil, frame.Text, []byte(short160)), 0, 0},
		{"64 KiB at once", true, frame.AppendMasked(nil, frame.Binary, key, make([]byte, 64<<10)), 0, 0},
		{"control frames", true, join(short(true, finPing, "beat"), short(true, finPong, "")), 0, 0},
		{"many in reads of 1000 bytes", true, bytes.Repeat(frame.AppendMasked(nil, frame.Text, key, []byte(short160)), 50), 1000, 5},
		{"fragments in reads of 1000 bytes", true, bytes.Repeat(join(short(true, text, "one "), short(true, finPing, ""), short(true, finCont, "two")), 200), 1000, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := frame.NewDecoder(tt.masked, frame.Limits{Message: 64 << 10})
			in, out := make([]byte, len(tt.stream)), make([]byte, 0, 2*len(tt.stream)+1024)
			step := tt.reads
			if step == 0 {
				step = len(in)
			}
			turned := join(tt.stream[len(tt.stream)-tt.cut:], tt.stream[:len(tt.stream)-tt.cut])
			messages := 0
			pass := func() {
				copy(in, turned) // as a read would
				out = out[:0]
				for rest := in; len(rest) > 0; rest = rest[min(step, len(rest)):] {
					d.Feed(rest[:min(step, len(rest))])
					for {
						m, ok, err := d.Next()
						if err != nil {
							t.Fatal(err)
						}
						if !ok {
							break
						}
						messages++
						if tt.masked {
							out = frame.AppendMasked(out, m.Op, key, m.Payload)
						} else {
							out = frame.Append(out, m.Op, m.Payload)
						}
					}
				}
			}
			d.Feed(slices.Clone(tt.stream[:len(tt.stream)-tt.cut]))
			for ok := true; ok; _, ok, _ = d.Next() {
			}
			if got := testing.AllocsPerRun(100, pass); got != 0 {
				t.Errorf("%v allocations", got)
			}
			if messages == 0 || d.Partial() != (tt.cut > 0) {
				t.Errorf("%d messages, partial %v", messages, d.Partial())
			}
			if len(out) == 0 || tt.cut == 0 && !bytes.Equal(out, tt.stream) {
				t.Error("what came out is not what went in")
			}
		})
	}
}
