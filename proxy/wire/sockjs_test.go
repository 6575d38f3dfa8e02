package wire_test

import (
	"testing"

	"attune/proxy/wire"
)

func TestSockJS(t *testing.T) {
	tr := define(t, reads("sockjs")).Open(wire.Upgrade{})
	walk(t, tr,
		step{wire.Down, `o`, ""},
		step{wire.Down, `h`, "heartbeat nobody"},
		step{wire.Up, `["{\"t\":\"hi\"}"]`, "message customer [hi]"},
		step{wire.Up, `"{\"t\":\"hi\"}"`, "message customer [hi]"},
		step{wire.Down, `a["{\"t\":\"a\",\"d\":\"{\\\"t\\\":\\\"\\\\u00e9\\\"}\"}", "{\"x\":1}","{\"t\":\"b\"}"]`, "message bot [a] [é]\nmessage bot [b]"},
		step{wire.Down, `m"{\"t\":\"a\"}"`, "message bot [a]"},
	)
	if got, err := tr.SayBot(nil, "\"é\""); string(got) != `a["{\"t\":\"\\\"é\\\"\"}"]` || err != nil {
		t.Errorf("says %s (%v)", got, err)
	}
	tr.Read(wire.Down, []byte(`c[3000,"Go away!"]`))
	if tr.Ready() {
		t.Error("ready after the backend closed")
	}
}

