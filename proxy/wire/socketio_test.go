package wire_test

import (
	"errors"
	"strings"
	"testing"

	"attune/proxy/wire"
)

func TestSocketIO(t *testing.T) {
	type step struct {
		dir   wire.Direction
		msg   string
		items string // as show writes them
		ready bool
	}
	up, down := wire.Up, wire.Down
	const hi = `[hi]`
	utter := func(head string) string { return head + `["user_uttered",{"message":"hi","session_id":"s"}]` }
	tests := []struct {
		name  string
		steps []step
		say   string // what SayBot makes of "ok" in the end; "" when it must refuse
		ack   string // what AckWidget makes in the end; "" when there is nothing to confirm
	}{
		{"Engine.IO 4", []step{
			{down, `0{"sid":"x","upgrades":[],"pingTimeout":2000,"pingInterval":3000}`, "", false},
			{up, `40{"token":"jwt"}`, "", false},
			{down, `40{"sid":"y"}`, "", true},
			{down, "2", "", true},
			{up, "3", "", true},
			{up, utter("42"), "message customer " + hi, true},
			{down, `43["ok"]`, "", true},
		}, `42["bot_uttered",{"text":"ok"}]`, ""},
		{"ack wanted", []step{{up, utter("4217"), "message customer " + hi, true}}, `42["bot_uttered",{"text":"ok"}]`, "4317[]"},
		{"namespace", []step{
			{down, "40", "", true}, // Engine.IO 3 connects the default namespace first
			{up, "40/rasa?token=x,", "", true},
			{down, "40/rasa,", "", true},
			{up, utter("42/rasa,3"), "message customer " + hi, true},
		}, `42/rasa,["bot_uttered",{"text":"ok"}]`, "43/rasa,3[]"},
		{"the default namespace, spelled out", []step{{up, utter("42/,3"), "message customer " + hi, true}}, `42["bot_uttered",{"text":"ok"}]`, "433[]"},
		{"namespace with its sid", []step{{down, `40/rasa,{"sid":"z"}`, "", true}}, `42/rasa,["bot_uttered",{"text":"ok"}]`, ""},
		{"other namespaces do not take over", []step{
			{down, "40/rasa,", "", true},
			{up, utter("42/rasa,"), "message customer " + hi, true},
			{down, "40/metrics,", "", true},
			{down, `42/metrics,["tick"]`, "", true},
			{down, "41/metrics,", "", true},
		}, `42/rasa,["bot_uttered",{"text":"ok"}]`, ""},
		{"upgraded from polling: the connect was not seen", []step{
			{up, "2probe", "", false},
			{down, "3probe", "", false},
			{up, "5", "", false},
			{up, utter("42"), "message customer " + hi, true},
		}, `42["bot_uttered",{"text":"ok"}]`, ""},
		{"not connected", []step{{down, `0{"sid":"x"}`, "", false}, {up, "40", "", false}}, "", ""},
		{"refused", []step{{down, "40", "", true}, {down, `44{"message":"no"}`, "", false}}, "", ""},
		{"left", []step{{down, "40", "", true}, {up, "41", "", false}}, "", ""},
		{"closed", []step{{down, "40", "", true}, {up, "1", "", false}}, "", ""},
		{"between an event and its attachment", []step{{down, "40", "", true}, {down, `451-["photo",{"_placeholder":true,"num":0}]`, "", false}}, "", ""},
		{"an attachment that never came", []step{
			{down, "40", "", true},
			{down, `451-["photo",{"_placeholder":true,"num":0}]`, "", false},
			{down, "2", "", true},
		}, `42["bot_uttered",{"text":"ok"}]`, ""},
		{"the last utterance wants no ack", []step{
			{up, utter("4217"), "message customer " + hi, true},
			{up, utter("42"), "message customer " + hi, true},
		}, `42["bot_uttered",{"text":"ok"}]`, ""},
		{"the bot spoke since", []step{
			{up, utter("4217"), "message customer " + hi, true},
			{down, `425["bot_uttered",{"text":"hi"}]`, "message bot " + hi, true},
		}, `42["bot_uttered",{"text":"ok"}]`, "4317[]"},
		{"upstream attachments are no matter", []step{{down, "40", "", true}, {up, `451-["photo",{"_placeholder":true,"num":0}]`, "", true}}, `42["bot_uttered",{"text":"ok"}]`, ""},
		{"binary ack", []step{{down, "40", "", true}, {down, `461-3[{"_placeholder":true,"num":0}]`, "", false}}, "", ""},
		{"other events pass", []step{{down, "40", "", true}, {up, `421["session_request",{"session_id":"s"}]`, "", true}}, `42["bot_uttered",{"text":"ok"}]`, "431[]"},
		{"rubbish", []step{{up, "4", "", false}, {up, "42", "", true}, {up, "42/x", "", true}, {up, "42[", "", true}, {up, "b4AAEC", "", true}}, `42["bot_uttered",{"text":"ok"}]`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := lookup(t, "rasa-socketio").Open(wire.Upgrade{})
			for _, s := range tt.steps {
				if got := show(tr.Read(s.dir, []byte(s.msg))); got != s.items {
					t.Errorf("%s %s reads %q, want %q", s.dir, s.msg, got, s.items)
				}
				if got := tr.Ready(); got != s.ready {
					t.Errorf("after %s: ready %t", s.msg, got)
				}
			}
			said, err := tr.SayBot(nil, "ok")
			if tt.say == "" && !errors.Is(err, wire.ErrNotReady) || tt.say != "" && string(said) != tt.say {
				t.Errorf("says %s (%v), want %s", said, err, tt.say)
			}
			if ack, ok := tr.AckWidget(nil); string(ack) != tt.ack || ok != (tt.ack != "") {
				t.Errorf("confirms %s, want %s", ack, tt.ack)
			}
		})
	}
}

