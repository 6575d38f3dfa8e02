package frame_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"attune/proxy/frame"
)

// key is the key of every masked frame the tests build by hand.
var key = [4]byte{0x37, 0xFA, 0x21, 0x3D}

// raw builds a frame without asking whether it is allowed: first byte, then the length bytes as given, then mask and
// payload.
func raw(masked bool, first byte, length []byte, payload string) []byte {
	b := append([]byte{first}, length...)
	if masked {
		b[1] |= 0x80
		b = append(b, key[:]...)
	}
	body := []byte(payload)
	if masked {
		frame.Mask(key, body)
	}
	return append(b, body...)
}

// short builds a frame of at most 125 bytes.
func short(masked bool, first byte, payload string) []byte {
	return raw(masked, first, []byte{byte(len(payload))}, payload)
}

// len16 and len64 are the longer forms of a length, minimal or not.
func len16(n uint16) []byte { return binary.BigEndian.AppendUint16([]byte{126}, n) }
func len64(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{127}, n) }

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// chunks cuts b at the given places; every piece is a fresh copy, as the decoder unmasks in place.
func chunks(b []byte, at ...int) [][]byte {
	var out [][]byte
	from := 0
	for _, i := range append(at, len(b)) {
		out = append(out, slices.Clone(b[from:i]))
		from = i
	}
	return out
}

// single cuts b into single bytes.
func single(b []byte) [][]byte {
	at := make([]int, 0, len(b))
	for i := 1; i < len(b); i++ {
		at = append(at, i)
	}
	return chunks(b, at...)
}

// script feeds the pieces one after the other and writes down what comes out: messages, then an error, then how the
// decoder was left.
func script(d *frame.Decoder, pieces [][]byte) []string {
	var out []string
	for _, p := range pieces {
		d.Feed(p)
		for {
			m, ok, err := d.Next()
			if err != nil {
				return append(out, fault(err))
			}
			if !ok {
				break
			}
			out = append(out, fmt.Sprintf("%v %q", m.Op, m.Payload))
		}
	}
	switch {
	case d.Closed():
		out = append(out, "closed")
	case d.Partial():
		out = append(out, "partial")
	}
	return out
}

func fault(err error) string {
	if f, ok := errors.AsType[*frame.Error](err); ok {
		return fmt.Sprintf("error %d %s", f.Code, f.Reason)
	}
	return "error of another type: " + err.Error()
}

// same runs the bytes whole, byte by byte and cut in two at every place, and wants the same from all of them.
func same(t *testing.T, masked bool, l frame.Limits, b []byte, want []string) {
	t.Helper()
	ways := map[string][][]byte{"whole": chunks(b), "byte by byte": single(b)}
	if len(b) < 4096 {
		for i := 1; i < len(b); i++ {
			ways[fmt.Sprintf("cut at %d", i)] = chunks(b, i)
		}
	}
	for name, pieces := range ways {
		if got := script(frame.NewDecoder(masked, l), pieces); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
}
