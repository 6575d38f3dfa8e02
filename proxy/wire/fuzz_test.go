package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"attune/proxy/wire"
)

// seeds are the recorded messages and some that are hard to read.
func seeds(f *testing.F, add func(dir bool, msg []byte)) {
	f.Helper()
	for _, name := range []string{"botkit_web", "deepchat_ws", "socketio_v4_rasa", "rasa_python_socketio"} {
		for _, rec := range capture(f, name) {
			if rec.Opcode == "text" {
				add(rec.direction() == wire.Up, []byte(rec.Data))
			}
		}
	}
	for _, msg := range []string{
		``, `{`, `[]`, `{"text":"\ud83d"}`, `{"text":"\ud83d\ude00\udc00"}`, `{"type":"message","text":"\u0000\/\u002f"}`,
		`42/a,1["user_uttered",{"message":"x"}]`, `42`, `451-["x"]`, `{"d":"{\"t\":\"\\ud800\"}","text":"x"}`, "{\"text\":\"\xff\"}",
		`{"activities":[{"text":"a"},{"text":"b"}],"text":"c"}`, `{"text":"a","speak":"<s>a</s>"}`,
	} {
		add(false, []byte(msg))
	}
}

// everything reads texts wherever the format can find them.
const everything = `
each: "$.activities[*]"
session: ["$.user", "$.d|json.s"]
remember: {ref: "$.ref"}
frames:
  - dir: any
    kind: message
    when: ["$.x != 1", "$.text ~ (?s).*"]
    text: ["$.text", {path: "$.speak", syntax: ssml, follow: "$.text"}, "$.d|json.t", "$.d|json[*].t", "$.d|json.e|json.t", "$.messages[-1].text"]
    labels: ["$.b[*].title"]
    payloads: ["$.b[*].payload"]
    adaptive_card: "$$.card"
    opaque_if_offered: true
    expected: "$.expects"
    id: "$.id"
  - {dir: any, kind: message, text: ["$.messages[*].text", "$.d|json.t"]}
`

func FuzzRead(f *testing.F) {
	profiles := []*wire.Profile{define(f, everything)}
	for _, name := range wire.Shipped() {
		profiles = append(profiles, lookup(f, name))
	}
	seeds(f, func(up bool, msg []byte) { f.Add(up, msg) })
	f.Fuzz(func(t *testing.T, up bool, msg []byte) {
		dir := wire.Down
		if up {
			dir = wire.Up
		}
		for _, p := range profiles {
			tr := p.Open(wire.Upgrade{})
			checkMessage(t, tr, dir, msg)
			tr.Ready()
			if said, err := tr.SayBot(nil, string(msg)); err == nil && p.Framing() == "raw" && !json.Valid(said) {
				t.Errorf("%s says no JSON: %q", p.Name(), said)
			}
		}
	})
}

func FuzzSplice(f *testing.F) {
	p := define(f, everything)
	seeds(f, func(_ bool, msg []byte) { f.Add(msg, awkward) })
	f.Fuzz(func(t *testing.T, msg []byte, with string) {
		if !utf8.ValidString(with) {
			with = strings.ToValidUTF8(with, "\uFFFD")
		}
		checkEdits(t, p, msg, with)
	})
}

