package wire_test

import (
	"strings"
	"testing"

	"attune/proxy/wire"
)

const xmppChat = `framing: xml
session: "/message@to"
locale: "/message@xml:lang"
remember: {peer: "/message@from", who: "/message/nick"}
frames:
  - {dir: any, kind: typing, when: ["@name == message", "/message/composing exists"]}
  - {dir: any, kind: message, when: ["@name == message", "/message@type == chat"], text: [/message/body], id: "/message@id"}
  - {dir: any, kind: control, when: ["/presence@type == unavailable"]}
inject: {bot: '<message xmlns="jabber:client" type="chat" from="{{peer}}"><body>{{text}}</body><nick>{{who}}</nick></message>'}
`

func TestXML(t *testing.T) {
	walk(t, define(t, xmppChat).Open(wire.Upgrade{}),
		step{wire.Up, `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x'/>`, ""},
		step{wire.Up, ` `, "heartbeat nobody"},
		step{wire.Up, `<message type='chat' id='i-1'><body>where is it?</body></message>`, "message customer id=i-1 [where is it?]"},
		step{wire.Down, `<c:message xmlns:c="jabber:client" type="chat"><c:body xml:lang="en">a &amp; b &#x20AC;&#169; &lt;</c:body></c:message>`, "message bot [a & b €© <]"},
		step{wire.Down, `<message type="chat"><body><![CDATA[a <b>]]> &gt; c</body></message>`, "message bot [a <b> > c]"},
		step{wire.Down, `<message type="groupchat"><body>x</body></message>`, ""},
		step{wire.Down, `<message type="chat"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>`, "typing nobody"},
		step{wire.Down, `<message type="chat"><body/></message>`, "message bot"},
		step{wire.Down, `<message type="chat"><body></body></message>`, "message bot []"},
		step{wire.Down, `<message type="chat"><body>a<b/>c</body></message>`, "message bot"},
		step{wire.Down, `<message type="chat"><body xml:lang="en">a</body><body xml:lang="de">b</body></message>`, "message bot [a]! [b]!"},
		step{wire.Down, `<message type="chat"><body>a</body><html xmlns="http://jabber.org/protocol/xhtml-im"><body><p>a</p></body></html></message>`, "message bot [a]!"},
		step{wire.Down, `<presence type="unavailable"/>`, "control nobody"},
	)
}

// A path names an element or attribute with its prefix or without.
func TestXMLPrefixes(t *testing.T) {
	tr := define(t, xmppChat).Open(wire.Upgrade{})
	for msg, want := range map[string]string{
		`<message xml:lang="de-CH" lang="x"/>`: "de-CH",
		`<message lang="x"/>`:                  "de-CH",
	} {
		if tr.Read(wire.Down, []byte(`<message xml:lang='de-CH'/>`)); tr.Read(wire.Down, []byte(msg)) != nil || tr.Locale() != want {
			t.Errorf("after %s the locale is %q, want %q", msg, tr.Locale(), want)
		}
	}
}

func TestXMLEdits(t *testing.T) {
	const around = `<message  from='a"b' type="chat"><x>&#65;</x ><body>%</body></message >`
	tests := []struct{ name, old, with, want string }{
		{"plain", "old", "new", "new"},
		{"escaped", "old", `<b> & "c" 'd'`, `&lt;b&gt; &amp; "c" 'd'`},
		{"common ends keep their spelling", "&#65;&amp; old &#x7a;", "A& new z", "&#65;&amp; new &#x7a;"},
		{"quotes as the string has them", "it&apos;s &quot;x&quot;", `that's "y"`, `that&apos;s &quot;y&quot;`},
		{"a bare > as the string has it", "a > b", "c > d", "c > d"},
		{"never ]]>", "a > b", "c]]> b", "c]]&gt; b"},
		{"never ]]> at a seam", "]x>", "]]>", "]]&gt;"},
		{"CDATA stays CDATA", "<![CDATA[a <b>]]>", "c & d", "<![CDATA[c & d]]>"},
		{"CDATA that cannot", "<![CDATA[a]]>", "]]>", "]]&gt;"},
		{"characters and CDATA", "a<![CDATA[b]]>", "a<", "a&lt;"},
		{"what XML has no place for", "old", "a\x01\uFFFEb\r\n\xff", "a\uFFFD\uFFFDb&#13;\n\uFFFD"},
		{"to nothing", "old", "", ""},
		{"from nothing", "", "new", "new"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := define(t, xmppChat)
			msg, want := strings.Replace(around, "%", tt.old, 1), strings.Replace(around, "%", tt.want, 1)
			tr := p.Open(wire.Upgrade{})
			if got := editAll(tr, msg, tr.Read(wire.Down, []byte(msg)), tt.with); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			tr.Read(wire.Down, []byte(want))
			if why := tr.Unread(); why != wire.ReadWhole {
				t.Errorf("after the edit it is unread for %s", why)
			}
		})
	}
}

func TestXMLSays(t *testing.T) {
	tr := define(t, xmppChat).Open(wire.Upgrade{})
	tr.Read(wire.Down, []byte(`<message type="chat" from='bot"@x&amp;y' to="ana@x"><body>hi</body></message>`))
	want := `<message xmlns="jabber:client" type="chat" from="bot&quot;@x&amp;y"><body>a &lt; &quot;b&quot;</body><nick></nick></message>`
	if got, err := tr.SayBot(nil, `a < "b"`); string(got) != want || err != nil {
		t.Errorf("says %s (%v), want %s", got, err, want)
	}
	if tr.Session() != "ana@x" {
		t.Errorf("session %q", tr.Session())
	}
	tr.Read(wire.Down, []byte(`<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>`))
	if tr.Ready() {
		t.Error("ready after the stream was closed")
	}
}
