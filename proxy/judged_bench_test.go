package proxy

import (
	"encoding/json"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"attune/proxy/frame"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// A codec takes the text out of a message's document and puts another in. Neither result outlives the next call.
type codec interface {
	read(dir wire.Direction, doc []byte) (text string, ok bool)
	edit(doc []byte, text string) []byte
}

// byteExact is Attune's own.
type byteExact struct {
	tr   *wire.Translator
	out  []byte
	with []wire.Edit
}

func (c *byteExact) read(dir wire.Direction, doc []byte) (string, bool) {
	items := c.tr.Read(dir, doc)
	if len(items) != 1 || len(items[0].Texts) != 1 {
		return "", false
	}
	return items[0].Texts[0].Value, true
}

func (c *byteExact) edit(doc []byte, text string) []byte {
	c.with = append(c.with[:0], wire.Edit{With: text})
	c.out = c.tr.Splice(c.out[:0], doc, c.with)
	return c.out
}

// pathwise finds and sets the text by path.
type pathwise struct{}

func (pathwise) read(_ wire.Direction, doc []byte) (string, bool) {
	if !gjson.ValidBytes(doc) || gjson.GetBytes(doc, "type").Str != "message" {
		return "", false
	}
	text := gjson.GetBytes(doc, "text")
	return text.Str, text.Type == gjson.String
}

func (pathwise) edit(doc []byte, text string) []byte {
	out, _ := sjson.SetBytes(doc, "text", text)
	return out
}

// wholesale decodes and encodes the document, and loses its order.
type wholesale struct{ doc map[string]any }

func (c *wholesale) read(_ wire.Direction, doc []byte) (string, bool) {
	c.doc = nil
	if json.Unmarshal(doc, &c.doc) != nil || c.doc["type"] != "message" {
		return "", false
	}
	text, ok := c.doc["text"].(string)
	return text, ok
}

func (c *wholesale) edit(_ []byte, text string) []byte {
	c.doc["text"] = text
	out, _ := json.Marshal(c.doc)
	return out
}

// judgedMessages are the usual ones, and such as one rule rewords each.
var judgedMessages = append([]usualMessage{
	{name: "words replaced", texts: []string{"Please note that order 1182 leaves on Monday."}, from: transport.Backend, edited: true},
	{name: "sentence replaced", texts: []string{"I'm sorry, I did not understand your question."}, from: transport.Backend, edited: true},
	{name: "sentence with a fact replaced", texts: []string{"I can't help with that fee of 12.50."}, from: transport.Backend, edited: true},
}, usualMessages...)

// BenchmarkDecodeJudgePass is what a message takes by itself: its frame decoded, its document read, its text judged by the
// shipped packs, and the frame passed on, or a new one made where the text is another. Beside it the same with other ways
// to read and edit the document. Replies are read anew each time, or such as other conversations have heard.
func BenchmarkDecodeJudgePass(b *testing.B) {
	profile, err := wire.Lookup("json")
	if err != nil {
		b.Fatal(err)
	}
	heard, _, err := shippedRules()
	if err != nil {
		b.Fatal(err)
	}
	unheard, err := shippedSet() // by more than one conversation: its replies are not remembered
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		codec
	}{
		{"attune", &byteExact{tr: profile.Open(wire.Upgrade{})}},
		{"gjson-sjson", pathwise{}},
		{"encoding-json", &wholesale{}},
	} {
		for _, m := range judgedMessages {
			b.Run(c.name+"/"+m.name, func(b *testing.B) {
				set := unheard
				if m.heard {
					m.hear(b)
					set = heard
				}
				m.judged(b, c.codec, set)
			})
		}
	}
}

// judged benchmarks one message. A reply that is reworded is the fourth of its conversation each time, for which the state
// has room as it mostly has.
func (m usualMessage) judged(b *testing.B, c codec, set *rules.Set) {
	dir, turn := wire.Up, rules.Turn{Role: rules.Customer}
	if m.from == transport.Backend {
		dir, turn = wire.Down, rules.Turn{Role: rules.Bot}
	}
	sent := m.frames()
	buf, out := make([]byte, 512), make([]byte, 0, 512)
	d := frame.NewDecoder(m.from == transport.Widget, frame.Limits{Message: 64 << 10})
	var before, st rules.State
	var j rules.Judgement
	facts := rules.Facts{Session: "s", AgentsAvailable: 1}
	for _, text := range []string{
		"The blue kettle leaves our store in the morning.", "Your garden chairs stand in the shed behind the house.", "The tall lamp comes with a second bulb.",
	} {
		set.Judge(&before, &rules.Turn{Role: rules.Bot, Text: text}, &facts, &j)
	}
	edited := false
	b.ReportAllocs()
	b.SetBytes(int64(len(sent[0])))
	for i := 0; b.Loop(); i++ {
		d.Feed(buf[:copy(buf, sent[i%len(sent)])]) // it is unmasked in place
		got, ok, err := d.Next()
		if !ok || err != nil {
			b.Fatal(ok, err)
		}
		if turn.Text, ok = c.read(dir, got.Payload); !ok {
			b.Fatal("not read")
		}
		if m.edited { // what is reworded is not reworded in the same way for ever
			st = before
		}
		set.Judge(&st, &turn, &facts, &j)
		doc := got.Payload
		if edited = dir == wire.Down && j.Sent != turn.Text; edited {
			doc = c.edit(doc, j.Sent)
		}
		if m.from == transport.Backend {
			out = frame.Append(out[:0], frame.Text, doc)
		} else {
			out = frame.AppendMasked(out[:0], frame.Text, [4]byte{5, 6, 7, 8}, doc)
		}
		if _, more, _ := d.Next(); more {
			b.Fatal("one message became two")
		}
	}
	if edited != m.edited {
		b.Fatalf("edited: %t", edited)
	}
}
