package wire_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"attune/proxy/wire"
)

// recorded is one line of a capture: a message of a real widget or bot.
type recorded struct {
	Conn   int    `json:"conn"`
	Dir    string `json:"dir"`
	Opcode string `json:"opcode"`
	Data   string `json:"data"`
}

func (r recorded) direction() wire.Direction {
	if r.Dir == "client" {
		return wire.Up
	}
	return wire.Down
}

// capture reads the recorded messages of a file in testdata.
func capture(t testing.TB, name string) []recorded {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []recorded
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var r recorded
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// open makes the translator of a recorded upgrade request.
func open(t testing.TB, p *wire.Profile, request string) *wire.Translator {
	t.Helper()
	line, _, _ := strings.Cut(request, "\n")
	u, err := url.Parse(strings.TrimPrefix(line, "GET "))
	if err != nil {
		t.Fatal(err)
	}
	return p.Open(wire.Upgrade{Path: u.Path, Query: u.Query()})
}

// Profiles of the protocols whose names are an application's own, for the recordings of a demo application.
const (
	signalrChat = `framing: signalr
frames:
  - {dir: up, kind: message, when: ["$.type == 1", "$.target == SendMessage"], text: ["$.arguments[1]"]}
  - {dir: down, kind: echo, when: ["$.target == ReceiveMessage", "$.arguments[0] != bot"], text: ["$.arguments[1]"]}
  - {dir: down, kind: message, when: ["$.target == ReceiveMessage"], text: ["$.arguments[1]"], payloads: ["$.arguments[2].buttons[*].value"]}
  - {dir: down, kind: delta, when: ["$.type == 2"], text: ["$.item"]}
  - {dir: any, kind: heartbeat, when: ["$.type == 6"]}
inject: {bot: '{"type":1,"target":"ReceiveMessage","arguments":["bot",{{text}}]}'}
`
	stompChat = `framing: stomp
locale: "@h.lang"
frames:
  - {dir: up, kind: message, when: ["@command == SEND"], text: ["$.content"]}
  - {dir: down, kind: handoff, when: ["@command == MESSAGE", "$.type == HANDOFF"], text: ["$.content"]}
  - {dir: down, kind: message, when: ["@command == MESSAGE"], text: ["$.content"], payloads: ["$.quickReplies[*].payload"]}
inject: {bot: '{"type":"CHAT","sender":"bot","content":{{text}}}', to_backend: '{"type":"CHAT","content":{{text}}}'}
`
)

// named is a shipped profile, or one that stands in YAML.
func named(t testing.TB, profile string) *wire.Profile {
	t.Helper()
	if strings.Contains(profile, ":") {
		return define(t, profile)
	}
	return lookup(t, profile)
}

func lookup(t testing.TB, name string) *wire.Profile {
	t.Helper()
	p, err := wire.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// awkward holds everything that spelling can get wrong: beyond ASCII, beyond 16 bits, quotes, backslashes, controls.
const awkward = "«€» \"q\"\\ 😀 </b>\n\tʼ"

// counts is what a capture holds, by the table of the survey that came with the recordings.
type counts struct {
	frames, customer, bot, handoff, clicks, untouched, edits int
	session                                                  string
}

func TestCaptures(t *testing.T) {
	tests := []struct {
		capture, profile string
		want             counts
	}{
		{"botkit_web", "botkit-web", counts{
			frames: 15, customer: 5, bot: 7, handoff: 1, clicks: 2, edits: 12,
			session: "7b83de74-bb02-74d7-6722-e9c1b1c2e665",
		}},
		{"deepchat_ws", "deep-chat", counts{frames: 16, customer: 4, bot: 10, edits: 14, session: "s-1"}},
		{"socketio_v4_rasa", "rasa-socketio", counts{
			frames: 27, customer: 5, bot: 9, handoff: 1, clicks: 2, untouched: 13, edits: 14, session: "sess-1",
		}},
		{"socketio_v4_rasa_polling_upgrade", "rasa-socketio", counts{
			frames: 27, customer: 5, bot: 9, handoff: 1, clicks: 2, untouched: 13, edits: 14, session: "sess-1",
		}},
		{"rasa_python_socketio", "rasa-socketio", counts{
			frames: 15, customer: 2, bot: 3, untouched: 10, edits: 5, session: "20e86c80083742409f46f0eb8d79bb1b",
		}},
		{"signalr_json", signalrChat, counts{frames: 19, customer: 4, bot: 6, untouched: 5, edits: 10}},
		{"stomp_ws", stompChat, counts{frames: 16, customer: 1, bot: 3, handoff: 1, untouched: 6, edits: 4}},
	}
	for _, tt := range tests {
		t.Run(tt.capture, func(t *testing.T) {
			p := named(t, tt.profile)
			conns := make(map[int]*wire.Translator)
			again := make(map[int]*wire.Translator)
			var got counts
			for _, rec := range capture(t, tt.capture) {
				switch rec.Opcode {
				case "upgrade":
					if rec.Dir == "client" {
						conns[rec.Conn], again[rec.Conn] = open(t, p, rec.Data), open(t, p, rec.Data)
					}
				case "binary": // an attachment: passes, and only the count of those outstanding hears of it
					got.frames++
					got.untouched++
					conns[rec.Conn].Binary(rec.direction())
				case "text":
					got.frames++
					checkRecorded(t, conns[rec.Conn], again[rec.Conn], rec, &got)
					if s := conns[rec.Conn].Session(); s != "" {
						got.session = s
					}
				}
			}
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// checkRecorded reads one recorded message, replaces every text in it and puts it back.
func checkRecorded(t *testing.T, tr, again *wire.Translator, rec recorded, got *counts) {
	t.Helper()
	msg, dir := []byte(rec.Data), rec.direction()
	items := tr.Read(dir, msg)
	if items == nil {
		got.untouched++
	}
	if same := tr.Splice(nil, msg, nil); !bytes.Equal(same, msg) {
		t.Errorf("unedited message changed:\n%s\n%s", msg, same)
	}
	var edits, back []wire.Edit
	for i, it := range items {
		if it.Handoff {
			got.handoff++
		}
		if it.Click {
			got.clicks++
		}
		for j, text := range it.Texts {
			switch it.Role {
			case wire.Customer:
				got.customer++
			case wire.Bot:
				got.bot++
			case wire.Agent, wire.Nobody:
				t.Errorf("%s said by %s", msg, it.Role)
			}
			edits = append(edits, wire.Edit{Item: i, Text: j, With: awkward})
			back = append(back, wire.Edit{Item: i, Text: j, With: text.Value})
		}
	}
	if len(edits) == 0 {
		return
	}
	if same := tr.Splice(nil, msg, back); !bytes.Equal(same, msg) {
		t.Errorf("edits that change nothing changed bytes:\n%s\n%s", msg, same)
	}
	edited := tr.Splice(nil, msg, edits)
	checkEdited(t, msg, edited)
	for i, it := range again.Read(dir, edited) {
		for j, text := range it.Texts {
			if text.Value != awkward {
				t.Errorf("item %d text %d reads %q after the edit:\n%s", i, j, text.Value, edited)
			}
		}
	}
	if restored := again.Splice(nil, edited, back); !bytes.Equal(restored, msg) {
		t.Errorf("put back, the message differs:\n%s\n%s", restored, msg)
	}
	got.edits += len(edits)
}

// checkEdited decodes both messages with encoding/json and demands that they differ in nothing but strings which now
// say awkward, and that the bytes between these strings are those of the original.
func checkEdited(t *testing.T, msg, edited []byte) {
	t.Helper()
	enc := make(map[string]bool)
	for _, spelled := range []string{spell(t, awkward, false), spell(t, awkward, true)} {
		enc[spelled] = true
	}
	rest := withoutLengths(msg)
	for spelled := range enc {
		parts := bytes.Split(withoutLengths(edited), []byte(spelled))
		if len(parts) == 1 {
			continue
		}
		for i, part := range parts {
			at := bytes.Index(rest, part)
			if at < 0 || i == 0 && at != 0 {
				t.Errorf("bytes outside the edit changed:\n%s\n%s", msg, edited)
				return
			}
			rest = rest[at+len(part):]
		}
		return
	}
	t.Errorf("no known spelling of the new words in %s", edited)
}

// withoutLengths takes out the number that must follow an edit.
func withoutLengths(msg []byte) []byte {
	return regexp.MustCompile(`content-length:\d+`).ReplaceAll(msg, []byte("content-length:N"))
}

// spell writes words as a JSON string without its quotes, as Node (raw) or Python (escaped) do.
func spell(t *testing.T, words string, ascii bool) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(words); err != nil {
		t.Fatal(err)
	}
	s := strings.Trim(strings.TrimSuffix(b.String(), "\n"), `"`)
	if !ascii {
		return s
	}
	return strings.NewReplacer("«", `\u00ab`, "€", `\u20ac`, "»", `\u00bb`, "😀", `\ud83d\ude00`, "ʼ", `\u02bc`).Replace(s)
}
