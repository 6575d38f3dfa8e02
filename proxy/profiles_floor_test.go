package proxy

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"attune/proxy/session"
	"attune/proxy/wire"
)

// conversations has a recording for every shipped profile whose messages can be read,
// and what the widget gets for each thing that the customer says again while an agent
// has the floor: confirmations and echoes, as regular expressions, a line each.
var conversations = map[string]struct {
	recording string
	answers   []string
}{
	"amazon-connect-chat": {"documented/amazon_connect", nil}, // customers speak by HTTP
	"audiocodes-botapi":   {"documented/audiocodes_botapi", []string{""}},
	"botkit-web":          {"botkit_web", []string{"", "", "", "", ""}},
	"botpress-chat":       {"documented/botpress_chat", nil},
	"chatwoot-cable":      {"documented/chatwoot_cable", nil},
	"cognigy-socketio":    {"documented/cognigy_socketio", []string{"", ""}},
	"deep-chat":           {"deepchat_ws", []string{"", "", "", ""}},
	"directline":          {"directline_ws", nil},
	"genesys-webmessaging": {"documented/genesys_webmessaging", []string{
		`"tracingId":"tr-1",.*"direction":"Inbound","text":"my bill is wrong AGAIN"`,
		`"tracingId":"tr-2",.*"direction":"Inbound","text":"topic_person"`,
	}},
	"jambonz": {"jambonz_ws", []string{
		`^{"type":"ack","msgid":"k7fe4Tm9fEAHt5JRV4kxNU","data":\[{"verb":"pause"`,
		`^{"type":"ack","msgid":"6XogxqH2AJe6UZu4zRkLb2","data":\[{"verb":"pause"`,
		`^{"type":"ack","msgid":"gWpPg7i9KY8PFEHwTXk4rt","data":\[{"verb":"pause"`,
	}},
	"json":            {"written/json", []string{"", ""}},
	"liveperson-ums":  {"documented/liveperson_ums", []string{"", ""}}, // nothing can be said there
	"mattermost":      {"documented/mattermost", nil},
	"openai-realtime": {"documented/openai_realtime", []string{""}},
	"phoenix-v2": {"documented/phoenix_v2", []string{
		`^\["3","5","room:visit-7","phx_reply",{"status":"ok","response":{}}\]` + "\n" + `\[null,null,"room:visit-7","shout",{"body":"where is my order\?"}\]$`,
		`^\["3","6","room:visit-7","phx_reply",{"status":"ok","response":{}}\]` + "\n" + `\[null,null,"room:visit-7","shout",{"body":"/person"}\]$`,
	}},
	"rasa-socketio":           {"socketio_v4_rasa", []string{"", "", "", "", `^430\[\]$`}},
	"retell-custom-llm":       {"documented/retell_call", []string{""}},
	"rocketchat-livechat-ddp": {"documented/rocketchat_livechat", []string{`^{"msg":"result","id":"11"}$`}},
	"signalr-json": {"signalr_json", []string{
		`^{"type":3,"invocationId":"0","result":null}` + "\x1e\n" + `{"type":1,"target":"ReceiveMessage","arguments":\["ana","Where is my refund`,
		`^{"type":1,"target":"ReceiveMessage","arguments":\["ana","fire and forget"\]}` + "\x1e$",
	}},
	"sockjs-rasa":              {"documented/sockjs_rasa", []string{"", ""}},
	"stomp-json":               {"stomp_ws", []string{"^RECEIPT\nreceipt-id:r-1\n\n\x00$"}},
	"twilio-conversationrelay": {"conversationrelay", []string{"", "", "", ""}},
	"xmpp":                     {"documented/xmpp", []string{""}},
}

// TestAnAgentsFloorInEveryProfile plays a recording, and its words again while an agent
// has the floor: the backend hears nothing of them, the widget gets its confirmations
// and echoes, nothing that the bot says reaches it, and the agent can see what it was.
func TestAnAgentsFloorInEveryProfile(t *testing.T) {
	for _, name := range wire.Shipped() {
		profile := shipped(t, name)
		if profile.Framing() == "opaque" { // its messages are not read
			continue
		}
		t.Run(name, func(t *testing.T) {
			conversation, ok := conversations[name]
			if !ok {
				t.Fatal("there is no recording to play")
			}
			p := play(t, profile, only(`{text: "nothing"}`, "Not a thing."))
			reader := profile.Open(wire.Upgrade{Path: "/"})
			var said, replied []capture
			for _, c := range captured(t, conversation.recording) {
				dir := wire.Down
				if c.Dir == "client" {
					dir = wire.Up
				}
				items := reader.Read(dir, []byte(c.Data))
				if ends(items) || strings.HasPrefix(c.Data, `{"type":7`) { // SignalR's Close
					break
				}
				switch {
				case dir == wire.Up && slices.ContainsFunc(items, utters):
					said = append(said, c)
				case dir == wire.Down && slices.ContainsFunc(items, says):
					replied = append(replied, c)
				}
				p.replaying([]capture{c})
			}
			if p.b.sess == nil || len(replied) == 0 && len(said) == 0 {
				t.Fatal("nobody speaks in this recording")
			}
			p.floor(session.Agent)
			p.saw, p.heard = nil, nil
			answers := conversation.answers
			for _, c := range said {
				p.customer(c.Data)
				p.told()
				got, want := strings.Join(p.saw, "\n"), "^$"
				if len(answers) > 0 {
					want, answers = answers[0], answers[1:]
				}
				if want == "" {
					want = "^$"
				}
				if !regexp.MustCompile(want).MatchString(got) {
					t.Errorf("for %s the widget gets\n%q\nwant\n%q", c.Data, got, want)
				}
				p.saw = nil
			}
			if len(answers) > 0 {
				t.Errorf("there was nothing to be answered by %q", answers)
			}
			for _, c := range replied {
				p.bot(c.Data)
				for _, item := range reader.Read(wire.Down, []byte(c.Data)) {
					for _, text := range item.Texts {
						if says(item) && len(text.Value) > 3 && strings.Contains(strings.Join(p.saw, "\n"), text.Value) {
							t.Errorf("the widget sees %q, of %s", p.saw, c.Data)
						}
					}
				}
				p.saw = nil
			}
			if len(replied) == 0 {
				return
			}
			if p.count("attune_late_frames_dropped_total") == 0 {
				t.Error("nothing is counted as late")
			}
			if story := p.story(); !strings.Contains(story, "(late)") {
				t.Errorf("the agent does not see what was late in\n%s", story)
			}
		})
	}
}
