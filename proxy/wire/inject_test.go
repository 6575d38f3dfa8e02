package wire_test

import (
	"errors"
	"testing"
	"time"

	"attune/proxy/wire"
)

func TestInject(t *testing.T) {
	const remembers = "session: $.s\nremember: {ref: $.r}\nframes: [{dir: any, kind: message, text: ['$.t']}]\n"
	noon := func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	tests := []struct {
		name, profile string
		seen          []string // messages read upstream before
		what          wire.Injection
		want          string
		err           error
	}{
		{"text is JSON", "inject: {bot: '{\"t\":{{text}}}'}", nil, wire.InjectBot, `{"t":"say \"é\"\n"}`, nil},
		{"agent", "inject: {agent: '{\"t\":{{text}},\"a\":{{ agent }}}'}", nil, wire.InjectAgent, `{"t":"say \"é\"\n","a":"Mia"}`, nil},
		{"queue, target, JSON in a string", "inject: {handoff: '{\"q\":{{queue}},\"t\":{{target}},\"d\":{{json_string}}}'}", nil, wire.InjectHandoff, `{"q":"billing","t":"tel:1","d":"{\"a\":1}"}`, nil},
		{"counter and clock", "inject: {bot: '{\"id\":\"att-{{n}}\",\"at\":\"{{now}}\",\"n\":{{n}}}'}", nil, wire.InjectBot, `{"id":"att-1","at":"2026-11-22T12:00:00Z","n":2}`, nil},
		{"session", remembers + "inject: {bot: '{\"s\":{{session}},\"id\":\"x|{{session_raw}}\"}'}", []string{`{"s":"a\"b"}`}, wire.InjectBot, `{"s":"a\"b","id":"x|a\"b"}`, nil},
		{"session not seen", remembers + "inject: {bot: '{\"s\":{{session}}}'}", nil, wire.InjectBot, "", wire.ErrNotReady},
		{"remembered", remembers + "inject: {bot: '[{{ref}}]'}", []string{`{"r":"a\u00e9"}`, `{"t":"x"}`}, wire.InjectBot, `["a\u00e9"]`, nil},
		{"remembered number", remembers + "inject: {bot: '[{{ref}}]'}", []string{`{"r":1.50}`}, wire.InjectBot, `[1.50]`, nil},
		{"remembered nothing", remembers + "inject: {bot: '[{{ref}}]'}", []string{`{"r":{}}`}, wire.InjectBot, `[null]`, nil},
		{"no template", "inject: {agent: '{}'}", nil, wire.InjectBot, "", wire.ErrNoInject},
		{"unsupported", "inject: unsupported", nil, wire.InjectBot, "", wire.ErrNoInject},
		{"no such injection", "inject: {bot: '{}'}", nil, wire.Injection(200), "", wire.ErrNoInject},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := define(t, tt.profile).Open(wire.Upgrade{Now: noon})
			for _, msg := range tt.seen {
				tr.Read(wire.Up, []byte(msg))
			}
			got, err := tr.Inject(nil, tt.what, wire.Values{
				Text: "say \"é\"\n", Agent: "Mia", Queue: "billing", Target: "tel:1", JSON: `{"a":1}`,
			})
			if !errors.Is(err, tt.err) || tt.err == nil && string(got) != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

func TestSayAgentWithoutATemplateOfItsOwn(t *testing.T) {
	tr := define(t, "inject: {bot: '{\"t\":{{text}}}'}").Open(wire.Upgrade{})
	if got, err := tr.SayAgent(nil, "Mia", "hi"); string(got) != `{"t":"hi"}` || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}

// The json profile speaks to the widget under the key that its bot uses.
func TestJSONSpeaksAsTheBotDoes(t *testing.T) {
	tr := lookup(t, "json").Open(wire.Upgrade{})
	for _, step := range []struct{ bot, want string }{
		{`{}`, `{"text":"ok"}`},
		{`{"message":"hi"}`, `{"message":"ok"}`},
		{`{"ping":1}`, `{"message":"ok"}`},
		{`{"content":"hi","message":{}}`, `{"content":"ok"}`},
		{`{"text":"hi","message":"x"}`, `{"text":"ok"}`},
	} {
		tr.Read(wire.Down, []byte(step.bot))
		if got, err := tr.SayBot(nil, "ok"); string(got) != step.want || err != nil {
			t.Errorf("after %s says %s (%v), want %s", step.bot, got, err, step.want)
		}
	}
}

// Only the bot's own shape is taken over, not that of what the customer sends.
func TestShapeIsTheBots(t *testing.T) {
	tr := define(t, "frames: [{dir: any, kind: message, inject: {bot: '[{{text}}]'}}]\ninject: {bot: '{\"t\":{{text}}}'}").Open(wire.Upgrade{})
	for dir, want := range []string{wire.Up: `{"t":"ok"}`, wire.Down: `["ok"]`} {
		tr.Read(wire.Direction(dir), []byte(`{}`))
		if got, err := tr.SayBot(nil, "ok"); string(got) != want || err != nil {
			t.Errorf("after a message %s says %s (%v), want %s", wire.Direction(dir), got, err, want)
		}
	}
}

func TestAcknowledge(t *testing.T) {
	const profile = "remember: {ref: $.ref}\nframes: [{dir: any, kind: message, when: ['$.t exists'], text: ['$.t']}]\n" +
		"inject: {ack_widget: '{\"ok\":{{ref}}}', ack_backend: '{\"got\":{{ref}}}'}"
	tr := define(t, profile).Open(wire.Upgrade{})
	tr.Read(wire.Up, []byte(`{"t":"x","ref":7}`))
	if got, ok := tr.AckWidget(nil); string(got) != `{"ok":7}` || !ok {
		t.Errorf("widget: %s %t", got, ok)
	}
	if got, ok := tr.AckBackend(nil); ok {
		t.Errorf("backend, of a message of the widget: %s", got)
	}
	tr.Read(wire.Down, []byte(`{"t":"x","ref":"a"}`))
	if got, ok := tr.AckBackend(nil); string(got) != `{"got":"a"}` || !ok {
		t.Errorf("backend: %s %t", got, ok)
	}
	for _, msg := range []string{`{"t":"x"}`, `{"t":"x","ref":null}`} { // it waits for no answer, and the last one's ref is not its own
		tr.Read(wire.Up, []byte(msg))
		if got, ok := tr.AckWidget(nil); ok {
			t.Errorf("of %s, which has no ref: %s", msg, got)
		}
	}
	tr.Read(wire.Up, []byte(`{"typing":true}`))
	if got, ok := tr.AckWidget(nil); ok {
		t.Errorf("of a message that is nobody's words: %s", got)
	}
	if got, ok := lookup(t, "json").Open(wire.Upgrade{}).AckWidget([]byte("x")); ok || string(got) != "x" {
		t.Errorf("no template: %s %t", got, ok)
	}
}

func TestReady(t *testing.T) {
	for profile, want := range map[string]bool{
		"inject: {bot: '{}'}": true,
		"inject: unsupported": false,
		"framing: opaque":     false,
		"frames: [{dir: down, kind: message, inject: {bot: '{}'}}]": true,
	} {
		if got := define(t, profile).Open(wire.Upgrade{}).Ready(); got != want {
			t.Errorf("%s: ready %t", profile, got)
		}
	}
}
