package wire_test

import (
	"errors"
	"fmt"
	"testing"

	"attune/proxy/wire"
)

func TestStomp(t *testing.T) {
	p := define(t, `framing: stomp
locale: "@h.lang"
session: "@h.sess:ion"
frames:
  - {dir: up, kind: control, when: ["@command == SUBSCRIBE", "@h.destination ~ ^/user/"]}
  - {dir: any, kind: handoff, when: ["@h.kind == 'hand\noff'"], text: ["$"]}
  - {dir: any, kind: message, when: ["@command ~ ^(SEND|MESSAGE)$"], text: ["$", "$.t"]}
`)
	tr := p.Open(wire.Upgrade{Header: map[string][]string{"Lang": {"fr"}}})
	walk(t, tr,
		step{wire.Up, "SUBSCRIBE\nid:0\ndestination:/user/q\n\n\x00", "control nobody"},
		step{wire.Up, "SUBSCRIBE\nid:0\ndestination:/topic\n\n\x00", ""},
		step{wire.Up, "\n", "heartbeat nobody"},
		step{wire.Up, "\r\n\r\n", "heartbeat nobody"},
		step{wire.Down, "MESSAGE\r\na:b\r\n\r\n{\"t\":\"hi\"}\x00\n", "message bot [hi]"},
		step{wire.Down, "MESSAGE\n\nplain: \"words\" \\n\x00", `message bot [plain: "words" \n]`},
		step{wire.Down, "MESSAGE\n\n42\x00", "message bot [42]"},
		step{wire.Down, "MESSAGE\n\n\"a\\u00e9\"\x00", "message bot [aé]"},
		step{wire.Down, "MESSAGE\n\n{oops\x00", "message bot [{oops]"},
		step{wire.Down, "MESSAGE\ncontent-length:3\ncontent-length:9\n\na\x00b\x00", "message bot [a\x00b]"},
		step{wire.Down, "MESSAGE\nkind:hand\\noff\nkind:x\n\nx\x00", "handoff bot handoff [x]"},
		step{wire.Down, "\nMESSAGE\n\na\x00\n\nMESSAGE\nlang:de-CH\n\n{\"t\":\"b\"}\x00RECEIPT\nreceipt-id:1\n\n\x00", "message bot [a]\nmessage bot [b]"},
	)
	if tr.Locale() != "de-CH" {
		t.Errorf("locale %q", tr.Locale())
	}
}

