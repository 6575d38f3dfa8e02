package frame_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"attune/proxy/frame"
)

func TestValidCode(t *testing.T) {
	valid := func(c int) bool {
		switch c {
		case 1004, 1005, 1006: // reserved, never on the wire
			return false
		}
		return c >= 1000 && c <= 1014 || c >= 3000 && c <= 4999
	}
	// 1004 to 1006 lie inside the first range above; 1015 and everything else outside.
	for c := range 1 << 16 {
		if got := frame.ValidCode(uint16(c)); got != valid(c) {
			t.Errorf("%d: %v", c, got)
		}
	}
}

func TestParseClose(t *testing.T) {
	tests := []struct {
		name, payload string
		code          uint16
		reason, fault string
	}{
		{"empty", "", 1005, "", ""},
		{"code", "\x03\xe8", 1000, "", ""},
		{"code and reason", "\x0f\xa0moved away", 4000, "moved away", ""},
		{"reason in Greek", "\x03\xe9αντίο", 1001, "αντίο", ""},
		{"one byte", "\x03", 0, "", "error 1002 close payload of one byte"},
		{"too long", "\x03\xe8" + strings.Repeat("a", 124), 0, "", "error 1002 control frame too long"},
		{"1006", "\x03\xee", 0, "", "error 1002 close code not allowed"},
		{"1015", "\x03\xf7", 0, "", "error 1002 close code not allowed"},
		{"2999", "\x0b\xb7", 0, "", "error 1002 close code not allowed"},
		{"5000", "\x13\x88", 0, "", "error 1002 close code not allowed"},
		{"bad UTF-8", "\x03\xe8\xed\xa0\x80", 0, "", "error 1007 close reason is not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, reason, err := frame.ParseClose([]byte(tt.payload))
			got := ""
			if err != nil {
				got = fault(err)
			}
			if code != tt.code || reason != tt.reason || got != tt.fault {
				t.Errorf("%d %q %q, want %d %q %q", code, reason, got, tt.code, tt.reason, tt.fault)
			}
		})
	}
}

func TestAppendClosePayload(t *testing.T) {
	tests := []struct {
		name   string
		code   uint16
		reason string
		want   string
	}{
		{"code and reason", 1000, "bye", "bye"},
		{"no reason", 1012, "", ""},
		{"longest", 1008, strings.Repeat("a", 123), strings.Repeat("a", 123)},
		{"too long", 1008, strings.Repeat("a", 500), strings.Repeat("a", 123)},
		{"too long, cut between characters", 1008, strings.Repeat("é", 100), strings.Repeat("é", 61)},
		{"cut before what is not UTF-8", 1011, "up to\xffhere", "up to"},
		{"the replacement character is a character", 1011, "\ufffd", "\ufffd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := frame.AppendClosePayload([]byte("kept"), tt.code, tt.reason)
			want := string(binary.BigEndian.AppendUint16([]byte("kept"), tt.code)) + tt.want
			if string(got) != want {
				t.Errorf("%q, want %q", got, want)
			}
			if _, _, err := frame.ParseClose(got[len("kept"):]); err != nil {
				t.Error(err)
			}
		})
	}
	for _, code := range []uint16{0, 999, 1004, 1005, 1006, 1015, 2000, 5000} {
		if got := frame.AppendClosePayload(nil, code, "reason"); len(got) != 0 {
			t.Errorf("%d: % x, want an empty payload", code, got)
		}
	}
}
