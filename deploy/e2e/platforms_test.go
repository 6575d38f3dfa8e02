package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"attune/proxy/proxytest"
)

// platform stands in for a telephone platform that is a closed service: it sends
// and reads what the pages about its WebSocket say, and was never seen beside the
// real one. The bot behind Attune is a stand-in, too.
type platform struct {
	name, profile string
	address       string // of the desk: where calls go
	opens         string // the first message of a call
	// says is the n-th thing that the caller says, from 1, and answers the bot's
	// reply to it.
	says, answers func(n int, text string) string
	// hears is what a message of Attune's says to the caller, and where it
	// transfers the call; n is how often the caller has spoken.
	hears func(message string, n int) (words, to string, err error)
	// back is how the platform tells that the call is the bot's again, and word
	// what the caller hears then. Empty: when the caller speaks.
	back, word string
}

var platforms = []platform{
	{
		name: "voiceai connect", profile: "audiocodes-botapi", address: "tel:+441632960002",
		opens: `{"conversationId":"k1","type":"session.initiate","botName":"north","caller":"+441632960001","expectAudioMessages":false,"supportedMediaFormats":["raw/lpcm16"]}`,
		says: func(n int, text string) string {
			return fmt.Sprintf(`{"type":"activities","conversationId":"k1","activities":[{"type":"message","text":%q,"id":"a-%d","parameters":{"confidence":0.91}}]}`, text, n)
		},
		answers: func(_ int, text string) string {
			return fmt.Sprintf(`{"type":"activities","conversationId":"k1","activities":[{"type":"message","text":%q}]}`, text)
		},
		hears: func(message string, _ int) (words, to string, err error) {
			var m struct {
				Type, ConversationID string
				Activities           []struct {
					Type, Text, Name string
					ActivityParams   struct{ TransferTarget, HandoverReason string }
				}
			}
			if err := json.Unmarshal([]byte(message), &m); err != nil || m.Type != "activities" || m.ConversationID != "k1" || len(m.Activities) != 1 {
				return "", "", fmt.Errorf("no activity of the call: %w", err)
			}
			a := m.Activities[0]
			if a.Type == "event" && a.Name == "transfer" {
				return "", a.ActivityParams.TransferTarget, nil
			}
			return a.Text, "", nil
		},
		back: `{"type":"activities","conversationId":"k1","activities":[{"type":"event","name":"transferStatus","id":"a-9","value":{"status":"failed","reasonCode":"busy"}}]}`,
		word: nobody,
	},
	{
		name: "retell", profile: "retell-custom-llm", address: "+15551234567",
		opens: `{"interaction_type":"call_details","call":{"call_id":"call-1","call_type":"phone_call"}}`,
		says: func(n int, text string) string {
			return fmt.Sprintf(`{"interaction_type":"response_required","response_id":%d,"transcript":[{"role":"agent","content":"How can I help?"},{"role":"user","content":%q}]}`, n, text)
		},
		answers: func(n int, text string) string {
			return fmt.Sprintf(`{"response_type":"response","response_id":%d,"content":%q,"content_complete":true,"end_call":false}`, n, text)
		},
		hears: func(message string, n int) (words, to string, err error) {
			var m struct {
				ResponseType    string `json:"response_type"`
				ResponseID      *int   `json:"response_id"`
				InterruptID     int    `json:"interrupt_id"`
				Content         string `json:"content"`
				ContentComplete bool   `json:"content_complete"`
				TransferNumber  string `json:"transfer_number"`
			}
			switch err := json.Unmarshal([]byte(message), &m); {
			case err != nil || !m.ContentComplete:
				return "", "", fmt.Errorf("no whole response: %w", err)
			case m.ResponseType == "response" && (m.ResponseID == nil || *m.ResponseID != n):
				return "", "", fmt.Errorf("a response to what is not the latest turn, %d, is thrown away", n)
			case m.InterruptID > 1<<53-1:
				return "", "", fmt.Errorf("%d is no number in JavaScript", m.InterruptID)
			}
			return m.Content, m.TransferNumber, nil
		},
		word: nobody, // a cold transfer that works does not come back
	},
	{
		name: "conversation relay", profile: "twilio-conversationrelay",
		opens: `{"type":"setup","sessionId":"VX1","callSid":"CA1","direction":"inbound"}`,
		says: func(_ int, text string) string {
			return fmt.Sprintf(`{"type":"prompt","voicePrompt":%q,"lang":"en-US","last":true}`, text)
		},
		answers: func(_ int, text string) string { return fmt.Sprintf(`{"type":"text","token":%q,"last":true}`, text) },
		hears: func(message string, _ int) (words, to string, err error) {
			var m struct {
				Type, Token, HandoffData string
			}
			if err := json.Unmarshal([]byte(message), &m); err != nil || m.Type != "text" && m.Type != "end" {
				return "", "", fmt.Errorf("neither text nor end: %w", err)
			}
			var card struct {
				Desk string
				Card struct{ Reason string }
			}
			if m.Type == "end" && json.Unmarshal([]byte(m.HandoffData), &card) == nil && card.Card.Reason == "asks-for-person" {
				return "", card.Desk, nil
			}
			return m.Token, "", nil
		},
		word: back, // on a socket of its own: see ring
	},
}