func TestAttachmentsPass(t *testing.T) {
	tr := lookup(t, "rasa-socketio").Open(wire.Upgrade{})
	tr.Read(wire.Down, []byte("40"))
	tr.Read(wire.Down, []byte(`452-["photos",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`))
	for i, want := range []bool{false, true, true} {
		if attachment := tr.Binary(wire.Down); (attachment == wire.Attached) != (i < 2) {
			t.Errorf("binary message %d: attachment %d", i+1, attachment)
		}
		if tr.Ready() != want {
			t.Errorf("after attachment %d: ready %t", i+1, !want)
		}
	}
}

// Nothing of ours comes between an event and its attachments, whichever way it goes, and attachments may be text.
func TestAttachmentsAreNotParted(t *testing.T) {
	tr := lookup(t, "rasa-socketio").Open(wire.Upgrade{})
	tr.Read(wire.Down, []byte("40"))
	tr.Read(wire.Up, []byte(`427["user_uttered",{"message":"hi","session_id":"s"}]`))
	toBackend := func() error {
		_, err := tr.Inject(nil, wire.InjectToBackend, wire.Values{Text: "x"})
		return err
	}
	tr.Read(wire.Down, []byte(`451-["photo",{"_placeholder":true,"num":0}]`))
	if ack, ok := tr.AckWidget(nil); ok {
		t.Errorf("confirms %s before the attachment", ack)
	}
	if err := toBackend(); err != nil {
		t.Errorf("attachments downstream are no matter upstream: %v", err)
	}
	tr.Read(wire.Down, []byte("b4AQID"))
	if ack, ok := tr.AckWidget(nil); string(ack) != "437[]" || !ok {
		t.Errorf("confirms %s after the attachment", ack)
	}
	tr.Read(wire.Up, []byte(`451-["photo",{"_placeholder":true,"num":0}]`))
	if err := toBackend(); !errors.Is(err, wire.ErrNotReady) {
		t.Errorf("before the attachment: %v", err)
	}
	if tr.Binary(wire.Up) != wire.Attached || tr.Binary(wire.Up) != wire.Unattached || toBackend() != nil {
		t.Error("one attachment was announced")
	}
}

