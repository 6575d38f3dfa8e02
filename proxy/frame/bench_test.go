package frame_test

import (
	"fmt"
	"strings"
	"testing"

	"attune/proxy/frame"
)

// BenchmarkPassThrough is the whole way of one unedited message from a widget: decode, check, encode for the backend.
// Figures with -benchmem; the allocation ceiling is asserted in TestPassThroughAllocatesNothing.
func BenchmarkPassThrough(b *testing.B) {
	for _, bb := range []struct {
		name, text string
	}{
		{"160 B ASCII", strings.Repeat("my parcel ", 16)},
		{"160 B Cyrillic", strings.Repeat("посылка ", 10) + "abcdefghij"},
		{"4 KiB ASCII", strings.Repeat("my parcel ", 410)[:4096]},
		{"64 KiB ASCII", strings.Repeat("my parcel ", 6554)[:65536]},
		{"64 KiB Chinese", strings.Repeat("我的包裹在哪里", 3120)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			stream := frame.AppendMasked(nil, frame.Text, key, []byte(bb.text))
			in, out := make([]byte, len(stream)), make([]byte, 0, len(stream))
			d := frame.NewDecoder(true, frame.Limits{Message: 64 << 10})
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				copy(in, stream)
				d.Feed(in)
				m, ok, err := d.Next()
				if !ok || err != nil {
					b.Fatal(ok, err)
				}
				out = frame.AppendMasked(out[:0], m.Op, key, m.Payload)
				if _, ok, _ := d.Next(); ok {
					b.Fatal("one message became two")
				}
			}
		})
	}
}

// BenchmarkDecode is the decoder alone, in frames as a backend sends them.
func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{16, 160, 4096} {
		b.Run(fmt.Sprintf("%d B", n), func(b *testing.B) {
			stream := frame.Append(nil, frame.Text, []byte(strings.Repeat("a", n)))
			d := frame.NewDecoder(false, frame.Limits{Message: 64 << 10})
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				d.Feed(stream) // unmasked, so it may be fed again
				for ok := true; ok; _, ok, _ = d.Next() {
				}
			}
		})
	}
}

func BenchmarkMask(b *testing.B) {
	for _, n := range []int{16, 160, 4096} {
		b.Run(fmt.Sprintf("%d B", n), func(b *testing.B) {
			p := make([]byte, n)
			b.SetBytes(int64(n))
			for b.Loop() {
				frame.Mask(key, p)
			}
		})
	}
}
