package frame_test

import (
	"bytes"
	"strings"
	"testing"

	"attune/proxy/frame"
)

func TestAppend(t *testing.T) {
	tests := []struct {
		name string
		op   frame.Opcode
		n    int
		head string
	}{
		{"empty", frame.Text, 0, "\x81\x00"},
		{"125", frame.Binary, 125, "\x82\x7d"},
		{"126", frame.Text, 126, "\x81\x7e\x00\x7e"},
		{"65535", frame.Text, 65535, "\x81\x7e\xff\xff"},
		{"65536", frame.Binary, 65536, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"},
		{"ping", frame.Ping, 4, "\x89\x04"},
		{"pong", frame.Pong, 0, "\x8a\x00"},
		{"longest close", frame.Close, 125, "\x88\x7d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			payload := bytes.Repeat([]byte("a"), tt.n)
			want := "kept" + tt.head + string(payload)
			if got := frame.Append([]byte("kept"), tt.op, payload); string(got) != want {
				t.Errorf("unmasked: % .30x…, want % .30x…", got, want)
			}

			masked := []byte("kept" + tt.head)
			masked[5] |= 0x80
			masked = append(masked, key[:]...)
			for i := range payload {
				masked = append(masked, payload[i]^key[i%4])
			}
			if got := frame.AppendMasked([]byte("kept"), tt.op, key, payload); !bytes.Equal(got, masked) {
				t.Errorf("masked: % .30x…, want % .30x…", got, masked)
			}
			if strings.Trim(string(payload), "a") != "" {
				t.Error("the payload was changed")
			}
		})
	}
}

func TestAppendHeaderOfFragments(t *testing.T) {
	if got := frame.AppendHeader(nil, frame.Text, false, 3); string(got) != "\x01\x03" {
		t.Errorf("first fragment: % x", got)
	}
	if got := frame.AppendHeader(nil, frame.Continuation, true, 300); string(got) != "\x80\x7e\x01\x2c" {
		t.Errorf("last fragment: % x", got)
	}
	if got := frame.AppendHeaderMasked(nil, frame.Binary, false, key, 3); string(got) != "\x02\x83\x37\xfa\x21\x3d" {
		t.Errorf("masked: % x", got)
	}
}

func TestAppendRefusesImpossibleControlFrames(t *testing.T) {
	for name, f := range map[string]func(){
		"too long":   func() { frame.Append(nil, frame.Ping, make([]byte, 126)) },
		"masked":     func() { frame.AppendMasked(nil, frame.Close, key, make([]byte, 126)) },
		"fragmented": func() { frame.AppendHeader(nil, frame.Pong, false, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// Mask agrees with the definition in RFC 6455 for every length and every alignment, and undoes itself.
func TestMask(t *testing.T) {
	back := make([]byte, 160)
	for i := range back {
		back[i] = byte(i * 7)
	}
	for from := range 9 {
		for n := range 140 {
			b := bytes.Clone(back)
			frame.Mask(key, b[from:from+n])
			for i := range b {
				want := back[i]
				if i >= from && i < from+n {
					want ^= key[(i-from)%4]
				}
				if b[i] != want {
					t.Fatalf("from %d, %d bytes: byte %d is %x, want %x", from, n, i, b[i], want)
				}
			}
			frame.Mask(key, b[from:from+n])
			if !bytes.Equal(b, back) {
				t.Fatalf("from %d, %d bytes: twice is not once and back", from, n)
			}
		}
	}
}