// A length counts bytes, and follows the edit of its own frame alone.
func TestStompLength(t *testing.T) {
	tests := []struct{ name, msg, with, want string }{
		{"JSON, in bytes", "MESSAGE\ncontent-length:11\n\n{\"t\":\"old\"}\x00", "é €", "MESSAGE\ncontent-length:14\n\n{\"t\":\"é €\"}\x00"},
		{"text", "MESSAGE\ncontent-length:3\n\nold\x00", "longer words", "MESSAGE\ncontent-length:12\n\nlonger words\x00"},
		{"text to nothing", "MESSAGE\ncontent-length:3\n\nold\x00", "", "MESSAGE\ncontent-length:0\n\n\x00"},
		{"none there, none made", "MESSAGE\n\nold\x00", "longer words", "MESSAGE\n\nlonger words\x00"},
		{"the same size", "MESSAGE\ncontent-length:03\n\nold\x00", "new", "MESSAGE\ncontent-length:03\n\nnew\x00"},
		{"a NUL needs a length", "MESSAGE\n\nold\x00", "a\x00b", "MESSAGE\n\na\uFFFDb\x00"},
		{"a NUL with a length", "MESSAGE\ncontent-length:3\n\nold\x00", "a\x00b", "MESSAGE\ncontent-length:3\n\na\x00b\x00"},
		{"not UTF-8", "MESSAGE\n\nold\x00", "a\xff", "MESSAGE\n\na\uFFFD\x00"},
		{"the rest of the head stays", "MESSAGE\r\ncontent-length:3\r\nx:a\\cb\"\r\n\r\nold\x00\n", "longer", "MESSAGE\r\ncontent-length:6\r\nx:a\\cb\"\r\n\r\nlonger\x00\n"},
		{
			"each its own", "MESSAGE\ncontent-length:3\n\nold\x00RECEIPT\nreceipt-id:1\n\n\x00MESSAGE\ncontent-length:11\n\n{\"t\":\"old\"}\x00", "words",
			"MESSAGE\ncontent-length:5\n\nwords\x00RECEIPT\nreceipt-id:1\n\n\x00MESSAGE\ncontent-length:13\n\n{\"t\":\"words\"}\x00",
		},
		{
			"several texts of one body", `MESSAGE` + "\ncontent-length:42\n\n" + `{"t":"old","d":"{\"t\":\"old\",\"x\":1}" }` + "\x00", `"q"`,
			`MESSAGE` + "\ncontent-length:50\n\n" + `{"t":"\"q\"","d":"{\"t\":\"\\\"q\\\"\",\"x\":1}" }` + "\x00",
		},
		{"a quotation mark in a header shows no spelling", "MESSAGE\nx:\"\ny:a/b\n\n{\"t\":\"a\\/b\"}\x00", "c/d", "MESSAGE\nx:\"\ny:a/b\n\n{\"t\":\"c\\/d\"}\x00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := define(t, reads("stomp")).Open(wire.Upgrade{})
			if got := editAll(tr, tt.msg, tr.Read(wire.Down, []byte(tt.msg)), tt.with); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// Ours goes to the subscription in which the bot spoke, in its shape, and upstream to where the customer spoke.
func TestStompSays(t *testing.T) {
	tr := define(t, stompChat).Open(wire.Upgrade{})
	if _, err := tr.SayBot(nil, "ok"); !errors.Is(err, wire.ErrNotReady) {
		t.Errorf("before the bot spoke: %v", err)
	}
	if _, err := tr.Inject(nil, wire.InjectToBackend, wire.Values{Text: "ok"}); !errors.Is(err, wire.ErrNotReady) {
		t.Errorf("before the customer spoke: %v", err)
	}
	tr.Read(wire.Down, []byte("MESSAGE\ndestination:/user/q\\c1\ncontent-type:application/json\nsubscription:sub-0\nmessage-id:m-1\n\n{\"content\":\"hi\"}\x00"))
	tr.Read(wire.Down, []byte("RECEIPT\nreceipt-id:1\ndestination:/other\n\n\x00"))
	tr.Read(wire.Up, []byte("SEND\ndestination:/app\n\n{\"content\":\"hi\"}\x00"))
	for i, want := range []string{
		"MESSAGE\nsubscription:sub-0\nmessage-id:att-1\ndestination:/user/q\\c1\ncontent-type:application/json\ncontent-length:45\n\n{\"type\":\"CHAT\",\"sender\":\"bot\",\"content\":\"é\"}\x00",
		"MESSAGE\nsubscription:sub-0\nmessage-id:att-2\ndestination:/user/q\\c1\ncontent-type:application/json\ncontent-length:45\n\n{\"type\":\"CHAT\",\"sender\":\"bot\",\"content\":\"é\"}\x00",
	} {
		if got, err := tr.SayBot(nil, "é"); string(got) != want || err != nil {
			t.Errorf("%d: says %q (%v), want %q", i, got, err, want)
		}
	}
	want := "SEND\ndestination:/app\ncontent-length:30\n\n{\"type\":\"CHAT\",\"content\":\"ok\"}\x00"
	if got, err := tr.Inject(nil, wire.InjectToBackend, wire.Values{Text: "ok"}); string(got) != want || err != nil {
		t.Errorf("to the backend %q (%v), want %q", got, err, want)
	}
}

// Where the bot's bodies are plain text, so are ours.
func TestStompSaysPlainText(t *testing.T) {
	tr := define(t, "framing: stomp\nframes: [{dir: down, kind: message, text: [$]}]\ninject: {bot: '{{text}}'}").Open(wire.Upgrade{})
	for body, want := range map[string]string{`hi`: "content-length:4\n\na\"\x00b\x00", `"hi"`: "content-length:12\n\n\"a\\\"\\u0000b\"\x00"} {
		tr.Read(wire.Down, []byte("MESSAGE\ndestination:/q\nsubscription:s\n\n"+body+"\x00"))
		got, err := tr.SayBot(nil, "a\"\x00b")
		if n := len(got) - len(want); err != nil || n < 0 || string(got[n:]) != want {
			t.Errorf("after %s says %q (%v), want %q at the end", body, got, err, want)
		}
	}
}

// A backend takes the confirmation of a message it never sent for an error, so nothing is said where the widget would
// confirm it.
func TestStompSaysNothingThatIsConfirmed(t *testing.T) {
	tr := define(t, stompChat).Open(wire.Upgrade{})
	tr.Read(wire.Up, []byte("SUBSCRIBE\nid:s\nack:client-individual\ndestination:/q\n\n\x00SUBSCRIBE\nid:t\nack:auto\ndestination:/q\n\n\x00"))
	for _, step := range []struct {
		sub   string
		ready bool
	}{{"s", false}, {"t", true}} {
		tr.Read(wire.Down, []byte("MESSAGE\nsubscription:"+step.sub+"\ndestination:/q\nmessage-id:1\n\n{\"content\":\"hi\"}\x00"))
		if tr.Ready() != step.ready {
			t.Errorf("subscription %s: ready %t", step.sub, !step.ready)
		}
	}
	tr.Read(wire.Up, []byte("UNSUBSCRIBE\nid:s\n\n\x00"))
	tr.Read(wire.Down, []byte("MESSAGE\nsubscription:s\ndestination:/q\nmessage-id:1\n\n{\"content\":\"hi\"}\x00"))
	if !tr.Ready() {
		t.Error("not ready after the subscription was given up")
	}
	for i := range 17 {
		if !tr.Ready() {
			t.Fatalf("not ready with %d confirmed subscriptions elsewhere", i)
		}
		msg := fmt.Appendf(nil, "SUBSCRIBE\nid:more%d\nack:client\ndestination:/q\n\n\x00", i)
		tr.Read(wire.Up, msg)
		tr.Read(wire.Up, msg) // a message may be read again
	}
	if tr.Ready() {
		t.Error("ready with more confirmed subscriptions than are remembered")
	}
}

func TestStompConfirms(t *testing.T) {
	tr := define(t, stompChat).Open(wire.Upgrade{})
	ack := func(dir wire.Direction, msg string) string {
		tr.Read(dir, []byte(msg))
		confirm := tr.AckWidget
		if dir == wire.Down {
			confirm = tr.AckBackend
		}
		got, ok := confirm(nil)
		if ok != (len(got) > 0) {
			t.Errorf("%q: confirmed %t with %q", msg, ok, got)
		}
		return string(got)
	}
	tr.Read(wire.Up, []byte("SUBSCRIBE\nid:s\nack:client\ndestination:/q\n\n\x00"))
	for _, tt := range []struct {
		dir       wire.Direction
		msg, want string
	}{
		{wire.Up, "SEND\nreceipt:r\\c1\n\nx\x00", "RECEIPT\nreceipt-id:r\\c1\n\n\x00"},
		{wire.Up, "SEND\nreceipt:1\n\nx\x00SEND\n\nx\x00SEND\nreceipt:2\n\nx\x00", "RECEIPT\nreceipt-id:1\n\n\x00RECEIPT\nreceipt-id:2\n\n\x00"},
		{wire.Up, "SEND\n\nx\x00", ""},
		{wire.Down, "MESSAGE\nack:7\nsubscription:s\n\nx\x00", "ACK\nid:7\n\n\x00"},
		{wire.Down, "MESSAGE\nsubscription:s\nmessage-id:m\n\nx\x00", "ACK\nsubscription:s\nmessage-id:m\n\n\x00"},
		{wire.Down, "MESSAGE\nsubscription:t\nmessage-id:m\n\nx\x00", ""},
	} {
		if got := ack(tt.dir, tt.msg); got != tt.want {
			t.Errorf("%q is confirmed with %q, want %q", tt.msg, got, tt.want)
		}
	}
}