// phoned is one call through a platform.
type phoned struct {
	platform
	t      *testing.T
	a      *attune
	bot    *proxytest.Backend
	w, c   *proxytest.Conn // the platform's socket, and the bot's
	spoken int
	to     string // where the call was transferred to
}

// ring begins the call, or goes on with it on another socket.
func (l *phoned) ring() {
	l.t.Helper()
	l.w = proxytest.DialWidget(l.t, "ws://"+l.a.widgets+"/llm/call-1", proxytest.WidgetConfig{Header: http.Header{"Authorization": {"Bearer the-platform"}}})
	l.c = l.bot.Accept()
	l.w.SendText(l.opens)
	l.c.ExpectText(l.opens)
}

func (l *phoned) say(text string) {
	l.spoken++
	l.w.SendText(l.says(l.spoken, text))
}

// served has the caller ask and the bot answer.
func (l *phoned) served() {
	l.t.Helper()
	l.say("where is my parcel")
	l.c.ExpectText(l.says(l.spoken, "where is my parcel"))
	l.c.SendText(l.answers(l.spoken, sent))
	l.hear(sent)
}

// hear waits for the next message and wants it to say this; "" for anything.
func (l *phoned) hear(want string) {
	l.t.Helper()
	message := l.w.NextText()
	words, to, err := l.hears(message, l.spoken)
	if err != nil {
		l.t.Fatalf("the platform is sent %s: %v", message, err)
	}
	if l.to = to; want != "" && words != want {
		l.t.Fatalf("the caller hears %q, want %q", words, want)
	}
}

// TestHandoffOnPlatforms: the platform's own message for a transfer takes the call
// away from the bot, which has it back when the platform says so.
func TestHandoffOnPlatforms(t *testing.T) {
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) {
			l := &phoned{platform: p, t: t, bot: proxytest.NewBackend(t, proxytest.BackendConfig{})}
			desk := "phone: {kind: backend}"
			if p.address != "" {
				desk = fmt.Sprintf("phone: {kind: backend, address: %q}", p.address)
			}
			l.a = withDesk(t, l.bot.URL, p.profile, desk)
			l.ring()
			l.served()
			l.say(wanted)
			l.hear("") // that somebody is called
			l.hear("")
			if want := []string{p.address, "phone"}; !slices.Contains(want, l.to) {
				t.Errorf("the call goes to %q, want one of %q", l.to, want)
			}
			l.a.taken(t, "phone")
			l.c.SendText(l.answers(l.spoken, "Anything else?"))
			l.a.metric(`attune_late_frames_dropped_total{profile="` + p.profile + `"} 1`)
			switch {
			case p.back != "":
				l.w.SendText(p.back)
			case p.word == back:
				l.w.SendClose(1000, "")
				l.w.ExpectClose(1000)
				l.ring()
			default:
				l.say("hello?")
			}
			l.hear(p.word)
			l.a.metric(`attune_floor_changes_total{to="bot"} 1`)
			l.served()
		})
	}
}

// TestHandoffWithoutAnAddress: a call is not transferred to nowhere.
func TestHandoffWithoutAnAddress(t *testing.T) {
	for _, p := range platforms {
		if p.address == "" {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			l := &phoned{platform: p, t: t, bot: proxytest.NewBackend(t, proxytest.BackendConfig{})}
			l.a = withDesk(t, l.bot.URL, p.profile, "phone: {kind: backend}")
			l.a.expectLog("the desk will fail without one")
			l.ring()
			l.say(wanted)
			l.hear("") // that somebody is called
			l.hear(nobody)
			l.served()
		})
	}
}

// TestSecondBackendOnPlatforms: on the telephone, too, a second backend has the
// call and gives it back, in a protocol of its own.
func TestSecondBackendOnPlatforms(t *testing.T) {
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) {
			second := proxytest.NewBackend(t, proxytest.BackendConfig{})
			l := &phoned{platform: p, t: t, bot: proxytest.NewBackend(t, proxytest.BackendConfig{})}
			l.a = withDesk(t, l.bot.URL, p.profile, "branch: {kind: upstream, address: "+second.URL+", profile: json}")
			l.ring()
			l.served()
			l.say(wanted)
			l.hear("") // that somebody is called
			s := second.Accept()
			s.NextText() // the card
			l.hear(through)
			l.a.taken(t, "branch")
			l.say("my fee")
			s.ExpectText(`{"text":"my fee"}`)
			s.SendText(`{"text":"Mia here. Which fee?"}`)
			l.hear("Mia here. Which fee?")
			l.c.SendText(l.answers(l.spoken, "Anything else?"))
			l.a.metric(`attune_late_frames_dropped_total{profile="` + p.profile + `"} 1`)
			s.SendClose(1000, "done")
			l.hear(back)
			l.served()
		})
	}
}
