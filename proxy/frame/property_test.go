package frame_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"attune/proxy/frame"
)

// drawSplits cuts b into pieces of random lengths.
func drawSplits(t *rapid.T, b []byte) [][]byte {
	at := rapid.SliceOfN(rapid.IntRange(0, len(b)), 0, 12).Draw(t, "cuts")
	slices.Sort(at)
	return chunks(b, at...)
}

// drawKey draws the key of one frame, zero bytes included.
func drawKey(t *rapid.T) [4]byte {
	return [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "key"))
}

// fragment appends one frame of any kind, masked or not.
func fragment(t *rapid.T, dst []byte, masked bool, op frame.Opcode, fin bool, payload []byte) []byte {
	if !masked {
		return append(frame.AppendHeader(dst, op, fin, len(payload)), payload...)
	}
	k := drawKey(t)
	dst = append(frame.AppendHeaderMasked(dst, op, fin, k, len(payload)), payload...)
	frame.Mask(k, dst[len(dst)-len(payload):])
	return dst
}

// drawControl appends up to two control frames and writes down what they are.
func drawControl(t *rapid.T, dst []byte, want []string, masked bool) ([]byte, []string) {
	for range rapid.IntRange(0, 2).Draw(t, "control frames") {
		op := rapid.SampledFrom([]frame.Opcode{frame.Ping, frame.Pong}).Draw(t, "control")
		payload := rapid.SliceOfN(rapid.Byte(), 0, frame.MaxControl).Draw(t, "beat")
		dst = fragment(t, dst, masked, op, true, payload)
		want = append(want, fmt.Sprintf("%v %q", op, payload))
	}
	return dst, want
}

// Whatever is said comes out as it was said, however it is cut into fragments and reads.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		masked := rapid.Bool().Draw(t, "masked")
		var wire []byte
		var want []string
		for range rapid.IntRange(1, 5).Draw(t, "messages") {
			op := rapid.SampledFrom([]frame.Opcode{frame.Text, frame.Binary}).Draw(t, "op")
			var payload []byte
			if op == frame.Text {
				payload = []byte(rapid.String().Draw(t, "text"))
			} else {
				n := rapid.SampledFrom([]int{0, 1, 125, 126, 127, 65535, 65536, 70000}).Draw(t, "size")
				payload = slices.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, n)
			}
			line := fmt.Sprintf("%v %q", op, payload)
			if rapid.Bool().Draw(t, "in one frame") {
				if masked {
					wire = frame.AppendMasked(wire, op, drawKey(t), payload)
				} else {
					wire = frame.Append(wire, op, payload)
				}
			} else {
				parts := drawSplits(t, payload)
				for i, part := range parts {
					wire = fragment(t, wire, masked, op, i == len(parts)-1, part)
					op = frame.Continuation
					if i < len(parts)-1 {
						wire, want = drawControl(t, wire, want, masked)
					}
				}
			}
			want = append(want, line)
			wire, want = drawControl(t, wire, want, masked)
		}
		limit := rapid.SampledFrom([]int64{0, 70000}).Draw(t, "limit")
		d := frame.NewDecoder(masked, frame.Limits{Message: limit})
		if got := script(d, drawSplits(t, wire)); !slices.Equal(got, want) {
			t.Errorf("\n got %.300q\nwant %.300q", got, want)
		}
		if d.Buffered() != 0 {
			t.Errorf("%d bytes held between messages", d.Buffered())
		}
	})
}

// Frames that are mostly wrong: every split gives the same messages and the same end.
func TestSplitsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		masked := rapid.Bool().Draw(t, "masked")
		l := frame.Limits{Message: rapid.SampledFrom([]int64{0, 1, 20, 300}).Draw(t, "limit")}
		var wire []byte
		for range rapid.IntRange(1, 6).Draw(t, "frames") {
			first := rapid.SampledFrom([]byte{
				finText, finText, finBinary, text, text, cont, cont, finCont, finCont, finPing, finPong, finClose, binaryPart,
				0xC1, 0x83, 0x09,
			}).Draw(t, "first byte")
			payload := rapid.OneOf(
				rapid.StringN(0, 40, -1),
				rapid.SampledFrom([]string{"", "\x03\xe8", "\x03", "\xf4\x90", "\xe2\x82", "\xac", "\xed\xa0\x80", "a\xffb"}),
			).Draw(t, "payload")
			length := []byte{byte(min(len(payload), 125))}
			payload = payload[:length[0]]
			switch rapid.IntRange(0, 19).Draw(t, "length") {
			case 0:
				length = len16(uint16(len(payload)))
			case 1:
				length = len64(rapid.Uint64().Draw(t, "claim"))
			}
			wire = append(wire, raw(masked != (rapid.IntRange(0, 29).Draw(t, "mask") == 0), first, length, payload)...)
		}
		want := script(frame.NewDecoder(masked, l), chunks(wire))
		if got := script(frame.NewDecoder(masked, l), single(wire)); !slices.Equal(got, want) {
			t.Errorf("byte by byte:\n got %q\nwant %q", got, want)
		}
		if got := script(frame.NewDecoder(masked, l), drawSplits(t, wire)); !slices.Equal(got, want) {
			t.Errorf("in pieces:\n got %q\nwant %q", got, want)
		}
	})
}