// framed are messages that begin the search in each framing.
var framed = map[string][]string{
	"socketio": {`42["say","x"]`, `42/ns,17["say","\u00e9"]`, `451-["x",{"_placeholder":true,"num":0}]`, "2probe"},
	"sockjs": {
		`a["{\"t\":\"x\"}" , "{\"t\":\"\\u00e9\",\"d\":\"{\\\"t\\\":\\\"z\\\"}\"}"]`, `["{\"t\":\"x\"}"]`, `m"{\"t\":\"x\"}"`,
		"o", "h", `c[1,"x"]`,
	},
	"signalr": {"{\"type\":1,\"t\":\"x\"}\x1e{\"type\":3,\"t\":\"y\"}\x1e", "{}\x1e"},
	"stomp": {
		"\nMESSAGE\r\nh:v\\n\r\ncontent-length:9\r\n\r\n{\"t\":\"x\"}\x00\nSEND\n\ntext\x00", "SEND\ncontent-length:3\n\na\x00b\x00",
		"MESSAGE\n\n\"a\"\x00",
	},
	"sockjs+stomp": {
		`a["MESSAGE\ncontent-length:9\n\n{\"t\":\"x\"}\u0000","SEND\n\ntext\u0000"]`, `m"SEND\ncontent-length:\u0034\n\ntext\u0000"`,
		`a["MESSAGE\ncontent-length:21\n\n{\"d\":\"{\\\"t\\\":\\\"x\\\"}\"}\u0000"]`,
	},
	"xml": {
		`<m:message from='a@b' xmlns:m="x"><m:body>a &amp; b &#x20ac;</m:body><x/></m:message>`, `<message><body><![CDATA[<c>]]></body></message>`,
		`<message><body>a > &apos;<![CDATA[b]]></body></message>`,
	},
}

// FuzzFramings reads arbitrary messages in every framing: what is not edited keeps its bytes; an edited text reads as
// edited, alone, in a message that its framing still takes; and edited back everything says what it said.
func FuzzFramings(f *testing.F) {
	names := slices.Sorted(maps.Keys(framed))
	profiles := make([]*wire.Profile, len(names))
	for i, name := range names {
		profiles[i] = define(f, reads(name))
		for _, msg := range framed[name] {
			f.Add(byte(i), false, []byte(msg), awkward)
			f.Add(byte(i), true, []byte(msg), "]]> &amp; \x00\x1e\r")
		}
	}
	f.Fuzz(func(t *testing.T, which byte, up bool, msg []byte, with string) {
		dir := wire.Down
		if up {
			dir = wire.Up
		}
		i := int(which) % len(names)
		checkMessage(t, profiles[i].Open(wire.Upgrade{}), dir, msg)
		with = strings.ToValidUTF8(with, "\uFFFD")
		if s := strings.TrimSpace(with); strings.HasSuffix(names[i], "stomp") && s != "" && strings.ContainsRune(`{["`, rune(s[0])) {
			return // a plain body that becomes JSON is read as JSON
		}
		if !utf8.Valid(msg) {
			return // no text message; what it says cannot be said again
		}
		checkUndone(t, profiles[i], dir, msg, with)
	})
}

// lossy replaces what XML has no place for and what ends a frame of STOMP.
var lossy = func() *strings.Replacer {
	pairs := []string{"\uFFFE", "\uFFFD", "\uFFFF", "\uFFFD"}
	for c := range rune(0x20) {
		if !strings.ContainsRune("\t\n\r", c) {
			pairs = append(pairs, string(c), "\uFFFD")
		}
	}
	return strings.NewReplacer(pairs...)
}()

// checkUndone edits every text, one at a time, and edits it back.
func checkUndone(t fatal, p *wire.Profile, dir wire.Direction, msg []byte, with string) {
	t.Helper()
	tr, again := p.Open(wire.Upgrade{}), p.Open(wire.Upgrade{})
	before := texts(tr.Read(dir, msg))
	for at, old := range before {
		items := tr.Read(dir, msg)
		edited := tr.Splice(nil, msg, []wire.Edit{{Item: at[0], Text: at[1], With: with}})
		after := texts(again.Read(dir, edited))
		for k, v := range before {
			got := after[k]
			switch {
			case k == at && (got == with || got == lossy.Replace(with) || got == strings.ReplaceAll(with, "\x00", "\uFFFD")):
			case k != at && (got == v || sharesSpan(items, at[0], at[1], k)):
			default:
				t.Fatalf("text %v reads %q after the edit of %v into %q (%s)\nbefore %q\nafter  %q", k, got, at, with, again.Unread(), msg, edited)
			}
		}
		undone := again.Splice(nil, edited, []wire.Edit{{Item: at[0], Text: at[1], With: old}})
		for k, got := range texts(tr.Read(dir, undone)) {
			if got != before[k] {
				t.Fatalf("text %v reads %q when the edit of %v is undone\nbefore %q\nafter  %q", k, got, at, msg, undone)
			}
		}
	}
}

