package wire_test

import (
	"strings"
	"testing"

	"attune/proxy/wire"
)

func TestRead(t *testing.T) {
	message := "frames:\n  - {dir: any, kind: message, role: bot, text: ['$.t']"
	tests := []struct {
		name, profile string
		dir           wire.Direction
		msg, want     string
	}{
		{"plain", message + "}", wire.Down, `{"t":"hi"}`, "message bot [hi]"},
		{"not a string", message + "}", wire.Down, `{"t":["hi"]}`, "message bot"},
		{"escapes", message + "}", wire.Down, `{"t":"a\n\"\u20ac\ud83d\ude00\/"}`, "message bot [a\n\"€😀/]"},
		{"lone surrogate", message + "}", wire.Down, `{"t":"a\ud83d b"}`, "message bot [a\uFFFD b]"},
		{"duplicate keys: the last counts", message + "}", wire.Down, `{"t":"one","t":"two"}`, "message bot [two]"},
		{"escaped key", message + "}", wire.Down, `{"\u0074":"hi"}`, "message bot [hi]"},
		{"spacing", message + "}", wire.Down, " {\r\n\t\"t\" : \"hi\" }\n", "message bot [hi]"},
		{"usual role upstream", "frames:\n  - {dir: any, kind: message, text: ['$.t']}", wire.Up, `{"t":"hi"}`, "message customer [hi]"},
		{"not JSON", message + "}", wire.Down, `{"t":"hi"`, ""},
		{"two documents", message + "}", wire.Down, `{"t":"hi"}{}`, ""},
		{"empty message", message + "}", wire.Down, ``, ""},
		{"bad escape", message + "}", wire.Down, `{"t":"\x"}`, ""},
		{"raw control character", message + "}", wire.Down, "{\"t\":\"a\nb\"}", ""},
		{"trailing comma", message + "}", wire.Down, `{"t":"hi",}`, ""},
		{"leading zero", message + "}", wire.Down, `{"t":"hi","n":01}`, ""},
		{"big number", message + "}", wire.Down, `{"t":"hi","n":-1.5e+900000}`, "message bot [hi]"},
		{
			"first match wins",
			"frames:\n  - {dir: down, kind: typing, when: ['$.a == 1']}\n  - {dir: down, kind: control, when: ['$.a exists']}",
			wire.Down, `{"a":1.0}`, "typing nobody",
		},
		{"direction", "frames: [{dir: up, kind: control}]", wire.Down, `{}`, ""},
		{"index from the end", "frames: [{dir: up, kind: message, text: ['$.m[-1].t']}]", wire.Up, `{"m":[{"t":"a"},{"t":"b"}]}`, "message customer [b]"},
		{"index out of range", "frames: [{dir: up, kind: message, text: ['$.m[2]','$.m[-3]']}]", wire.Up, `{"m":["a","b"]}`, "message customer"},
		{"every element", "frames: [{dir: up, kind: message, text: ['$.m[*].t']}]", wire.Up, `{"m":[{"t":"a"},{},{"t":"b"}]}`, "message customer [a] [b]"},
		{"quoted key", `frames: [{dir: up, kind: message, text: ["$['a.b']"]}]`, wire.Up, `{"a.b":"x"}`, "message customer [x]"},
		{
			"JSON in a string", "frames: [{dir: up, kind: message, text: ['$.d|json.t', '$.d|json.u|json[0]']}]",
			wire.Up, `{"d":"{\"t\":\"he said \\\"hi\\\"\",\"u\":\"[\\\"x\\\"]\"}"}`, `message customer [he said "hi"] [x]`,
		},
		{"no JSON in a string", "frames: [{dir: up, kind: message, text: ['$.d|json.t']}]", wire.Up, `{"d":"{oops"}`, "message customer"},
		{
			"each element is a message", "each: $.a[*]\nframes: [{dir: down, kind: message, when: ['$.k == m', '$$.v == 1'], text: ['$.t']}]",
			wire.Down, `{"v":1,"a":[{"k":"m","t":"x"},{"k":"n"},{"k":"m","t":"y"}]}`, "message bot [x]\nmessage bot [y]",
		},
		{"each finds nothing: the message itself", "each: $.a[*]\nframes: [{dir: up, kind: message, text: ['$.t']}]", wire.Up, `{"t":"x"}`, "message customer [x]"},
		{"keepalive literal", "keepalive: ['', ping]\n" + message + "}", wire.Up, "ping", "heartbeat nobody"},
		{"keepalive empty", "keepalive: ['', ping]\n" + message + "}", wire.Up, "", "heartbeat nobody"},
		{"opaque framing", "framing: opaque", wire.Up, `{"t":"x"}`, ""},
		{"syntax", "frames: [{dir: down, kind: message, text: [{path: '$.s', syntax: ssml}]}]", wire.Down, `{"s":"<speak/>"}`, "message bot [<speak/>]ssml"},
		{"opaque_if", message + ", opaque_if: ['$.t ~ ^/', '$.b == true']}", wire.Up, `{"t":"/go"}`, "message bot click [/go]!"},
		{"opaque_if, any of them", message + ", opaque_if: ['$.t ~ ^/', '$.b == true']}", wire.Up, `{"t":"go","b":true}`, "message bot click [go]!"},
		{"handoff", message + ", handoff: ['$.h == true', '$.q exists']}", wire.Down, `{"t":"x","q":"billing"}`, "message bot handoff [x]"},
		{"handoff kind may speak", "frames: [{dir: down, kind: handoff, text: ['$.t']}]", wire.Down, `{"t":"x"}`, "handoff bot handoff [x]"},
		{"sender", message + ", sender: '$.from'}", wire.Down, `{"t":"x","from":"Human"}`, "message agent [x]"},
		{"unknown sender", message + ", sender: '$.from'}", wire.Down, `{"t":"x","from":"Mia"}`, "message bot [x]"},
		{"expected and id", message + ", expected: '$.e', id: '$.i'}", wire.Down, `{"t":"x","e":"form","i":12345678901234567890}`, "message bot expects=form id=12345678901234567890 [x]"},
		{"observed kinds are fixed", "frames: [{dir: down, kind: observe, text: ['$.t']}]", wire.Down, `{"t":"x"}`, "observe bot [x]!"},
		{
			"same words elsewhere", "frames: [{dir: down, kind: message, text: ['$.t', {path: '$.s', syntax: ssml, follow: '$.t'}]}]",
			wire.Down, `{"t":"a & b","s":"<speak>a &amp; b</speak>"}`, "message bot [a & b] [<speak>a &amp; b</speak>]ssml<0",
		},
		{
			"other words elsewhere: all or none", "frames: [{dir: down, kind: message, text: ['$.t', {path: '$.s', syntax: ssml, follow: '$.t'}]}]",
			wire.Down, `{"t":"A-1042","s":"<say-as>A 10 42</say-as>"}`, "message bot [A-1042]! [<say-as>A 10 42</say-as>]ssml<0",
		},
		{
			"adaptive card, however deep", "frames: [{dir: down, kind: message, adaptive_card: '$.c'}]", wire.Down,
			`{"c":{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"one"},{"type":"ColumnSet","columns":[{"items":[{"type":"TextBlock","text":"two"}]}]},{"type":"Action","text":"no"}]}}`,
			"message bot [one]markdown [two]markdown",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := define(t, tt.profile).Open(wire.Upgrade{})
			items := tr.Read(tt.dir, []byte(tt.msg))
			if got := show(items); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if tt.want == "" && items != nil {
				t.Errorf("an unread message has items: %v", items)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	doc := `{"s":"abc","n":1,"big":9007199254740993,"t":true,"z":null,"e":"","one":"1","a":["x","y"],"o":[{"k":"x"},{"k":"y"}],"esc":"a\u0062c"}`
	tests := []struct {
		condition string
		want      bool
	}{
		{"$.s == abc", true},
		{"$.s == 'abc'", true},
		{`$.s == \"abc\"`, true},
		{"$.s == abd", false},
		{"$.esc == abc", true},
		{"$.s != abc", false},
		{"$.s != abd", true},
		{"$.none != abc", true},
		{"$.none == abc", false},
		{"$.n == 1", true},
		{"$.n == 1.0", true},
		{"$.one == 1", false},
		{`$.one == \"1\"`, true},
		{"$.big == 9007199254740993", true},
		{"$.big == 9007199254740992", false},
		{"$.t == true", true},
		{"$.t == false", false},
		{"$.z == null", true},
		{"$.z exists", false},
		{"$.e exists", true},
		{"$.none exists", false},
		{"$.s ~ ^a", true},
		{"$.s ~ ^b", false},
		{"$.s ~ ^[ab]+c$", true},
		{"$.s ~ (?i)^ABC", true},
		{"$.n ~ 1", false},
		{"$.esc ~ ^ab", true},
		{"$.a has x", true},
		{"$.a has z", false},
		{"$.o[*].k has y", true},
		{"$.o[*].k == y", true},
		{"$.o[*].k != y", false},
		{"$.s has abc", true},
		{"$.s is string", true},
		{"$.n is string", false},
		{"$.n is number", true},
		{"$.t is boolean", true},
		{"$.z is null", true},
		{"$.a is array", true},
		{"$.o[0] is object", true},
		{"$.none is string", false},
		{"@path == /chat", true},
		{"@path ~ ^/c", true},
		{"@query.v != 2", true},
		{"@query.none exists", false},
		{"@h.x-app exists", true},
		{"@h.x-app is string", true},
	}
	for _, tt := range tests {
		t.Run(tt.condition, func(t *testing.T) {
			tr := define(t, "frames: [{dir: up, kind: control, when: [\""+tt.condition+"\"]}]").Open(wire.Upgrade{
				Path: "/chat", Query: map[string][]string{"v": {"1"}}, Header: map[string][]string{"X-App": {"shop"}},
			})
			if got := tr.Read(wire.Up, []byte(doc)) != nil; got != tt.want {
				t.Errorf("%s is %t", tt.condition, got)
			}
		})
	}
}

func TestReadLimits(t *testing.T) {
	keys := func(n int) string {
		return `{"t":"x"` + strings.Repeat(`,"k":0`, n-1) + `}`
	}
	deep := func(n int) string {
		return `{"t":"x","d":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}`
	}
	values := func(n int) string {
		return `{"t":"x","v":[0` + strings.Repeat(",0", n-4) + `]}`
	}
	tests := []struct {
		name, msg string
		read      bool
	}{
		{"1000 keys", keys(1000), true},
		{"1001 keys", keys(1001), false},
		{"32 deep", deep(32), true},
		{"33 deep", deep(33), false},
		{"16384 values", values(16384), true},
		{"16385 values", values(16385), false},
		{"far too deep", strings.Repeat("[", 1<<20), false},
	}
	tr := define(t, "frames: [{dir: up, kind: message, text: ['$.t']}]").Open(wire.Upgrade{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tr.Read(wire.Up, []byte(tt.msg)) != nil; got != tt.read {
				t.Errorf("read: %t, want %t", got, tt.read)
			}
		})
	}
}

func TestSessionAndLocale(t *testing.T) {
	p := define(t, "session: ['@query.sid', '$.a', '$.b']\nlocale: $.l\nframes: []")
	tr := p.Open(wire.Upgrade{})
	for _, step := range []struct{ msg, session, locale string }{
		{`{"x":1}`, "", ""},
		{`{"a":null,"b":"","l":"en-GB"}`, "", "en-GB"},
		{`{"a":{},"b":"` + strings.Repeat("x", 257) + `"}`, "", "en-GB"},
		{`{"b":42}`, "42", "en-GB"},
		{`{"a":"other","l":"de"}`, "42", "de"},
		{`{"l":"` + strings.Repeat("x", 36) + `"}`, "42", "de"},
	} {
		tr.Read(wire.Up, []byte(step.msg))
		if tr.Session() != step.session || tr.Locale() != step.locale {
			t.Errorf("after %.40s: session %q, locale %q; want %q, %q", step.msg, tr.Session(), tr.Locale(), step.session, step.locale)
		}
	}
	if got := p.Open(wire.Upgrade{Query: map[string][]string{"sid": {"s-1"}}}).Session(); got != "s-1" {
		t.Errorf("session of the upgrade: %q", got)
	}
}

func TestClicks(t *testing.T) {
	tr := lookup(t, "botkit-web").Open(wire.Upgrade{})
	say := func(text string) bool {
		items := tr.Read(wire.Up, []byte(`{"type":"message","text":"`+text+`"}`))
		return items[0].Click
	}
	if say("track") {
		t.Error("a word nobody offered is a click")
	}
	tr.Read(wire.Down, []byte(`{"type":"message","text":"?","quick_replies":[{"title":"Track order","payload":"track"},{"title":"Yes","payload":{"v":1}}]}`))
	for text, want := range map[string]bool{"track": true, "Track order": true, "Yes": true, "track order": false, "no": false, "": false} {
		if got := say(text); got != want {
			t.Errorf("%q is a click: %t", text, got)
		}
	}
	for i := range 64 { // the memory is bounded: the oldest offers go
		tr.Read(wire.Down, []byte(`{"type":"message","text":"?","quick_replies":[{"title":"n`+strings.Repeat("x", i)+`"}]}`))
	}
	for range 100 { // the same menu again takes no more room
		tr.Read(wire.Down, []byte(`{"type":"message","text":"?","quick_replies":[{"title":"Back"}]}`))
	}
	if !say("nxxxx") {
		t.Error("a repeated offer drove out another")
	}
	if say("track") {
		t.Error("an offer 64 offers ago is remembered")
	}
	if !say("nxxx") {
		t.Error("a recent offer is forgotten")
	}
}

// Strings outlive the Read that made them: a transcript may keep them without a copy.
func TestStringsStay(t *testing.T) {
	tr := define(t, "frames: [{dir: up, kind: message, text: ['$.t']}]").Open(wire.Upgrade{})
	var kept []string
	buf := make([]byte, 0, 64)
	for i := range 500 {
		buf = append(append(append(buf[:0], `{"t":"word `...), byte('a'+i%26)), `"}`...)
		kept = append(kept, tr.Read(wire.Up, buf)[0].Texts[0].Value)
	}
	for i, s := range kept {
		if want := "word " + string(rune('a'+i%26)); s != want {
			t.Fatalf("string %d became %q", i, s)
		}
	}
}
