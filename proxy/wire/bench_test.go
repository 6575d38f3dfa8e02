package wire_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"attune/proxy/wire"
)

// reply300 is a bot's message of about 300 bytes, as a Rasa-like backend would send it over plain JSON.
const reply300 = `{"type":"message","text":"Sorry, I can't find that order. Please enter a valid order number.",` +
	`"channelData":{"id":"b7c1d7a0-5a0e-4f0e-9f3e-2f4f2c9d1a11","seq":1042,"final":true},` +
	`"quick_replies":[{"title":"Track order","payload":"track"},{"title":"Speak to a human","payload":"agent"}],"ts":1.6e9}`

const reworded = "I can't find that order yet. Could you give me the order number once more?"

// wrapped is reply300 as each framing carries it, with the profile that reads it there.
func wrapped(framing string) (profile, msg string) {
	read := "\nframes: [{dir: down, kind: message, when: ['$.type == message'], text: ['$.text'], payloads: ['$.quick_replies[*].payload']}]"
	profile = "framing: " + framing + read
	stomp := "MESSAGE\nsubscription:sub-0\nmessage-id:m-1\ndestination:/user/queue/reply\ncontent-type:application/json\ncontent-length:" +
		strconv.Itoa(len(reply300)) + "\n\n" + reply300 + "\x00"
	quote := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	switch framing {
	case "raw":
		return profile, reply300
	case "socketio":
		return strings.ReplaceAll(profile, "$.", "$[1]."), `42["bot_uttered",` + reply300 + `]`
	case "sockjs":
		return profile, "a[" + quote(reply300) + "]"
	case "sockjs+stomp":
		return profile, "a[" + quote(stomp) + "]"
	case "signalr":
		return profile, reply300 + "\x1e"
	case "stomp":
		return profile, stomp
	case "xml":
		return "framing: xml\nframes: [{dir: down, kind: message, when: ['@name == message', '/message@type == chat'], text: [/message/body]}]",
			`<message xmlns="jabber:client" type="chat" id="b7c1d7a0-5a0e-4f0e-9f3e-2f4f2c9d1a11" from="bot@chat.example.com/web" to="ana@chat.example.com/1">` +
				`<body>Sorry, I can&apos;t find that order. Please enter a valid order number.</body><active xmlns="http://jabber.org/protocol/chatstates"/></message>`
	}
	panic(framing)
}

var benched = []string{"raw", "socketio", "signalr", "stomp", "sockjs", "sockjs+stomp", "xml"}

func BenchmarkRead(b *testing.B) {
	for _, framing := range benched {
		b.Run(framing, func(b *testing.B) {
			profile, text := wrapped(framing)
			tr, msg := define(b, profile).Open(wire.Upgrade{}), []byte(text)
			b.SetBytes(int64(len(msg)))
			b.ReportAllocs()
			for b.Loop() {
				if items := tr.Read(wire.Down, msg); len(items) != 1 {
					b.Fatal("not read")
				}
			}
		})
	}
	msg := []byte(reply300)
	b.Run("gjson", func(b *testing.B) {
		b.SetBytes(int64(len(msg)))
		b.ReportAllocs()
		for b.Loop() {
			if !gjson.ValidBytes(msg) || gjson.GetBytes(msg, "type").Str != "message" || gjson.GetBytes(msg, "text").Str == "" ||
				len(gjson.GetBytes(msg, "quick_replies.#.payload").Array()) != 2 {
				b.Fatal("not read")
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(msg)))
		b.ReportAllocs()
		for b.Loop() {
			var doc map[string]any
			if json.Unmarshal(msg, &doc) != nil || doc["text"] == "" {
				b.Fatal("not read")
			}
		}
	})
}

func BenchmarkEdit(b *testing.B) {
	for _, framing := range benched {
		b.Run(framing, func(b *testing.B) {
			profile, text := wrapped(framing)
			tr, msg, out := define(b, profile).Open(wire.Upgrade{}), []byte(text), make([]byte, 0, 2048)
			edits := []wire.Edit{{With: reworded}}
			b.ReportAllocs()
			for b.Loop() {
				tr.Read(wire.Down, msg)
				if out = tr.Splice(out[:0], msg, edits); len(out) == len(msg) {
					b.Fatal("not edited")
				}
			}
		})
	}
	msg := []byte(reply300)
	b.Run("gjson-sjson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if gjson.GetBytes(msg, "type").Str != "message" || gjson.GetBytes(msg, "text").Str == "" {
				b.Fatal("not read")
			}
			if out, err := sjson.SetBytes(msg, "text", reworded); err != nil || len(out) == len(msg) {
				b.Fatal("not edited")
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var doc map[string]any
			if json.Unmarshal(msg, &doc) != nil {
				b.Fatal("not read")
			}
			doc["text"] = reworded
			if _, err := json.Marshal(doc); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkConn shows in B/op what one conn costs in memory once it has read a message each way.
func BenchmarkConn(b *testing.B) {
	p := lookup(b, "botkit-web")
	up, down := []byte(`{"type":"message","text":"track my order","user":"7b83de74-bb02-74d7-6722-e9c1b1c2e665"}`), []byte(reply300)
	b.ReportAllocs()
	for b.Loop() {
		tr := p.Open(wire.Upgrade{})
		if tr.Read(wire.Up, up) == nil || tr.Read(wire.Down, down) == nil {
			b.Fatal("not read")
		}
	}
}
