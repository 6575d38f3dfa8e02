package wire_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attune/proxy/wire"
)

func TestShipped(t *testing.T) {
	names := wire.Shipped()
	for _, name := range []string{"json", "rasa-socketio", "directline", "jambonz"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not shipped", name)
		}
	}
	guide, err := os.ReadFile("profiles/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if p := lookup(t, name); p.Name() != name {
			t.Errorf("%s.yaml names %q", name, p.Name())
		}
		if !strings.Contains(string(guide), "## "+name+"\n") {
			t.Errorf("profiles/README.md has no chapter on %s", name)
		}
		src, err := wire.ReadSource(name)
		if err != nil {
			t.Fatal(err)
		}
		if a := src.About(); a.For == "" || a.Evidence == "" || a.Tested == "" || a.Cannot == "" {
			t.Errorf("%s.yaml does not begin with For, Tested and Cannot: %+v", name, a)
		}
	}
}

// The sample in the guide must be a profile that works.
func TestGuide(t *testing.T) {
	guide, err := os.ReadFile("profiles/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sample, _ := strings.Cut(string(guide), "```yaml\n")
	sample, _, _ = strings.Cut(sample, "```")
	all, err := wire.Parse("README.md", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	tr := all[0].Open(wire.Upgrade{})
	tr.Read(wire.Down, []byte(`{"type":"bot_message","text":"?","buttons":[{"title":"Track it","value":"TRACK"}]}`))
	if got := show(tr.Read(wire.Up, []byte(`{"type":"user_message","text":"TRACK"}`))); got != "message customer click [TRACK]!" {
		t.Error(got)
	}
}

func TestLookup(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	one := write("one.yaml", "profile: one\nframing: raw\nchannel: voice\nsubprotocol: x.example\nmax_message: 24576\n")
	two := write("two", "- {profile: a, framing: raw}\n- {profile: b, framing: opaque}\n")
	hash := write("odd#name.yaml", "profile: odd\nframing: socketio\n")
	bad := write("bad.yaml", "profile: bad\n")

	for arg, name := range map[string]string{one: "one", two + "#b": "b", hash: "odd", one + "#one": "one", "json": "json"} {
		if p, err := wire.Lookup(arg); err != nil || p.Name() != name {
			t.Errorf("%s: %v", arg, err)
		}
	}
	p := lookup(t, one)
	if p.Channel() != "voice" || p.Subprotocol() != "x.example" || p.MaxMessage() != 24576 || p.Framing() != "raw" || p.Injects() {
		t.Errorf("one: %s %s %d %s", p.Channel(), p.Subprotocol(), p.MaxMessage(), p.Framing())
	}
	for arg, want := range map[string]string{
		"botkit":                        "botkit-web, botpress-chat",
		two:                             "it has a, b",
		two + "#c":                      `no profile "c"`,
		filepath.Join(dir, "gone.yaml"): "read profile",
		bad:                             "the profile has no framing",
	} {
		if _, err := wire.Lookup(arg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", arg, err, want)
		}
	}
	var faults wire.Diagnostics
	if _, err := wire.Lookup(bad); !errors.As(err, &faults) {
		t.Errorf("not diagnostics: %v", err)
	}
}

// A profile of a bench's two message types, as an operator would write it.
func TestProfileOfOnesOwn(t *testing.T) {
	all, err := wire.Parse("bench.yaml", []byte(`profile: bench
framing: raw
session: "$.session_id"
frames:
  - {dir: up, kind: message, role: customer, when: ["$.type == user_message"], text: ["$.text"]}
  - {dir: down, kind: message, role: bot, when: ["$.type == bot_message"], text: ["$.text"]}
`))
	if err != nil {
		t.Fatal(err)
	}
	tr := all[0].Open(wire.Upgrade{})
	if got := show(tr.Read(wire.Up, []byte(`{"type":"user_message","session_id":"s-9","text":"where is it?"}`))); got != "message customer [where is it?]" {
		t.Error(got)
	}
	if got := show(tr.Read(wire.Down, []byte(`{"type":"bot_message","text":"I did not get that."}`))); got != "message bot [I did not get that.]" {
		t.Error(got)
	}
	if tr.Session() != "s-9" || tr.Ready() {
		t.Errorf("session %q, ready %t", tr.Session(), tr.Ready())
	}
}

// whole uses every key of the format.
const whole = `
profile: whole
framing: raw
subprotocol: a.example
channel: voice
max_message: 24576
echoes: true
keepalive: ["", ping]
each: "$.activities[*]"
session: ["$.conversation.id", "@query.s"]
locale: none
remember: {join_ref: "$[0]", reply_to: "$.msgid"}
reconnect: {replay: ['{"a":1}'], swallow: ["$.type == hello"]}
http:
  - {match: "POST /v3/*/activities", dir: up, kind: message, role: customer, when: ["$.type == message"], text: ["$.text"], id: "$response.id", correlate: "$.c"}
  - {match: "POST /v3", rewrite_url: ["$response.streamUrl"]}
  - {match: "GET /v3", each: "$response.activities[*]", as: down}
frames:
  - dir: any
    kind: message
    role: bot
    sender: "$.source"
    when: ["$.type == message"]
    text: ["$.text", {path: "$.speak", syntax: ssml, follow: "$.text"}]
    labels: ["$.b[*].title"]
    labels_are_payloads: true
    payloads: ["$.b[*].value"]
    adaptive_card: "$.attachments[*].content"
    opaque_if: ["$.text ~ ^/"]
    opaque_if_offered: true
    id: "$.id"
    expected: "$.expects"
    correlate: "$.clientActivityID"
    stream: {mode: append, key: "$.k", seq: "$.s", end_when: ["$.last == true"], idle: 700ms, final: true}
    ack_deadline: 2s
    reply_deadline: 5s
    flush: down
    handoff: ["$.handoff == true"]
    inject: {bot: '{"a":{{text}}}'}
inject:
  bot: '{"text":{{text}},"ref":{{join_ref}}}'
  agent: '{"text":{{text}},"by":{{agent}}}'
  typing: '{}'
  echo: '{"text":{{text}},"c":{{correlate}}}'
  to_backend: '{"text":{{text}},"s":{{session}}}'
  handoff: '{"d":{{json_string}},"q":{{queue}},"t":{{target}}}'
  ack_widget: '{"ref":{{reply_to}},"at":"{{now}}","n":{{n}}}'
  ack_backend: '{"s":"{{session_raw}}"}'
`

func TestWholeFormat(t *testing.T) {
	if _, err := wire.Parse("whole.yaml", []byte(whole)); err != nil {
		t.Fatal(err)
	}
}

func TestDiagnostics(t *testing.T) {
	const head = "profile: x\nframing: raw\n"
	frame := func(rest string) string { return head + "frames:\n  - {dir: up, kind: message, " + rest + "}\n" }
	tests := []struct {
		name, src string
		want      string // file:line:col: message, then the hint
	}{
		{"empty", "", "p.yaml:1:1: no profile in the file¦"},
		{"only a comment", "# nothing\n", "p.yaml:1:1: no profile in the file¦"},
		{"empty list", "[]\n", "p.yaml:1:1: no profile in the file¦"},
		{"not YAML", "profile: x\n\tframing: raw\n", "p.yaml:2:1: found character '\t' that cannot start any token¦"},
		{"two documents", head + "---\n" + head, "p.yaml:4:1: a profile file holds one YAML document¦write several profiles as one list"},
		{"duplicate key", "profile: x\nprofile: y\n", `p.yaml:2:1: mapping key "profile" already defined at [1:1]¦`},
		{"no mapping", "- 3\n", "p.yaml:1:3: a profile is a mapping of keys to values, found 3¦"},
		{"no name", "framing: raw\n", "p.yaml:1:1: the profile has no name¦add profile: NAME"},
		{"bad name", "profile: my bot\nframing: raw\n", "p.yaml:1:10: a profile's name is one word¦use letters, digits and dashes"},
		{"the same name twice", "- {profile: a, framing: raw}\n- {profile: a, framing: raw}\n", `p.yaml:2:3: profile "a" is there twice¦`},
		{"unknown key", head + "framming: raw\n", `p.yaml:3:1: unknown key "framming" in the profile¦did you mean framing?`},
		{"unknown key, far from any", frame("zzzzzz: 1"), `p.yaml:4:30: unknown key "zzzzzz" in a frame¦known keys: ack_deadline, `},
		{"key without value", head + "each:\n", "p.yaml:3:1: each has no value¦leave the key out, or give it a value"},
		{"unknown framing", "profile: x\nframing: rww\n", `p.yaml:2:10: unknown word "rww"¦did you mean raw?`},
		{"opaque with frames", "profile: x\nframing: opaque\nframes: [{dir: up, kind: control}]\n", "p.yaml:3:9: opaque messages cannot be read¦remove frames, or use another framing"},
		{"number for text", head + "session: 3\n", "p.yaml:3:10: expected text, found 3¦put it in quotes"},
		{"text for number", head + "max_message: 24KiB\n", `p.yaml:3:14: expected a whole number from 0, found "24KiB"¦`},
		{"negative", head + "max_message: -1\n", "p.yaml:3:14: expected a whole number from 0, found -1¦"},
		{"text for truth", frame("opaque_if_offered: maybe"), `p.yaml:4:49: expected true or false, found "maybe"¦`},
		{"duration", frame("ack_deadline: 2"), "p.yaml:4:44: expected a duration such as 700ms or 2s, found 2¦"},
		{"path", frame("text: ['$.a.']"), "p.yaml:4:42: a key is missing behind the dot¦paths: $ .key ['key'] [0] [-1] [*] |json, or @name"},
		{"path from nowhere", frame("text: [a]"), "p.yaml:4:37: a path starts with $, $$, / or @¦paths: $ .key ['key'] [0] [-1] [*] |json, or @name"},
		{"recursive descent", frame("text: ['$..a']"), "p.yaml:4:40: a key is missing behind the dot¦paths: $ .key ['key'] [0] [-1] [*] |json, or @name"},
		{"filter", frame("text: ['$.a[?(1)]']"), "p.yaml:4:42: between [ and ] stands a number, * or a key in single quotes¦paths: $ .key ['key'] [0] [-1] [*] |json, or @name"},
		{"other bar", frame("text: ['$.a|xml']"), "p.yaml:4:41: only |json may follow a bar¦paths: $ .key ['key'] [0] [-1] [*] |json, or @name"},
		{"text in metadata", frame("text: ['@path']"), "p.yaml:4:37: a path from @ has no meaning here¦"},
		{"unknown metadata", frame("when: ['@comand == SEND']"), "p.yaml:4:37: unknown metadata @comand¦metadata: @path, @query.NAME, @h.NAME"},
		{"metadata of another framing", frame("when: ['@command == SEND']"), "p.yaml:4:37: framing raw has no metadata @command¦metadata: @path, @query.NAME, @h.NAME"},
		{"metadata of another framing for a session", "profile: x\nframing: stomp\nsession: '@ns'\n", "p.yaml:3:10: framing stomp has no metadata @ns¦metadata: @path, @query.NAME, @command, @h.NAME"},
		{"metadata without a name", frame("when: ['@h. exists']"), "p.yaml:4:37: unknown metadata @h.¦metadata: "},
		{"elements where there is JSON", frame("text: [/message/body]"), "p.yaml:4:37: no document of framing raw has a path from /¦begin it with $"},
		{"JSON where there are elements", "profile: x\nframing: xml\nsession: $.id\n", "p.yaml:3:10: no document of framing xml has a path from $¦name the elements, as in /message/body"},
		{"below an attribute", "profile: x\nframing: xml\nsession: /message@from/body\n", "p.yaml:3:23: nothing is below an attribute¦paths: /element/element, /element@attribute, or @name"},
		{"JSON below an element", "profile: x\nframing: xml\nsession: /message/body|json.id\n", `p.yaml:3:23: unexpected "|" in a name¦paths: /element`},
		{"each stanza", "profile: x\nframing: xml\neach: /message/body\n", "p.yaml:3:7: a stanza is one message: each has no meaning with framing xml¦"},
		{"element without a name", "profile: x\nframing: xml\nsession: //body\n", "p.yaml:3:11: a name is missing¦paths: /element"},
		{"XML template", "profile: x\nframing: xml\ninject: {bot: '<message>{{text}}'}\n", "p.yaml:3:15: the template is not one XML element when its variables are filled in¦variables: "},
		{"SignalR template", "profile: x\nframing: signalr\ninject: {bot: '[1]'}\n", "p.yaml:3:15: a SignalR template is a JSON object¦variables: "},
		{"Completion of nothing", "profile: x\nframing: signalr\ninject: {ack_widget: '{\"type\":3}'}\n", "p.yaml:3:22: a Completion (type 3) needs an invocationId: without one the widget drops its conn¦variables: "},
		{"condition", frame("when: ['$.a = 3']"), `p.yaml:4:42: expected ==, !=, ~, has, is or exists, found "="¦conditions: `},
		{"condition without value", frame("when: ['$.a ==']"), "p.yaml:4:42: == needs a value on its right¦conditions: "},
		{"exists with a value", frame("when: ['$.a exists 1']"), `p.yaml:4:48: nothing may follow exists, found "1"¦conditions: `},
		{"type", frame("when: ['$.a is int']"), `p.yaml:4:45: unknown type "int": string, number, boolean, array, object or null¦conditions: `},
		{"regex", frame("when: ['$.a ~ (']"), "p.yaml:4:44: error parsing regexp: missing closing ): `(`¦conditions: "},
		{"no direction", head + "frames:\n  - kind: message\n", "p.yaml:4:5: the frame has no direction¦add dir: up, down or any"},
		{"no kind", head + "frames:\n  - dir: up\n", "p.yaml:4:5: the frame has no kind¦add kind: message, or another"},
		{"unknown kind", head + "frames: [{dir: up, kind: mesage}]\n", `p.yaml:3:26: unknown word "mesage"¦did you mean message?`},
		{"follow nothing", frame("text: ['$.a', {path: $.b, follow: $.c}]"), "p.yaml:4:64: there is no such text to follow¦name the path of a text before this one"},
		{"unknown variable", head + "inject: {bot: '{\"a\":{{tex}}}'}\n", "p.yaml:3:21: unknown variable {{tex}}¦variables: {{text}}, "},
		{"variable left open", head + "inject: {bot: '{\"a\":{{text'}\n", "p.yaml:3:21: {{ is not closed with }}¦variables: "},
		{"variable in quotes", head + "inject: {bot: '{\"a\":\"{{text}}\"}'}\n", "p.yaml:3:15: the template is not JSON when its variables are filled in ({{text}} brings its own quotes)¦variables: "},
		{"socket.io template", "profile: x\nframing: socketio\ninject: {bot: '{}'}\n", `p.yaml:3:15: a socket.io template is a JSON array, as in ["bot_uttered",{"text":{{text}}}]¦variables: `},
		{"remembered under a taken name", head + "remember: {text: $.a}\n", `p.yaml:3:12: "text" is a variable that every template has¦choose another name`},
		{"echoes without an echo", head + "echoes: true\n", "p.yaml:3:9: words that stay here could not be said back as the backend would¦add inject.echo"},
		{"route", head + "http: [{match: /messages}]\n", `p.yaml:3:16: a route matches a method and a path¦as in "POST /messages"`},
		{"route's method", head + "http: [{match: FETCH /m}]\n", `p.yaml:3:16: unknown method "FETCH"¦one of GET, POST`},
		{"route's status", head + "http: [{match: POST /m, answer: {status: 404}}]\n", `p.yaml:3:42: the answer says that all went well¦a number from 200 to 299`},
		{"route's template", head + "http: [{match: POST /m, answer: '{\"a\":{{who}}}'}]\n", `p.yaml:3:39: unknown variable {{who}}¦variables: {{text}}`},
		{"a segment without a route", head + "session: '@segment.1'\n", "p.yaml:3:10: unknown metadata @segment.1¦metadata: "},
		{"route without match", head + "http: [{dir: up}]\n", `p.yaml:3:8: the route matches nothing¦add match: "POST /path"`},
		{"anchor", head + "session: &a $.x\n", "p.yaml:3:10: expected text, found an anchor, alias or tag (not used in profiles)¦put it in quotes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.Parse("p.yaml", []byte(tt.src))
			var faults wire.Diagnostics
			if !errors.As(err, &faults) || len(faults) != 1 {
				t.Fatalf("want one fault, got:\n%v", err)
			}
			first, _, _ := strings.Cut(faults.Error(), "\n")
			where, hint, _ := strings.Cut(tt.want, "¦")
			if first != where || !strings.HasPrefix(faults[0].Hint, hint) || hint == "" && faults[0].Hint != "" {
				t.Errorf("got  %s¦%s\nwant %s", first, faults[0].Hint, tt.want)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := wire.Parse("p.yaml", []byte("profile: x\nframing: raw\nchanel: voice\nframes:\n  - {dir: up, kind: message, text: [\"$.a[\"]}\nmax_message: lots\n"))
	want := `p.yaml:3:1: unknown key "chanel" in the profile
  chanel: voice
  ^
  hint: did you mean channel?
p.yaml:5:41: a ] is missing
    - {dir: up, kind: message, text: ["$.a["]}
                                          ^
  hint: paths: $ .key ['key'] [0] [-1] [*] |json, or @name
p.yaml:6:14: expected a whole number from 0, found "lots"
  max_message: lots
               ^`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}