// An event with attachments is read, edited and confirmed like any other, and what is cut away takes its attachments with it.
func TestEventsWithAttachments(t *testing.T) {
	tr := lookup(t, "rasa-socketio").Open(wire.Upgrade{})
	msg := []byte(`451-/chat,7["bot_uttered",{"text":"No.","image":{"_placeholder":true,"num":0}}]`)
	read := func(from wire.Direction, msg []byte, text string) []wire.Item {
		t.Helper()
		items := tr.Read(from, msg)
		if len(items) != 1 || len(items[0].Texts) != 1 || items[0].Texts[0].Value != text {
			t.Fatalf("%s: items %+v, want the text %q", msg, items, text)
		}
		return items
	}
	read(wire.Down, msg, "No.")
	if got := tr.Splice(nil, msg, []wire.Edit{{With: "Not yet."}}); string(got) != strings.Replace(string(msg), "No.", "Not yet.", 1) {
		t.Errorf("edited %s", got)
	}
	if ack, ok := tr.AckBackend(nil); string(ack) != "43/chat,7[]" || !ok {
		t.Errorf("confirms %s", ack)
	}
	if tr.Binary(wire.Down) != wire.Attached {
		t.Error("the attachment of what passed does not")
	}
	read(wire.Down, msg, "No.")
	if _, left := tr.Cut(nil, msg, []int{0}); left {
		t.Error("something is left of an event that was cut away")
	}
	if tr.Binary(wire.Down) != wire.Withheld || tr.Binary(wire.Down) != wire.Unattached {
		t.Error("one attachment goes the way of its event")
	}
	up := []byte(`452-["user_uttered",{"message":"yes","session_id":"s","a":{"_placeholder":true,"num":0},"b":{"_placeholder":true,"num":1}}]`)
	read(wire.Up, up, "yes")
	tr.Cut(nil, up, []int{0})
	for range 2 {
		if tr.Read(wire.Up, []byte("b4AQID")); tr.Attachment() != wire.Withheld {
			t.Error("a text attachment of what was cut away passes")
		}
	}
	if tr.Read(wire.Up, []byte("b4AQID")); tr.Attachment() != wire.Unattached {
		t.Error("nothing announced a third one")
	}
}

// Ours goes where people talk, not where something else happened last.
func TestSpeaksWherePeopleTalk(t *testing.T) {
	tr := define(t, "framing: socketio\nframes: [{dir: up, kind: control, when: ['$[0] == page']}, {dir: up, kind: message, text: ['$[1]']}]\n"+
		"inject: {bot: '[\"say\",{{text}}]'}").Open(wire.Upgrade{})
	for _, step := range []struct{ msg, want string }{
		{"42/pages,[\"page\"]", `42/pages,["say","ok"]`}, // nothing better is known
		{`40/chat,`, `42/chat,["say","ok"]`},
		{"42/pages,[\"page\"]", `42/chat,["say","ok"]`},
		{`42/talk,["say","x"]`, `42/talk,["say","ok"]`},
		{`40/chat,`, `42/talk,["say","ok"]`},
	} {
		dir := wire.Up
		if step.msg[1] == '0' {
			dir = wire.Down
		}
		tr.Read(dir, []byte(step.msg))
		if got, err := tr.SayBot(nil, "ok"); string(got) != step.want || err != nil {
			t.Errorf("after %s says %s (%v), want %s", step.msg, got, err, step.want)
		}
	}
}

func TestNamespaceIsMetadata(t *testing.T) {
	tr := define(t, "framing: socketio\nframes: [{dir: up, kind: message, when: ['@ns == /chat', '@id == 7'], text: ['$[1]']}]").Open(wire.Upgrade{})
	for msg, want := range map[string]string{
		`42/chat,7["say","x"]`: "message customer [x]",
		`42/chat,8["say","x"]`: "",
		`427["say","x"]`:       "",
	} {
		if got := show(tr.Read(wire.Up, []byte(msg))); got != want {
			t.Errorf("%s reads %q", msg, got)
		}
	}
}
