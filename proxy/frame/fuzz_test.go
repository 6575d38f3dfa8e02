package frame_test

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"

	"attune/proxy/frame"
)

// Any bytes: no panic, no message that breaks a rule, and the same outcome whole, byte by byte and cut anywhere.
func FuzzDecoder(f *testing.F) {
	for _, masked := range []bool{true, false} {
		f.Add(short(masked, finText, "where is my parcel"), masked, uint32(0), uint16(5))
		f.Add(join(short(masked, text, "a\xe2"), short(masked, finPing, "p"), short(masked, finCont, "\x82\xac")), masked, uint32(64), uint16(9))
		f.Add(short(masked, finClose, "\x03\xe8bye"), masked, uint32(64), uint16(3))
		f.Add(raw(masked, finText, len16(300), "xyz"), masked, uint32(200), uint16(2))
		f.Add(raw(masked, finBinary, len64(1<<63), ""), masked, uint32(0), uint16(4))
		f.Add(short(masked, finText, "\xf4\x90\x80\x80"), masked, uint32(0), uint16(7))
		f.Add(join(short(masked, text, ""), short(masked, cont, ""), short(masked, finCont, "")), masked, uint32(1), uint16(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, masked bool, limit uint32, cut uint16) {
		l := frame.Limits{Message: int64(limit)}
		want := script(frame.NewDecoder(masked, l), chunks(b))
		if got := script(frame.NewDecoder(masked, l), single(b)); !slices.Equal(got, want) {
			t.Fatalf("byte by byte:\n got %q\nwant %q", got, want)
		}
		if got := script(frame.NewDecoder(masked, l), chunks(b, int(cut)%(len(b)+1))); !slices.Equal(got, want) {
			t.Fatalf("in two:\n got %q\nwant %q", got, want)
		}

		d := frame.NewDecoder(masked, l)
		d.Feed(slices.Clone(b))
		for {
			m, ok, err := d.Next()
			if err != nil {
				if d.Buffered() != 0 {
					t.Fatalf("%d bytes held after an error", d.Buffered())
				}
				return
			}
			if !ok {
				break
			}
			switch {
			case m.Op == frame.Text && !utf8.Valid(m.Payload):
				t.Fatalf("text % x", m.Payload)
			case m.Op.Control() && len(m.Payload) > frame.MaxControl:
				t.Fatalf("%v of %d bytes", m.Op, len(m.Payload))
			case !m.Op.Control() && limit > 0 && len(m.Payload) > int(limit):
				t.Fatalf("%d bytes, limit %d", len(m.Payload), limit)
			case m.Op == frame.Close:
				if _, _, err := frame.ParseClose(m.Payload); err != nil {
					t.Fatal(err)
				}
			}
		}
		if d.Buffered() > max(512, 2*len(b)) {
			t.Fatalf("%d bytes held for %d", d.Buffered(), len(b))
		}
		if !d.Partial() && d.Buffered() != 0 {
			t.Fatalf("%d bytes held between messages", d.Buffered())
		}
	})
}

// What is encoded is decoded to the same, masked or not, and encoding what was decoded gives the same bytes.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("where is my parcel"), byte(1), uint32(0x12345678))
	f.Add([]byte{}, byte(2), uint32(0))
	f.Add([]byte("\x03\xe8bye"), byte(8), uint32(1))
	f.Add(bytes.Repeat([]byte("a"), 300), byte(1), uint32(0xFFFFFFFF))
	f.Fuzz(func(t *testing.T, payload []byte, kind byte, k uint32) {
		op := []frame.Opcode{frame.Text, frame.Binary, frame.Ping, frame.Pong, frame.Close}[kind%5]
		if op.Control() && len(payload) > frame.MaxControl {
			payload = payload[:frame.MaxControl]
		}
		if op == frame.Text {
			payload = bytes.ToValidUTF8(payload, []byte("?"))
		}
		if op == frame.Close {
			payload = frame.AppendClosePayload(nil, 1000+uint16(k%3), string(payload))
		}
		kk := [4]byte{byte(k), byte(k >> 8), byte(k >> 16), byte(k >> 24)}
		for _, masked := range []bool{true, false} {
			encode := func(op frame.Opcode, p []byte) []byte {
				if masked {
					return frame.AppendMasked(nil, op, kk, p)
				}
				return frame.Append(nil, op, p)
			}
			wire := encode(op, payload)
			d := frame.NewDecoder(masked, frame.Limits{})
			d.Feed(slices.Clone(wire))
			m, ok, err := d.Next()
			if !ok || err != nil || m.Op != op || !bytes.Equal(m.Payload, payload) {
				t.Fatalf("%v %q came out as %v %q (%v, %v)", op, payload, m.Op, m.Payload, ok, err)
			}
			if again := encode(m.Op, m.Payload); !bytes.Equal(again, wire) {
				t.Fatalf("% x encoded again is % x", wire, again)
			}
		}
	})
}
