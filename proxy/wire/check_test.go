package wire_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"attune/proxy/wire"
)

var update = flag.Bool("update", false, "rewrite what tests compare with: testdata/checks.txt and the chapters of profiles/README.md")

// recordings says which profile reads which recording of testdata.
var recordings = map[string]string{
	"botkit_web":                         "botkit-web",
	"conversationrelay":                  "twilio-conversationrelay",
	"deepchat_ws":                        "deep-chat",
	"directline_ws":                      "directline",
	"documented/jambonz_ivr":             "jambonz",
	"jambonz_ws":                         "jambonz",
	"signalr_json":                       "signalr-json",
	"stomp_ws":                           "stomp-json",
	"documented/sockjs_rasa":             "sockjs-rasa",
	"documented/xmpp":                    "xmpp",
	"rasa_python_socketio":               "rasa-socketio",
	"socketio_v4_rasa":                   "rasa-socketio",
	"socketio_v4_rasa_polling_upgrade":   "rasa-socketio",
	"documented/actioncable":             "chatwoot-cable",
	"documented/amazon_connect":          "amazon-connect-chat",
	"documented/audiocodes_botapi":       "audiocodes-botapi",
	"documented/botpress_chat":           "botpress-chat",
	"documented/botpress_person":         "botpress-chat",
	"documented/chatwoot_cable":          "chatwoot-cable",
	"documented/cognigy_socketio":        "cognigy-socketio",
	"written/directline_streaming":       "directline-streaming",
	"documented/genesys_webmessaging":    "genesys-webmessaging",
	"written/json":                       "json",
	"documented/liveperson_ums":          "liveperson-ums",
	"documented/mattermost":              "mattermost",
	"documented/mattermost_people":       "mattermost",
	"documented/openai_realtime":         "openai-realtime",
	"documented/openai_realtime_repeats": "openai-realtime",
	"documented/phoenix_v2":              "phoenix-v2",
	"documented/retell_call":             "retell-custom-llm",
	"documented/retell_llm":              "retell-custom-llm",
	"documented/rocketchat_livechat":     "rocketchat-livechat-ddp",
	"documented/rocketchat_transfer":     "rocketchat-livechat-ddp",
}

// recording reads a recording of testdata.
func recording(t testing.TB, name string) *wire.Recording {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", filepath.FromSlash(name)+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rec, err := wire.ReadRecording(filepath.Base(name)+".jsonl", f)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// byProfile lists the recordings in the order of their profiles.
func byProfile() []string {
	return slices.SortedFunc(maps.Keys(recordings), func(a, b string) int {
		return cmp.Or(strings.Compare(recordings[a], recordings[b]), strings.Compare(a, b))
	})
}

// Every shipped profile stands up to every recording of its protocol, and reads as much in each as it did when the
// table was last looked at.
func TestChecks(t *testing.T) {
	var table strings.Builder
	checked := make(map[string]string) // profile: the best evidence
	for _, name := range byProfile() {
		profile := recordings[name]
		r := lookup(t, profile).Check(recording(t, name))
		for _, f := range r.Findings {
			t.Errorf("%s: %s", profile, f)
		}
		for what, state := range r.Inject {
			if state == "failed" {
				t.Errorf("%s: inject %s %s", profile, what, state)
			}
		}
		if r.Counts.Edits != r.Counts.EditsOK {
			t.Errorf("%s, %s: %d of %d edits undone", profile, name, r.Counts.EditsOK, r.Counts.Edits)
		}
		fmt.Fprintln(&table, checkRow(profile, name, r))
		if checked[profile] != "recorded" {
			checked[profile] = r.Source
		}
	}
	for _, name := range wire.Shipped() {
		src, err := wire.ReadSource(name)
		if err != nil {
			t.Fatal(err)
		}
		if said, has := src.About().Evidence, checked[name]; said != has {
			t.Errorf("%s says %q, and its recordings are %q", name, said, has)
		}
	}
	golden(t, "testdata/checks.txt", table.String())
}

// checkRow is one line of the table: what is not there is left out.
func checkRow(profile, name string, r *wire.Report) string {
	raw, err := json.Marshal(r.Counts)
	if err != nil {
		panic(err)
	}
	row := profile + " < " + name + ":"
	for field := range strings.SplitSeq(strings.Trim(string(raw), "{}"), ",") {
		what, n, _ := strings.Cut(field, ":")
		if n != "0" {
			row += " " + strings.Trim(what, `"`) + "=" + n
		}
	}
	return row + "; inject: " + cmp.Or(strings.Join(slices.Sorted(maps.Keys(r.Inject)), " "), "unsupported")
}

// golden compares with a file, or rewrites it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what it was (-update rewrites it):\n%s", file, diff)
	}
}

