package wire_test

import (
	"errors"
	"testing"

	"attune/proxy/wire"
)

func TestSignalR(t *testing.T) {
	tr := define(t, signalrChat).Open(wire.Upgrade{})
	walk(t, tr,
		step{wire.Up, "{\"protocol\":\"json\",\"version\":1}\x1e", ""},
		step{wire.Down, "{}\x1e{\"type\":1,\"target\":\"ReceiveMessage\",\"arguments\":[\"bot\",\"hi\"]}\x1e", "message bot [hi]"},
		step{wire.Down, "{\"type\":6}\x1e", "heartbeat nobody"},
		step{
			wire.Down, "{\"type\":3,\"invocationId\":\"0\"}\x1e{\"type\":1,\"target\":\"ReceiveMessage\",\"arguments\":[\"ana\",\"a\"]}\x1e" +
				"{\"type\":1,\"target\":\"ReceiveMessage\",\"arguments\":[\"bot\",\"b\"]}\x1e{\"type\":2,\"item\":\"c\"}\x1e", "echo customer [a]!\nmessage bot [b]\ndelta bot [c]",
		},
	)
	if got, err := tr.SayBot(nil, "ok\x1e"); string(got) != "{\"type\":1,\"target\":\"ReceiveMessage\",\"arguments\":[\"bot\",\"ok\\u001e\"]}\x1e" || err != nil {
		t.Errorf("says %q (%v)", got, err)
	}
	tr.Read(wire.Down, []byte("{\"type\":7}\x1e"))
	if tr.Ready() {
		t.Error("ready after the backend closed")
	}
}

func TestSignalRRefusesHandshake(t *testing.T) {
	tr := define(t, signalrChat).Open(wire.Upgrade{})
	tr.Read(wire.Down, []byte("{\"error\":\"no such protocol\"}\x1e"))
	if tr.Ready() {
		t.Error("ready after a refused handshake")
	}
}

// Each invocation that waits gets its Completion, and nothing else does: a Completion without id ends the conn.
func TestSignalRConfirms(t *testing.T) {
	const template = "remember: {ref: $.invocationId}\n" + `inject: {ack_widget: '{"type":3,"invocationId":{{ref}},"result":"kept"}', bot: '{"type":3,"invocationId":{{ref}}}'}`
	call := func(id string) string {
		return `{"type":1,"target":"SendMessage","arguments":["ana","x"]` + id + "}\x1e"
	}
	tests := []struct {
		name, profile, msg, want string
	}{
		{"awaited", "framing: signalr", call(`,"invocationId":"a\"7"`), "{\"type\":3,\"invocationId\":\"a\\\"7\",\"result\":null}\x1e"},
		{"fire and forget", "framing: signalr", call(""), ""},
		{"an empty id is none", "framing: signalr", call(`,"invocationId":""`), ""},
		{"null is none", "framing: signalr", call(`,"invocationId":null`), ""},
		{
			"several in one message", "framing: signalr", call(`,"invocationId":"1"`) + call("") + call(`,"invocationId":"2"`),
			"{\"type\":3,\"invocationId\":\"1\",\"result\":null}\x1e{\"type\":3,\"invocationId\":\"2\",\"result\":null}\x1e",
		},
		{"a stream ends without result", "framing: signalr", "{\"type\":4,\"invocationId\":\"3\",\"target\":\"s\"}\x1e", "{\"type\":3,\"invocationId\":\"3\"}\x1e"},
		{"template", "framing: signalr\n" + template, call(`,"invocationId":"1"`), "{\"type\":3,\"invocationId\":\"1\",\"result\":\"kept\"}\x1e"},
		{"template, fire and forget", "framing: signalr\n" + template, call(""), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := define(t, tt.profile).Open(wire.Upgrade{})
			tr.Read(wire.Down, []byte("{}\x1e"))
			tr.Read(wire.Up, []byte(call(`,"invocationId":"before"`)))
			tr.Read(wire.Up, []byte(tt.msg))
			if got, ok := tr.AckWidget(nil); string(got) != tt.want || ok != (tt.want != "") {
				t.Errorf("confirms %q, want %q", got, tt.want)
			}
		})
	}
	tr := define(t, "framing: signalr\n"+template).Open(wire.Upgrade{})
	tr.Read(wire.Down, []byte("{}\x1e"))
	if got, err := tr.SayBot(nil, "x"); !errors.Is(err, wire.ErrNotReady) || len(got) > 0 {
		t.Errorf("completes what was never invoked: %q (%v)", got, err)
	}
}