func FuzzPolling(f *testing.F) {
	for _, body := range []string{"2\x1e42[\"a\"]\x1ebAAEC", "5:42é🙂1:2", "8:42é🙂6:2probe", "\x00\x08\xff42é🙂\x01\x02\xff\x04\xff", "ok", "d=1"} {
		f.Add([]byte(body), "🙂")
	}
	f.Fuzz(func(t *testing.T, body []byte, with string) {
		for eio := 2; eio <= 4; eio++ {
			p, ok := wire.SplitPolling(body, eio)
			if !ok {
				continue
			}
			if same := p.Append(nil); !bytes.Equal(same, body) {
				t.Errorf("EIO %d: %q became %q", eio, body, same)
			}
			first := p.Packets[0].Data
			p.Packets[0].Data = []byte("4" + with)
			p.Append(nil)
			p.Packets[0].Data = first
			if same := p.Append(nil); !bytes.Equal(same, body) {
				t.Errorf("EIO %d: changed back, %q became %q", eio, body, same)
			}
		}
	})
}

// checkMessage reads a message and demands that neither no edits nor edits that change nothing change a byte.
func checkMessage(t testing.TB, tr *wire.Translator, dir wire.Direction, msg []byte) {
	t.Helper()
	given := bytes.Clone(msg)
	items := tr.Read(dir, msg)
	var edits []wire.Edit
	for i, it := range items {
		if it.Kind == wire.Unknown || int(it.Kind) > int(wire.Observe) {
			t.Errorf("kind %d", it.Kind)
		}
		for j := range it.Texts {
			edits = append(edits, wire.Edit{Item: i, Text: j, With: it.Texts[j].Value})
		}
	}
	if same := tr.Splice(nil, msg, edits); !bytes.Equal(same, given) {
		t.Errorf("edits that change nothing changed bytes:\n%q\n%q", given, same)
	}
	if !bytes.Equal(msg, given) {
		t.Errorf("the message itself was written to:\n%q\n%q", given, msg)
	}
}

// fatal is what the tests of testing and of rapid have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkEdits puts the words into every text, one at a time, and demands that they are read again from there, that every
// other text says what it said, and that the message around the change kept its bytes.
func checkEdits(t fatal, p *wire.Profile, msg []byte, with string) {
	t.Helper()
	tr := p.Open(wire.Upgrade{})
	items := tr.Read(wire.Up, msg)
	for i := range items {
		for j := range items[i].Texts {
			items = tr.Read(wire.Up, msg)
			before := texts(items)
			edited := tr.Splice(nil, msg, []wire.Edit{{Item: i, Text: j, With: with}})
			if !json.Valid(edited) {
				t.Fatalf("no JSON after the edit: %q", edited)
			}
			want := texts(items)
			want[[2]int{i, j}] = with
			after := texts(p.Open(wire.Upgrade{}).Read(wire.Up, edited))
			for at, value := range want {
				if after[at] == value {
					continue
				}
				if old := items[at[0]].Texts[at[1]]; at != [2]int{i, j} && (old.Follow == j && at[0] == i || sharesSpan(items, i, j, at)) {
					continue // edited along, or the same string under another path
				}
				t.Fatalf("text %v reads %q, want %q\nbefore %q\nafter  %q\nall %v", at, after[at], value, msg, edited, before)
			}
		}
	}
}

func texts(items []wire.Item) map[[2]int]string {
	all := make(map[[2]int]string)
	for i, it := range items {
		for j, text := range it.Texts {
			all[[2]int{i, j}] = text.Value
		}
	}
	return all
}

// sharesSpan reports whether two texts said the same before: then they may be one string that two paths lead to.
func sharesSpan(items []wire.Item, i, j int, at [2]int) bool {
	return items[i].Texts[j].Value == items[at[0]].Texts[at[1]].Value
}