// What a button sends is a click, also where no recording holds one.
func TestClicksOfShippedProfiles(t *testing.T) {
	tests := []struct {
		profile, menu string
		dir           wire.Direction
		click, want   string
	}{
		{
			"directline", `{"activities":[{"type":"message","from":{"id":"bot"},"text":"Which one?","suggestedActions":{"actions":[{"type":"imBack","title":"The cup","value":"cup 1"}]}}]}`,
			wire.Down, `{"activities":[{"type":"message","from":{"id":"u"},"text":"cup 1","channelData":{"clientActivityID":"c1"}}]}`, "echo customer click [cup 1]!",
		},
		{
			"signalr-json", `{"type":1,"target":"ReceiveMessage","arguments":["bot","Which one?",{"buttons":[{"text":"The cup","value":"#cup"}]}]}` + "\x1e",
			wire.Up, `{"type":1,"target":"SendMessage","arguments":["ana","#cup"]}` + "\x1e", "message customer click [#cup]!",
		},
		{
			"stomp-json", "MESSAGE\ndestination:/q\n\n" + `{"type":"CHAT","content":"Which one?","quickReplies":[{"label":"The cup","payload":"CUP"}]}` + "\x00",
			wire.Up, "SEND\ndestination:/app\n\n" + `{"type":"CHAT","content":"CUP"}` + "\x00", "message customer click [CUP]!",
		},
		{
			"amazon-connect-chat", `{"topic":"aws/chat","content":"{\"Type\":\"MESSAGE\",\"ContentType\":\"application/vnd.amazonaws.connect.message.interactive\",\"Content\":\"{\\\"data\\\":{\\\"content\\\":{\\\"title\\\":\\\"Which one?\\\",\\\"elements\\\":[{\\\"title\\\":\\\"The cup\\\"}]}}}\"}"}`,
			wire.Down, `{"topic":"aws/chat","content":"{\"Type\":\"MESSAGE\",\"ContentType\":\"text/plain\",\"ParticipantRole\":\"CUSTOMER\",\"Content\":\"The cup\"}"}`, "echo customer click [The cup]!",
		},
		{
			"rasa-socketio", `42["bot_uttered",{"attachment":{"type":"template","payload":{"elements":{"title":"Which one?","buttons":[{"title":"The cup","payload":"cup"}]}}}}]`,
			wire.Up, `42["user_uttered",{"message":"cup"}]`, "message customer click [cup]!",
		},
		{
			"deep-chat", `{"text":"Which one?"}`, wire.Up, `{"messages":[{"role":"user","text":"the cup"}]}`, "message customer [the cup]",
		},
	}
	for _, tt := range tests {
		t.Run(tt.profile, func(t *testing.T) {
			tr := lookup(t, tt.profile).Open(wire.Upgrade{})
			if items := tr.Read(wire.Down, []byte(tt.menu)); len(items) != 1 || items[0].Role != wire.Bot {
				t.Fatalf("the menu reads %s", show(items))
			}
			if got := show(tr.Read(tt.dir, []byte(tt.click))); got != tt.want {
				t.Errorf("the click reads %s, want %s", got, tt.want)
			}
		})
	}
}
