package wire_test

import (
	"testing"

	"attune/proxy/wire"
)

const anyText = "frames: [{dir: any, kind: message, text: ['$.t']}]"

func TestSplice(t *testing.T) {
	nested := "frames: [{dir: any, kind: message, text: ['$.d|json.t', '$.d|json.e|json.t']}]"
	tests := []struct{ name, profile, msg, with, want string }{
		{"plain", anyText, `{"t":"old"}`, "new", `{"t":"new"}`},
		{"odd spacing, big numbers, duplicates", anyText, ` {"n":1.0E400 , "t":"a","t" :"b"}`, "c", ` {"n":1.0E400 , "t":"a","t" :"c"}`},
		{"quotes and controls", anyText, `{"t":"x"}`, "\"\\\n\x01", `{"t":"\"\\\n\u0001"}`},
		{"empty", anyText, `{"t":""}`, "x", `{"t":"x"}`},
		{"to empty", anyText, `{"t":"x"}`, "", `{"t":""}`},
		{"not UTF-8", anyText, `{"t":"x"}`, "a\xffb", "{\"t\":\"a\uFFFDb\"}"},
		{"Python: everything beyond ASCII escaped", anyText, `{"t":"didn\u2019t"}`, "it’s 😀", `{"t":"it\u2019s \ud83d\ude00"}`},
		{"Node: raw", anyText, `{"t":"didn’t"}`, "it’s é 😀", `{"t":"it’s é 😀"}`},
		{"neighbours show it", anyText, `{"t":"plain","u":"\u00e9"}`, "é", `{"t":"\u00e9"` + `,"u":"\u00e9"}`},
		{"keys show it too", anyText, `{"t":"plain","\u00e9":1}`, "é", `{"t":"\u00e9","\u00e9":1}`},
		{"the string itself before its neighbours", anyText, `{"t":"a\/b","u":"c/d é"}`, "x/yé", `{"t":"x\/yé","u":"c/d é"}`},
		{"nothing shows it", anyText, `{"t":"plain"}`, "é", `{"t":"é"}`},
		{".NET: capitals, quotes and markup as hex", anyText, `{"t":"\u0022It\u2019s\u0022 \u003Cb\u003E \u0027\u0026\u002B"}`, `"é" <'&+>`, `{"t":"\u0022\u00E9\u0022 \u003C\u0027\u0026\u002B\u003E"}`},
		{"PHP: slashes", anyText, `{"t":"a\/b"}`, "c/d/é", `{"t":"c\/d\/é"}`},
		{"Go and Rails: markup as hex, line ends too, the rest raw", anyText, `{"t":"\u003cb\u003e \u2028 é"}`, "<é>\u2028", `{"t":"\u003cé\u003e\u2028"}`},
		{"raw markup stays raw", anyText, `{"t":"<b> & 'x'","u":"\u003c"}`, "<i>", `{"t":"<i>","u":"\u003c"}`},
		{"common ends keep their spelling", anyText, `{"t":"\u0041é\u00e9 old z\/\u007a"}`, "Aéé new z/z", `{"t":"\u0041é\u00e9 new z\/\u007a"}`},
		{"lone surrogates at the ends", anyText, `{"t":"\ud83d old \ude00"}`, "\uFFFD new \uFFFD", `{"t":"\ud83d new \ude00"}`},
		{"lone surrogate within what changes", anyText, `{"t":"old \udc00 old"}`, "new \uFFFD new", `{"t":"new \udc00 new"}`},
		{"lone surrogates never meet", anyText, `{"t":"\ud83d old \ude00"}`, "\uFFFD\uFFFD", `{"t":"\ufffd\ufffd"}`},
		{"half a character in common", anyText, `{"t":"é"}`, "è", `{"t":"è"}`},
		{"repeated character", anyText, `{"t":"aaa"}`, "aa", `{"t":"aa"}`},
		{
			"JSON in a string, and again in it", nested,
			`{"d":"{\"t\" : \"x\",\"e\":\"{\\\"t\\\":\\\"y\\\"}\"}"}`, `"é"`,
			`{"d":"{\"t\" : \"\\\"é\\\"\",\"e\":\"{\\\"t\\\":\\\"\\\\\\\"é\\\\\\\"\\\"}\"}"}`,
		},
		{
			"each layer in its own spelling", nested,
			`{"d":"{\"t\":\"caf\\u00e9\",\"u\":\"\u00fc\"}"}`, "thé",
			`{"d":"{\"t\":\"th\\u00e9\",\"u\":\"\u00fc\"}"}`,
		},
		{
			"repeated words follow", "frames: [{dir: any, kind: message, text: ['$.t', {path: '$.s', syntax: ssml, follow: '$.t'}]}]",
			`{"t":"a & b","s":"<speak>a &amp; b</speak>"}`, "c < d",
			`{"t":"c < d","s":"<speak>c &lt; d</speak>"}`,
		},
		{"several at once", "frames: [{dir: any, kind: message, text: ['$.b', '$.a']}]", `{"a":"1","b":"2","c":"3"}`, "new", `{"a":"new","b":"new","c":"3"}`},
		{"over max_message before, shorter after", "max_message: 10\n" + anyText, `{"t":"rather long"}`, "shorter", `{"t":"shorter"}`},
		{"max_message", "max_message: 12\n" + anyText, `{"t":"old"}`, "much longer", `{"t":"old"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := define(t, tt.profile).Open(wire.Upgrade{})
			items := tr.Read(wire.Down, []byte(tt.msg))
			if got := editAll(tr, tt.msg, items, tt.with); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A peer's earlier messages show how it spells what this one does not.
func TestSpellingIsRemembered(t *testing.T) {
	tr := define(t, anyText).Open(wire.Upgrade{})
	tr.Read(wire.Down, []byte(`{"t":"\u00E9"}`))
	tr.Read(wire.Up, []byte(`{"t":"é"}`))
	msg := `{"t":"plain"}`
	if got, want := editAll(tr, msg, tr.Read(wire.Down, []byte(msg)), "ü"), `{"t":"\u00FC"}`; got != want {
		t.Errorf("downstream %s, want %s", got, want)
	}
	if got, want := editAll(tr, msg, tr.Read(wire.Up, []byte(msg)), "ü"), `{"t":"ü"}`; got != want {
		t.Errorf("upstream %s, want %s", got, want)
	}
}

// What a message shows counts for more than what earlier ones did, and what a string of JSON shows does not count for
// the message around it.
func TestSpellingIsAskedOfTheNearest(t *testing.T) {
	tests := []struct{ name, before, msg, with, want string }{
		{"the message before its predecessors", `{"t":"a\/b"}`, `{"t":"x","u":"a/b"}`, "c/d", `{"t":"c/d","u":"a/b"}`},
		{"the predecessors before nothing", `{"t":"a\/b"}`, `{"t":"x","u":"ab"}`, "c/d", `{"t":"c\/d","u":"ab"}`},
		{"not what stands in a string", `{"t":"a","d":"{\"t\":\"\\u00e9\"}"}`, `{"t":"x"}`, "é", `{"t":"é"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := define(t, "frames: [{dir: any, kind: message, text: ['$.t', '$.d|json.t']}]").Open(wire.Upgrade{})
			tr.Read(wire.Down, []byte(tt.before))
			if got := editAll(tr, tt.msg, tr.Read(wire.Down, []byte(tt.msg)), tt.with); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSpliceRefusesWhatItDidNotRead(t *testing.T) {
	tr := define(t, anyText).Open(wire.Upgrade{})
	msg := []byte(`{"t":"old"}`)
	tr.Read(wire.Down, msg)
	tests := []struct {
		name, msg string
		edit      wire.Edit
	}{
		{"another message", `{"t":"older"}`, wire.Edit{With: "x"}},
		{"no such item", string(msg), wire.Edit{Item: 1, With: "x"}},
		{"no such text", string(msg), wire.Edit{Text: 1, With: "x"}},
		{"negative", string(msg), wire.Edit{Item: -1, With: "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tr.Splice([]byte("head "), []byte(tt.msg), []wire.Edit{tt.edit}); string(got) != "head "+tt.msg {
				t.Errorf("got %s", got)
			}
		})
	}
	twice := tr.Splice(nil, msg, []wire.Edit{{With: "one"}, {With: "two"}})
	if string(twice) != `{"t":"one"}` {
		t.Errorf("a text edited twice: %s", twice)
	}
}