// jsonText draws the spelling of a JSON value: odd spacing, duplicate keys, big numbers, every escape.
func jsonText(depth int) *rapid.Generator[string] {
	space := rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "  "})
	scalar := rapid.OneOf(
		rapid.SampledFrom([]string{"null", "true", "false", "0", "-0", "1e400", "12345678901234567890", "1.50", "-2E-7"}),
		rapid.Custom(func(t *rapid.T) string {
			return `"` + strings.Join(rapid.SliceOfN(spelled(), 0, 6).Draw(t, "s"), "") + `"`
		}),
	)
	if depth == 0 {
		return scalar
	}
	return rapid.OneOf(scalar, rapid.Custom(func(t *rapid.T) string {
		var parts []string
		object := rapid.Bool().Draw(t, "object")
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			value := jsonText(depth-1).Draw(t, "value")
			if object {
				key := rapid.SampledFrom([]string{"text", "t", "k", "text", "\\u0074", "", "ü"}).Draw(t, "key")
				value = `"` + key + `"` + space.Draw(t, "before") + ":" + space.Draw(t, "behind") + value
			}
			parts = append(parts, space.Draw(t, "left")+value+space.Draw(t, "right"))
		}
		if object {
			return "{" + strings.Join(parts, ",") + "}"
		}
		return "[" + strings.Join(parts, ",") + "]"
	}))
}

func spelled() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		"a", "word ", "é", `\u00e9`, `\u00E9`, "😀", `\ud83d\ude00`, `\ud83d`, `\ude00`, `\n`, `\u000a`, `\"`, `\u0022`, `\\`, `/`, `\/`, `\u002F`,
		"<", `\u003c`, "\u2028", `\u2028`, "\uFFFD", "\x7f",
	})
}

// What Read finds is what encoding/json finds, and an edit shows there as that edit and nothing else.
func TestAgainstEncodingJSON(t *testing.T) {
	p := define(t, "frames: [{dir: any, kind: message, text: ['$.text', '$.list[*].text', '$.inner|json.text']}]")
	rapid.Check(t, func(t *rapid.T) {
		head, text := jsonText(2).Draw(t, "head"), strings.Join(rapid.SliceOfN(spelled(), 0, 8).Draw(t, "text"), "")
		inner, err := json.Marshal(`{"k": 1.0, "text":"` + text + `"}`)
		if err != nil {
			t.Fatal(err)
		}
		msg := fmt.Appendf(nil, ` {"head":%s, "list" : [%s,{"text":"%s"}],"text":"%s" ,"inner":%s}`, head, head, text, text, inner)
		tr := p.Open(wire.Upgrade{})
		items := tr.Read(wire.Down, msg)
		if len(items) != 1 {
			t.Fatalf("not read: %s", msg)
		}
		var doc struct{ Text string }
		decode(t, msg, &doc)
		n := len(items[0].Texts)
		for _, at := range []int{0, n - 2, n - 1} {
			if got := items[0].Texts[at].Value; got != doc.Text {
				t.Fatalf("text %d of %s reads %q, want %q", at, msg, got, doc.Text)
			}
		}
		with := rapid.OneOf(rapid.String(), rapid.Just(awkward), rapid.Just(doc.Text+"!"), rapid.Just("x"+doc.Text)).Draw(t, "with")
		with = strings.ToValidUTF8(with, "?") // a text message is UTF-8
		edited := tr.Splice(nil, msg, []wire.Edit{{With: with}})
		var changed struct{ Text string }
		decode(t, edited, &changed)
		if changed.Text != with {
			t.Fatalf("%s after the edit of %s reads %q, want %q", edited, msg, changed.Text, with)
		}
		from := bytes.LastIndex(msg, []byte(`"text":"`+text+`" ,`)) + len(`"text":"`)
		if !bytes.HasPrefix(edited, msg[:from]) || !bytes.HasSuffix(edited, msg[from+len(text):]) {
			t.Fatalf("bytes outside the string changed:\n%s\n%s", msg, edited)
		}
		checkEdits(t, p, msg, with)
	})
}

func decode(t *rapid.T, msg []byte, into any) {
	if err := json.Unmarshal(msg, into); err != nil {
		t.Fatalf("%s: %v", msg, err)
	}
}
