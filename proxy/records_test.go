package proxy_test

import (
	"os"
	"path/filepath"
	"testing"

	"attune/proxy/proxytest"
)

const hub = `profile: hub
framing: signalr
frames:
  - {dir: up, kind: message, when: ["$.target == Say"], text: ["$.arguments[0]"]}
  - {dir: down, kind: message, when: ["$.target == Show"], text: ["$.arguments[0]"]}
inject: {bot: '{"type":1,"target":"Show","arguments":[{{text}}]}'}
`

func hubSays(id, text string) string {
	return `{"type":1,"target":"Say","arguments":["` + text + `"],"invocationId":"` + id + "\"}\x1e"
}

func hubShows(text string) string {
	return `{"type":1,"target":"Show","arguments":["` + text + "\"]}\x1e"
}

func hubDone(id string) string {
	return `{"type":3,"invocationId":"` + id + `","result":null}` + "\x1e"
}

// TestRecords: of a message that holds several records, one is reworded, and one is kept back while the others arrive.
func TestRecords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hub.yaml")
	if err := os.WriteFile(file, []byte(hub), 0o600); err != nil {
		t.Fatal(err)
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people), profile(t, file))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	c.SendText("{}\x1e")
	w.ExpectText("{}\x1e")
	w.SendText(hubSays("0", "hello"))
	c.ExpectText(hubSays("0", "hello"))
	c.SendText(hubDone("0") + hubShows("Your request has been denied.") + "{\"type\":6}\x1e")
	w.ExpectText(hubDone("0") + hubShows("I could not get that approved.") + "{\"type\":6}\x1e")

	w.SendText(hubSays("1", "I want to talk to a human")) // withheld: Attune completes the call
	w.ExpectText(hubDone("1"))
	w.ExpectText(hubShows("One moment, I am fetching somebody."))
	c.SendText(hubDone("0") + hubShows("Sorry, I did not get that.") + "{\"type\":6}\x1e")
	w.ExpectText(hubDone("0") + "{\"type\":6}\x1e")
	h.eventually(`attune_late_frames_dropped_total{profile="hub"} 1`)

	for _, broken := range []string{"{\"type\":6}", "{\"type\":6]\x1e", "{\"type\":1,\"target\":\"Other\"}\x1e"} {
		c.SendText(broken)
		w.ExpectText(broken)
	}
	for _, reason := range []string{"framing", "json", "unknown"} {
		h.eventually(`attune_wire_unread_total{reason="` + reason + `"} 1`)
	}
}

// TestAttachmentsFollowTheirEvent: an event that has passed is not left without its attachments, or the widget's library
// waits for them for good.
func TestAttachmentsFollowTheirEvent(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people), profile(t, "rasa-socketio"))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	c.SendText(`40{"sid":"x"}`)
	w.ExpectText(`40{"sid":"x"}`)
	w.SendText(`42["user_uttered",{"message":"I want to talk to a human","session_id":"s"}]`)
	w.ExpectText(`42["bot_uttered",{"text":"One moment, I am fetching somebody."}]`)
	c.SendText(`451-["photo",{"_placeholder":true,"num":0}]`)
	c.SendBinary([]byte{1, 2, 3})
	c.SendBinary([]byte{4, 5, 6}) // of nothing: the bot's picture
	c.SendText("2")
	w.ExpectText(`451-["photo",{"_placeholder":true,"num":0}]`)
	w.ExpectBinary([]byte{1, 2, 3})
	w.ExpectText("2")
	// What the bot says with a picture is speech, and takes the picture with it.
	c.SendText(`451-["bot_uttered",{"text":"Look!","image":{"_placeholder":true,"num":0}}]`)
	c.SendBinary([]byte{7})
	c.SendText(`451-["bot_uttered",{"text":"Look!","image":{"_placeholder":true,"num":0}}]`)
	c.SendText("b4Bw==")
	c.SendText("3")
	w.ExpectText("3")
}

// TestRepliesWithAttachmentsAreReworded: a picture beside the words changes nothing.
func TestRepliesWithAttachmentsAreReworded(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people), profile(t, "rasa-socketio"))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	c.SendText(`40{"sid":"x"}`)
	w.ExpectText(`40{"sid":"x"}`)
	w.SendText(`451-["user_uttered",{"message":"may I?","session_id":"s","photo":{"_placeholder":true,"num":0}}]`)
	w.SendBinary([]byte{1})
	c.ExpectText(`451-["user_uttered",{"message":"may I?","session_id":"s","photo":{"_placeholder":true,"num":0}}]`)
	c.ExpectBinary([]byte{1})
	c.SendText(`451-["bot_uttered",{"text":"Your request has been denied.","image":{"_placeholder":true,"num":0}}]`)
	c.SendBinary([]byte{2})
	w.ExpectText(`451-["bot_uttered",{"text":"I could not get that approved.","image":{"_placeholder":true,"num":0}}]`)
	w.ExpectBinary([]byte{2})
}
