package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"attune/proxy/wire"
)

// reads is a profile that takes everything with words in it for a message, by framing.
func reads(framing string) string {
	switch framing {
	case "xml":
		return "framing: xml\nframes: [{dir: any, kind: message, when: ['@name == message'], text: [/message/body]}]\n" +
			"inject: {bot: '<message><body>{{text}}</body></message>'}"
	case "socketio":
		return "framing: socketio\nframes: [{dir: any, kind: message, text: ['$[1]', '$[2].t']}]\ninject: {bot: '[\"say\",{{text}}]'}"
	case "opaque":
		return "framing: opaque"
	case "stomp", "sockjs+stomp":
		return "framing: " + framing + "\nframes: [{dir: any, kind: message, when: ['@command ~ ^(SEND|MESSAGE)$'], text: ['$', '$.t', '$.d|json.t']}]\n" +
			"inject: {bot: '{\"t\":{{text}}}', to_backend: '{\"t\":{{text}}}'}"
	}
	return "framing: " + framing + "\nframes: [{dir: any, kind: message, when: ['$.t exists'], text: ['$.t', '$.d|json.t']}]\ninject: {bot: '{\"t\":{{text}}}'}"
}

// What is not whole, or not what the framing knows, passes unread and is counted for what it is.
func TestUnread(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	tests := []struct {
		framing string
		dir     wire.Direction
		msg     string
		want    wire.Unread
	}{
		{"raw", wire.Down, `{"t":"x"}`, wire.ReadWhole},
		{"raw", wire.Down, `{"u":"x"}`, wire.UnreadUnknown},
		{"raw", wire.Down, `{"t":"x"`, wire.UnreadJSON},
		{"raw", wire.Down, ``, wire.UnreadJSON},
		{"raw", wire.Down, `{"t":"x","d":` + deep(31) + `}`, wire.ReadWhole},
		{"raw", wire.Down, `{"t":"x","d":` + deep(32) + `}`, wire.UnreadLimits},
		{"raw", wire.Down, `{"t":"x","d":[` + strings.Repeat("0,", 16384) + `0]}`, wire.UnreadLimits},
		{"raw", wire.Down, `{"t":"x"` + strings.Repeat(`,"k":0`, 1000) + `}`, wire.UnreadLimits},
		{"opaque", wire.Down, `{"t":"x"}`, wire.ReadWhole},

		{"socketio", wire.Down, `42["say","x"]`, wire.ReadWhole},
		{"socketio", wire.Up, `2probe`, wire.ReadWhole},
		{"socketio", wire.Down, `3probe`, wire.ReadWhole},
		{"socketio", wire.Up, `5`, wire.ReadWhole},
		{"socketio", wire.Down, `6`, wire.ReadWhole},
		{"socketio", wire.Down, `430["ok"]`, wire.ReadWhole},
		{"socketio", wire.Down, `7`, wire.UnreadFraming},
		{"socketio", wire.Down, `47`, wire.UnreadFraming},
		{"socketio", wire.Down, `4`, wire.UnreadFraming},
		{"socketio", wire.Down, ``, wire.UnreadFraming},
		{"socketio", wire.Down, `45["x"]`, wire.UnreadFraming},
		{"socketio", wire.Down, `42["say","x"`, wire.UnreadJSON},
		{"socketio", wire.Down, `42/` + strings.Repeat("n", 200) + `,["say","x"]`, wire.UnreadLimits},

		{"sockjs", wire.Down, `o`, wire.ReadWhole},
		{"sockjs", wire.Down, `h`, wire.ReadWhole},
		{"sockjs", wire.Down, `c[3000,"Go away!"]`, wire.ReadWhole},
		{"sockjs", wire.Down, `a[]`, wire.ReadWhole},
		{"sockjs", wire.Down, `a["{\"t\":\"x\"}"]`, wire.ReadWhole},
		{"sockjs", wire.Down, `a["not JSON","{\"t\":\"x\"}"]`, wire.ReadWhole},
		{"sockjs", wire.Down, `a["not JSON"]`, wire.UnreadJSON},
		{"sockjs", wire.Down, `a["{}"`, wire.UnreadFraming},
		{"sockjs", wire.Down, `a[{"t":"x"}]`, wire.UnreadFraming},
		{"sockjs", wire.Down, `a{"t":"x"}`, wire.UnreadFraming},
		{"sockjs", wire.Down, `x["{}"]`, wire.UnreadFraming},
		{"sockjs", wire.Down, ``, wire.UnreadFraming},
		{"sockjs", wire.Up, `a["{}"]`, wire.UnreadFraming},
		{"sockjs", wire.Up, `["{}"]`, wire.UnreadUnknown},
		{"sockjs", wire.Down, `a` + deep(40), wire.UnreadLimits},

		{"signalr", wire.Up, "{\"protocol\":\"json\",\"version\":1}\x1e", wire.ReadWhole},
		{"signalr", wire.Down, "{}\x1e", wire.ReadWhole},
		{"signalr", wire.Down, "{\"type\":3,\"invocationId\":\"0\"}\x1e", wire.ReadWhole},
		{"signalr", wire.Down, "{\"type\":1,\"target\":\"Other\"}\x1e", wire.UnreadUnknown},
		{"signalr", wire.Down, "{\"type\":1,\"t\":\"x\"}", wire.UnreadFraming},
		{"signalr", wire.Down, "{\"type\":1,\"t\":\"x\"}\x1e{\"type\":1", wire.UnreadFraming},
		{"signalr", wire.Down, "\x1e", wire.UnreadFraming},
		{"signalr", wire.Down, "[]\x1e", wire.UnreadFraming},
		{"signalr", wire.Down, "", wire.UnreadFraming},
		{"signalr", wire.Down, "{\"t\"}\x1e", wire.UnreadJSON},
		{"signalr", wire.Down, strings.Repeat("{}\x1e", 1025), wire.UnreadLimits},

		{"stomp", wire.Down, "\n", wire.ReadWhole},
		{"stomp", wire.Down, "CONNECTED\nversion:1.2\n\n\x00", wire.ReadWhole},
		{"stomp", wire.Down, "MESSAGE\n\nhi\x00", wire.ReadWhole},
		{"stomp", wire.Down, "ERROR\nmessage:no\n\n\x00", wire.UnreadUnknown},
		{"stomp", wire.Down, "", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\n\nhi", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\nno colon\n\nhi\x00", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\n:no name\n\nhi\x00", wire.UnreadFraming},
		{"stomp", wire.Down, "message\n\nhi\x00", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\ncontent-length:1\n\nhi\x00", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\ncontent-length:3\n\nhi\x00", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\ncontent-length:9999999999\n\nhi\x00", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\ncontent-length:-1\n\nhi\x00", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\n\nhi\x00MESSAGE\n\nhi", wire.UnreadFraming},
		{"stomp", wire.Down, "MESSAGE\n\n" + deep(40) + "\x00", wire.UnreadLimits},
		{"stomp", wire.Down, strings.Repeat("BEGIN\n\n\x00", 1025), wire.UnreadLimits},

		{"sockjs+stomp", wire.Down, `a["MESSAGE\n\nhi\u0000"]`, wire.ReadWhole},
		{"sockjs+stomp", wire.Down, `a["\n"]`, wire.ReadWhole},
		{"sockjs+stomp", wire.Down, `a["MESSAGE\n\nhi"]`, wire.UnreadFraming},

		{"xml", wire.Down, `<message><body>hi</body></message>`, wire.ReadWhole},
		{"xml", wire.Down, ` `, wire.ReadWhole},
		{"xml", wire.Down, `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>`, wire.ReadWhole},
		{"xml", wire.Down, `<iq type='result'/>`, wire.ReadWhole},
		{"xml", wire.Down, `<message><body>hi</message></body>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message><body>hi</body>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message/><message/>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message a="1"b="2"/>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message a=1/>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message a="<"/>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message><body>&nbsp;</body></message>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message><body>&#0;</body></message>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message><body>&#xD800;</body></message>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message><body>a]]>b</body></message>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message><body><![CDATA[a</body></message>`, wire.UnreadFraming},
		{"xml", wire.Down, `<!DOCTYPE x [<!ENTITY e "e">]><message><body>&e;</body></message>`, wire.UnreadFraming},
		{"xml", wire.Down, `<message><!-- no --><body>x</body></message>`, wire.UnreadFraming},
		{"xml", wire.Down, `<?xml version="1.0"?><message><body>x</body></message>`, wire.UnreadFraming},
		{"xml", wire.Down, `text`, wire.UnreadFraming},
		{"xml", wire.Down, `<`, wire.UnreadFraming},
		{"xml", wire.Down, strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40), wire.UnreadLimits},
	}
	for _, tt := range tests {
		t.Run(tt.framing+" "+tt.msg[:min(len(tt.msg), 40)], func(t *testing.T) {
			tr := define(t, reads(tt.framing)).Open(wire.Upgrade{})
			items := tr.Read(tt.dir, []byte(tt.msg))
			if got := tr.Unread(); got != tt.want {
				t.Errorf("unread for %s, want %s", got, tt.want)
			}
			if tt.want != wire.ReadWhole && items != nil {
				t.Errorf("an unread message has items: %s", show(items))
			}
			if same := tr.Splice(nil, []byte(tt.msg), []wire.Edit{{With: awkward}}); len(items) == 0 && string(same) != tt.msg {
				t.Errorf("edited unread: %q", same)
			}
		})
	}
}

// step is one message of a conversation and what it reads as.
type step struct {
	dir   wire.Direction
	msg   string
	items string // as show writes them
}

func walk(t *testing.T, tr *wire.Translator, steps ...step) {
	t.Helper()
	for _, s := range steps {
		if got := show(tr.Read(s.dir, []byte(s.msg))); got != s.items {
			t.Errorf("%s %q reads\n%s\nwant\n%s", s.dir, s.msg, got, s.items)
		}
	}
}

// truncations reads every beginning of a message, and the message with every byte changed: nothing may panic, and what
// is read puts back what it came from.
func truncations(t *testing.T, p *wire.Profile, dir wire.Direction, msg string) {
	t.Helper()
	tr := p.Open(wire.Upgrade{})
	for i := range len(msg) {
		checkMessage(t, tr, dir, []byte(msg[:i]))
		for _, c := range []byte("\x00\x1e\n\"\\{<:9") {
			broken := []byte(msg)
			broken[i] = c
			checkMessage(t, tr, dir, broken)
		}
	}
}

func TestBrokenMessages(t *testing.T) {
	for framing, msg := range map[string]string{
		"socketio":     `42/chat,17["say","x\u00e9"]`,
		"sockjs":       `a["{\"t\":\"x\"}","{\"t\":\"y\",\"d\":\"{\\\"t\\\":\\\"z\\\"}\"}"]`,
		"signalr":      "{\"type\":1,\"t\":\"x\"}\x1e{\"type\":1,\"t\":\"y\"}\x1e",
		"stomp":        "\nMESSAGE\ncontent-length:9\nh:v\\n\n\n{\"t\":\"x\"}\x00\nSEND\n\ntext\x00",
		"sockjs+stomp": `a["MESSAGE\ncontent-length:9\n\n{\"t\":\"x\"}\u0000","SEND\n\ntext\u0000"]`,
		"xml":          `<m:message from='a@b' xmlns:m="x"><m:body>a &amp; b<![CDATA[<c>]]></m:body><x/></m:message>`,
	} {
		t.Run(framing, func(t *testing.T) {
			for _, dir := range []wire.Direction{wire.Up, wire.Down} {
				truncations(t, define(t, reads(framing)), dir, msg)
			}
		})
	}
}

// Odd spelling, duplicate keys, big numbers and depth survive an edit in every framing.
func TestOddDocumentsSurvive(t *testing.T) {
	const odd = ` { "n":1.0E400,"t":"x\ud83d" , "t" : "old","big":12345678901234567890,"z":"\ud800","d":[[[[[{"k":[]}]]]]] } `
	quoted := spell(t, odd, false)
	stomp := func(doc string) string { return "MESSAGE\nx:\"\n\n" + doc + "\x00" }
	for framing, wrap := range map[string]func(doc, quoted string) string{
		"raw":      func(doc, _ string) string { return doc },
		"signalr":  func(doc, _ string) string { return doc + "\x1e" + doc + "\x1e" },
		"sockjs":   func(_, quoted string) string { return `a[ "` + quoted + `" , "{}"]` },
		"stomp":    func(doc, _ string) string { return stomp(doc) },
		"socketio": func(doc, _ string) string { return `42["e" , "old",` + doc + `]` },
	} {
		t.Run(framing, func(t *testing.T) {
			msg := wrap(odd, quoted)
			want := strings.ReplaceAll(msg, "old", "new")
			tr := define(t, reads(framing)).Open(wire.Upgrade{})
			if got := editAll(tr, msg, tr.Read(wire.Down, []byte(msg)), "new"); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// What is said before the framing allows it is refused, and said as soon as it does.
func TestReadyByFraming(t *testing.T) {
	for framing, opening := range map[string]string{
		"socketio": `40{"sid":"x"}`,
		"sockjs":   `o`,
		"signalr":  "{}\x1e",
		"stomp":    "MESSAGE\nsubscription:sub-0\nmessage-id:1\ndestination:/q\n\nhi\x00",
		"xml":      `<iq type='result' id='bind'/>`,
	} {
		tr := define(t, reads(framing)).Open(wire.Upgrade{})
		if _, err := tr.SayBot(nil, "x"); err == nil || tr.Ready() {
			t.Errorf("%s: ready before anything happened", framing)
		}
		tr.Read(wire.Down, []byte(opening))
		said, err := tr.SayBot(nil, "x")
		if err != nil || !tr.Ready() {
			t.Errorf("%s: not ready after %q: %v", framing, opening, err)
		}
		// What we say must be what we would read.
		again := define(t, reads(framing)).Open(wire.Upgrade{})
		again.Read(wire.Down, []byte(opening))
		if got := show(again.Read(wire.Down, said)); !strings.Contains(got, "message bot [") || !bytes.Contains(said, []byte("x")) {
			t.Errorf("%s says %q, which reads %q", framing, said, got)
		}
	}
}
