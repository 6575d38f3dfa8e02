package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"attune/proxy/wire"
)

// reply300 is a bot's message of about 300 bytes, as a Rasa-like backend would send it over plain JSON.
const reply300 = `{"type":"message","text":"Sorry, I can't find that order. Please enter a valid order number.",` +
	`"channelData":{"id":"b7c1d7a0-5a0e-4f0e-9f3e-2f4f2c9d1a11","seq":1042,"final":true},` +
	`"quick_replies":[{"title":"Track order","payload":"track"},{"title":"Speak to a human","payload":"agent"}],"ts":1.6e9}`

const reworded = "I can't find that order yet. Could you give me the order number once more?"

func BenchmarkRead(b *testing.B) {
	b.Run("wire", func(b *testing.B) {
		tr := lookup(b, "botkit-web").Open(wire.Upgrade{})
		msg := []byte(reply300)
		b.SetBytes(int64(len(msg)))
		b.ReportAllocs()
		for b.Loop() {
			if items := tr.Read(wire.Down, msg); len(items) != 1 {
				b.Fatal("not read")
			}
		}
	})
	b.Run("socketio", func(b *testing.B) {
		tr := lookup(b, "rasa-socketio").Open(wire.Upgrade{})
		msg := []byte(`42["bot_uttered",` + strings.Replace(reply300, `"type":"message",`, "", 1) + `]`)
		b.SetBytes(int64(len(msg)))
		b.ReportAllocs()
		for b.Loop() {
			if items := tr.Read(wire.Down, msg); len(items) != 1 {
				b.Fatal("not read")
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		msg := []byte(reply300)
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
	b.Run("wire", func(b *testing.B) {
		tr := lookup(b, "botkit-web").Open(wire.Upgrade{})
		msg, out := []byte(reply300), make([]byte, 0, 1024)
		edits := []wire.Edit{{With: reworded}}
		b.ReportAllocs()
		for b.Loop() {
			tr.Read(wire.Down, msg)
			if out = tr.Splice(out[:0], msg, edits); len(out) <= len(msg) {
				b.Fatal("not edited")
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		msg := []byte(reply300)
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
