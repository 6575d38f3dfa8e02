package wire_test

import (
	"testing"

	"attune/proxy/wire"
)

func TestCut(t *testing.T) {
	call := func(text string) string { return `{"type":1,"t":"` + text + "\"}\x1e" }
	tests := []struct {
		name, framing, msg string
		items              []int
		want               string // "" when nothing is left
	}{
		{"one record a message", "raw", `{"t":"a"}`, []int{0}, ""},
		{"none", "raw", `{"t":"a"}`, nil, `{"t":"a"}`},
		{"no such item", "raw", `{"t":"a"}`, []int{-1, 1}, `{"t":"a"}`},
		{"signalr, one alone", "signalr", call("a"), []int{0}, ""},
		{"signalr, what answers a call stays", "signalr", "{\"type\":3}\x1e" + call("a") + "{\"type\":6}\x1e" + call("b"), []int{0}, "{\"type\":3}\x1e{\"type\":6}\x1e" + call("b")},
		{"signalr, in any order, twice", "signalr", "{\"type\":3}\x1e" + call("a") + call("b"), []int{1, 0, 1}, "{\"type\":3}\x1e"},
		{"signalr, all", "signalr", call("a") + call("b"), []int{0, 1}, ""},
		{"stomp", "stomp", "RECEIPT\nreceipt-id:1\n\n\x00\nMESSAGE\n\na\x00", []int{0}, "RECEIPT\nreceipt-id:1\n\n\x00\n"},
		{"sockjs, first", "sockjs", `a["{\"t\":\"a\"}" , "{\"x\":1}"]`, []int{0}, `a[ "{\"x\":1}"]`},
		{"sockjs, last", "sockjs", `a["{\"x\":1}" , "{\"t\":\"a\"}" ]`, []int{0}, `a["{\"x\":1}" ]`},
		{"sockjs, between", "sockjs", `a["{\"t\":\"a\"}","{\"t\":\"b\"}","{\"t\":\"c\"}"]`, []int{1}, `a["{\"t\":\"a\"}","{\"t\":\"c\"}"]`},
		{"sockjs, all", "sockjs", `a["{\"t\":\"a\"}","{\"t\":\"b\"}"]`, []int{0, 1}, ""},
		{"sockjs, no array", "sockjs", `m"{\"t\":\"a\"}"`, []int{0}, ""},
		{"sockjs, no array, stomp", "sockjs+stomp", `m"MESSAGE\n\na\u0000"`, []int{0}, ""},
		{"two frames in one string go together", "sockjs+stomp", `a["MESSAGE\n\na\u0000MESSAGE\n\nb\u0000","\n"]`, []int{0, 1}, `a["\n"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := define(t, reads(tt.framing)).Open(wire.Upgrade{})
			tr.Read(wire.Down, []byte(tt.msg))
			got, left := tr.Cut([]byte("head "), []byte(tt.msg), tt.items)
			if string(got) != "head "+tt.want || left != (tt.want != "") {
				t.Errorf("left %q (%t), want %q", got, left, tt.want)
			}
		})
	}
	tr := define(t, reads("signalr")).Open(wire.Upgrade{})
	tr.Read(wire.Down, []byte(call("a")+call("b")))
	if got, left := tr.Cut(nil, []byte(call("other")), []int{0}); left {
		t.Errorf("cut another message: %q", got)
	}
}
