package frame_test

import (
	"slices"
	"testing"
	"unicode/utf8"

	"attune/proxy/frame"
)

// refusedAt feeds byte by byte and returns how many bytes it took until the error; 0 when there was none.
func refusedAt(masked bool, l frame.Limits, b []byte) (int, string) {
	d := frame.NewDecoder(masked, l)
	for i := range b {
		d.Feed([]byte{b[i]})
		for {
			_, ok, err := d.Next()
			if err != nil {
				return i + 1, fault(err)
			}
			if !ok {
				break
			}
		}
	}
	return 0, ""
}

// A rule is enforced on the byte that breaks it, not when the frame is complete.
func TestDecoderRefusesEarly(t *testing.T) {
	tests := []struct {
		name string
		b    []byte
		at   int
		want string
	}{
		{"reserved bit", short(true, finText|0x40, "x"), 1, "error 1002 reserved bit set"},
		{"reserved opcode", short(true, 0x83, "x"), 1, "error 1002 reserved opcode"},
		{"fragmented ping", short(true, byte(frame.Ping), "x"), 1, "error 1002 fragmented control frame"},
		{"stray continuation", short(true, finCont, "x"), 1, "error 1002 continuation without a message to continue"},
		{"no mask", short(false, finText, "x"), 2, "error 1002 unmasked frame from a client"},
		{"long ping", raw(true, finPing, len16(126), "x"), 2, "error 1002 control frame too long"},
		{"one byte close", short(true, finClose, "\x03"), 2, "error 1002 close payload of one byte"},
		{"padded length", raw(true, finText, len16(5), "hello"), 4, "error 1002 length not in its shortest form"},
		{"too big", raw(true, finText, len16(2000), "x"), 4, "error 1009 message too big"},
		{"far too big", raw(true, finText, len64(1<<62), "x"), 10, "error 1009 message too big"},
		{"too big in the second fragment", join(short(true, text, "x"), raw(true, finCont, len16(1024), "x")), 11, "error 1009 message too big"},

		// F4 may lead a character, F4 90 would be beyond U+10FFFF: known on the second byte, in one frame and over three.
		{"text", short(true, finText, "ok \xf4\x90\x80\x80 edited"), 6 + 5, "error 1007 text is not UTF-8"},
		{"text in fragments", join(short(true, text, "ok \xf4"), short(true, cont, "\x90"), short(true, finCont, "")), 10 + 7, "error 1007 text is not UTF-8"},
		{"stray continuation byte", short(true, finText, "a\x80b"), 6 + 2, "error 1007 text is not UTF-8"},
		{"overlong slash", short(true, finText, "\xc0\xaf"), 6 + 1, "error 1007 text is not UTF-8"},
		{"overlong NUL in three", short(true, finText, "\xe0\x80\x80"), 6 + 2, "error 1007 text is not UTF-8"},
		{"surrogate", short(true, finText, "\xed\xa0\x80"), 6 + 2, "error 1007 text is not UTF-8"},
		{"five byte form", short(true, finText, "\xf8\x88\x80\x80\x80"), 6 + 1, "error 1007 text is not UTF-8"},
		{"broken by ASCII", short(true, finText, "\xe2\x82x"), 6 + 3, "error 1007 text is not UTF-8"},
		{"cut off by the end", short(true, finText, "\xe2\x82"), 6 + 2, "error 1007 text ends inside a character"},
		{"cut off by an empty end", join(short(true, text, "\xe2\x82"), short(true, finCont, "")), 8 + 6, "error 1007 text ends inside a character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, got := refusedAt(true, frame.Limits{Message: 1024}, tt.b)
			if at != tt.at || got != tt.want {
				t.Errorf("refused at byte %d with %q, want byte %d with %q", at, got, tt.at, tt.want)
			}
			if whole := script(frame.NewDecoder(true, frame.Limits{Message: 1024}), chunks(tt.b)); !slices.Equal(whole, []string{tt.want}) {
				t.Errorf("whole: %q, want only %q", whole, tt.want)
			}
		})
	}
}

// A character may be cut by fragments anywhere, with control frames in the cut.
func TestDecoderTextOverFragments(t *testing.T) {
	const words = "Grüße, здравствуйте, 你好, 👋🏽"
	for i := range len(words) {
		b := join(short(true, text, words[:i]), short(true, finPing, ""), short(true, cont, ""), short(true, finCont, words[i:]))
		want := []string{`ping ""`, `text "` + words + `"`}
		if got := script(frame.NewDecoder(true, frame.Limits{}), chunks(b)); !slices.Equal(got, want) {
			t.Errorf("cut at %d: %q", i, got)
		}
		if got := script(frame.NewDecoder(true, frame.Limits{}), single(b)); !slices.Equal(got, want) {
			t.Errorf("cut at %d, byte by byte: %q", i, got)
		}
	}
}

// possible reports whether some text begins with b, by the standard library's word.
func possible(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return !utf8.FullRune(b)
		}
		b = b[n:]
	}
	return true
}

// All sequences of four bytes from the borders of Unicode's table: the decoder and the standard library agree on what
// is a text, and on the byte that ends hope.
func TestDecoderTextBorders(t *testing.T) {
	borders := []byte{
		0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
		0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
	}
	if testing.Short() {
		borders = []byte{0x7F, 0x80, 0x8F, 0x90, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xF5}
	}
	n := len(borders)
	for i := range n * n * n * n {
		seq := []byte{borders[i%n], borders[i/n%n], borders[i/n/n%n], borders[i/n/n/n%n]}
		d := frame.NewDecoder(false, frame.Limits{})
		d.Feed(frame.AppendHeader(nil, frame.Text, true, len(seq)))
		d.Next()
		for k := range seq {
			d.Feed([]byte{seq[k]})
			_, ok, err := d.Next()
			last := k == len(seq)-1
			wantOK, wantErr := last && utf8.Valid(seq), !possible(seq[:k+1]) || last && !utf8.Valid(seq)
			if ok != wantOK || (err != nil) != wantErr {
				t.Fatalf("% x after %d bytes: ok %v, error %v", seq, k+1, ok, err)
			}
			if err != nil {
				break
			}
		}
		whole := frame.Append(nil, frame.Text, seq)
		d = frame.NewDecoder(false, frame.Limits{})
		d.Feed(whole)
		if _, ok, _ := d.Next(); ok != utf8.Valid(seq) {
			t.Fatalf("% x at once: %v", seq, ok)
		}
	}
}