func TestSockJSEdits(t *testing.T) {
	tests := []struct{ framing, name, msg, with, want string }{
		{"sockjs", "only its string", `a[ "{\"t\" : \"old\"}" ,"{\"n\":1.0}"]`, `a"b`, `a[ "{\"t\" : \"a\\\"b\"}" ,"{\"n\":1.0}"]`},
		{"sockjs", "each layer in its own spelling", `a["{\"t\":\"caf\\u00e9\",\"u\":\"\u00fc\"}"]`, "thé", `a["{\"t\":\"th\\u00e9\",\"u\":\"\u00fc\"}"]`},
		{"sockjs", "outer spelling", `a["{\"t\":\"caf\u00e9\"}"]`, "thé ü", `a["{\"t\":\"th\u00e9 \u00fc\"}"]`},
		{"sockjs", "three layers", `a["{\"t\":0,\"d\":\"{\\\"t\\\":\\\"old\\\"}\"}"]`, `"`, `a["{\"t\":0,\"d\":\"{\\\"t\\\":\\\"\\\\\\\"\\\"}\"}"]`},
		{"sockjs+stomp", "length within a string", `a["MESSAGE\ncontent-length:11\n\n{\"t\":\"old\"}\u0000"]`, `é"`, `a["MESSAGE\ncontent-length:12\n\n{\"t\":\"é\\\"\"}\u0000"]`},
		{
			"sockjs+stomp", "length of JSON in JSON", `a["MESSAGE\ncontent-length:21\n\n{\"d\":\"{\\\"t\\\":\\\"x\\\"}\"}\u0000"]`, `é"`,
			`a["MESSAGE\ncontent-length:26\n\n{\"d\":\"{\\\"t\\\":\\\"é\\\\\\\"\\\"}\"}\u0000"]`,
		},
		{"sockjs+stomp", "text", `a["MESSAGE\ncontent-length:3\n\nold\u0000"]`, "a\n\"é\"", `a["MESSAGE\ncontent-length:6\n\na\n\"é\"\u0000"]`},
		{
			"sockjs+stomp", "several", `a["MESSAGE\ncontent-length:3\n\nold\u0000\nMESSAGE\n\nold\u0000","MESSAGE\ncontent-length:\u0033\n\nold\u0000"]`, "words",
			`a["MESSAGE\ncontent-length:5\n\nwords\u0000\nMESSAGE\n\nwords\u0000","MESSAGE\ncontent-length:5\n\nwords\u0000"]`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := define(t, reads(tt.framing)).Open(wire.Upgrade{})
			if got := editAll(tr, tt.msg, tr.Read(wire.Down, []byte(tt.msg)), tt.with); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Spring's STOMP over SockJS: what is said and confirmed goes in both wrappings.
func TestSockJSWithStomp(t *testing.T) {
	tr := define(t, reads("sockjs+stomp")).Open(wire.Upgrade{})
	walk(t, tr,
		step{wire.Down, `o`, ""},
		step{wire.Up, `["CONNECT\naccept-version:1.1\n\n\u0000"]`, ""},
		step{wire.Down, `a["\n"]`, "heartbeat nobody"},
		step{wire.Down, `a["MESSAGE\ndestination:/q\nsubscription:s\nack:1\n\n{\"t\":\"hi\"}\u0000"]`, "message bot [hi]"},
	)
	if got, ok := tr.AckBackend(nil); string(got) != `["ACK\nid:1\n\n\u0000"]` || !ok {
		t.Errorf("confirms %s", got)
	}
	if got, err := tr.SayBot(nil, "ok"); string(got) != `a["MESSAGE\nsubscription:s\nmessage-id:att-1\ndestination:/q\ncontent-length:10\n\n{\"t\":\"ok\"}\u0000"]` || err != nil {
		t.Errorf("says %s (%v)", got, err)
	}
	walk(t, tr, step{wire.Up, `["SEND\ndestination:/app\nreceipt:7\n\n{\"t\":\"hi\"}\u0000"]`, "message customer [hi]"})
	if got, ok := tr.AckWidget(nil); string(got) != `a["RECEIPT\nreceipt-id:7\n\n\u0000"]` || !ok {
		t.Errorf("confirms %s", got)
	}
	tr.Read(wire.Up, []byte(`["SEND\ndestination:/app\nreceipt:8\n\nx\u0000","SEND\ndestination:/app\nreceipt:9\n\nx\u0000"]`))
	if got, ok := tr.AckWidget(nil); string(got) != `a["RECEIPT\nreceipt-id:8\n\n\u0000RECEIPT\nreceipt-id:9\n\n\u0000"]` || !ok {
		t.Errorf("confirms %s", got)
	}
	if got, err := tr.Inject(nil, wire.InjectToBackend, wire.Values{Text: "ok"}); string(got) != `["SEND\ndestination:/app\ncontent-length:10\n\n{\"t\":\"ok\"}\u0000"]` || err != nil {
		t.Errorf("to the backend %s (%v)", got, err)
	}
}

// TestSockJSWithoutSTOMP: where the strings are JSON alone, words are found and said without a command.
func TestSockJSWithoutSTOMP(t *testing.T) {
	tr := define(t, `
framing: sockjs+stomp
frames: [{dir: down, kind: message, text: ["$.t"]}]
inject: {bot: '{"t":{{text}}}'}
`).Open(wire.Upgrade{})
	for _, step := range []struct{ msg, edited, said string }{
		{`a[ "{\"t\":\"old\"}" ]`, `a[ "{\"t\":\"new\"}" ]`, `a["{\"t\":\"hi\"}"]`},
		{
			`a["MESSAGE\nsubscription:s\ndestination:d\n\n{\"t\":\"old\"}\u0000"]`, `a["MESSAGE\nsubscription:s\ndestination:d\n\n{\"t\":\"new\"}\u0000"]`,
			`a["MESSAGE\nsubscription:s\nmessage-id:att-1\ndestination:d\ncontent-length:10\n\n{\"t\":\"hi\"}\u0000"]`,
		},
	} {
		if got := editAll(tr, step.msg, tr.Read(wire.Down, []byte(step.msg)), "new"); got != step.edited {
			t.Errorf("edited %s, want %s", got, step.edited)
		}
		if said, err := tr.SayBot(nil, "hi"); err != nil || string(said) != step.said {
			t.Errorf("said %s (%v), want %s", said, err, step.said)
		}
	}
}
