package e2e

import (
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// peer is a protocol with both its ends as published, or, where the far end is
// a closed service, with a stand-in behind the real client.
type peer struct {
	name    string
	bot     func(t *testing.T, port string) *program
	widget  string // script in npm/
	profile string
	scheme  string
	// restart says that a bot that comes back finds its conversation again.
	restart bool
	// apostrophe is how the bot's frames spell the refusal's apostrophe.
	apostrophe string
}

var peers = []peer{
	{name: "botkit", bot: script("botkit-bot.js"), widget: "botkit-widget.js", profile: "botkit-web", scheme: "ws", restart: true},
	{name: "socket.io 4", bot: script("socketio-bot.js"), widget: "socketio-widget.js", profile: "rasa-socketio", scheme: "http", restart: true},
	{name: "socket.io 2", bot: script("socketio2-bot.js"), widget: "socketio2-widget.js", profile: "rasa-socketio", scheme: "http", restart: true},
	{name: "python-socketio", bot: python, widget: "socketio-widget.js", profile: "rasa-socketio", scheme: "http", apostrophe: `\u2019`, restart: true},
	{name: "cognigy", bot: script("cognigy-bot.js"), widget: "cognigy-widget.js", profile: "cognigy-socketio", scheme: "http", restart: true},
	{name: "jambonz", bot: script("jambonz-bot.js"), widget: "jambonz-widget.js", profile: "jambonz", scheme: "ws"},
	{name: "actioncable", bot: rails, widget: "actioncable-widget.js", profile: "chatwoot-cable", scheme: "ws", restart: true},
	{name: "signalr", bot: script("signalr-bot.js"), widget: "signalr-widget.js", profile: "signalr-json", scheme: "http", restart: true},
	{name: "phoenix", bot: script("phoenix-bot.js"), widget: "phoenix-widget.js", profile: "phoenix-v2", scheme: "ws", restart: true},
	{name: "stomp", bot: script("stomp-bot.js"), widget: "stomp-widget.js", profile: "stomp-json", scheme: "ws", restart: true},
	{name: "sockjs", bot: script("sockjs-bot.js"), widget: "sockjs-widget.js", profile: "sockjs-rasa", scheme: "http", restart: true},
}

func script(name string) func(*testing.T, string) *program {
	return func(t *testing.T, port string) *program { return botAt(t, name, port) }
}

// python starts a bot on python-socketio, as Debian packages it: an interpreter
// of the user's own may lack it.
func python(t *testing.T, port string) *program {
	t.Helper()
	const interpreter = "/usr/bin/python3"
	if err := exec.CommandContext(t.Context(), interpreter, "-c", "import socketio, aiohttp").Run(); err != nil {
		absent(t, "python3-socketio and python3-aiohttp are not installed: run bash deploy/test.sh")
	}
	p := run(t, []string{"PORT=" + port}, nil, interpreter, "python/rasa_bot.py")
	p.expectLog("ready")
	return p
}

// rails starts a bot on Action Cable.
func rails(t *testing.T, port string) *program {
	t.Helper()
	puma := need(t, "puma")
	if err := exec.CommandContext(t.Context(), "ruby", "-e", "require 'action_cable'").Run(); err != nil {
		absent(t, "ruby-actioncable is not installed: run bash deploy/test.sh")
	}
	p := run(t, nil, nil, puma, "-q", "-b", "tcp://127.0.0.1:"+port, "actioncable/config.ru")
	p.expectLog("Listening on")
	return p
}

const (
	refusal  = "help with that fee of 12.50."
	reworded = "I can't help with that fee of 12.50 here. Tell me more."
)

// TestPeers lets every client hold a conversation through Attune twice: without
// rules, when both sides must see the same bytes, and with a rule for one
// sentence, when that sentence and nothing else may differ.
func TestPeers(t *testing.T) {
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) {
			t.Run("untouched", func(t *testing.T) {
				widget, backend := p.talk(t, t.TempDir(), p.plain(), false)
				compare(t, widget, backend, func(message string) string { return message })
			})
			t.Run("reworded", func(t *testing.T) {
				widget, backend := p.talk(t, rulesDir(t, oneRule), reworded, true)
				compare(t, widget, backend, p.edited)
			})
		})
	}
}

func (p peer) plain() string {
	if p.apostrophe != "" {
		return "I can’t " + refusal
	}
	return "I can't " + refusal
}

// edited is a message of the bot as the widget should get it.
func (p peer) edited(message string) string {
	apostrophe := p.apostrophe
	if apostrophe == "" {
		apostrophe = "'"
	}
	from := "I can" + apostrophe + "t " + refusal
	out := strings.ReplaceAll(message, from, reworded)
	if out != message && p.name == "stomp" { // the length must follow
		head, body, _ := strings.Cut(out, "\n\n")
		_, length, _ := strings.Cut(head, "content-length:")
		out = strings.Replace(head, "content-length:"+length, "content-length:"+strconv.Itoa(len(strings.TrimSuffix(body, "\x00"))), 1) + "\n\n" + body
	}
	return out
}

// talk holds the conversation and returns what was heard on both sides of
// Attune.
func (p peer) talk(t *testing.T, rules, answer string, edits bool) (widget, backend *tap) {
	t.Helper()
	port := freePort(t)
	p.bot(t, port)
	backend = tapOn(t, "127.0.0.1:"+port)
	a := serve(t, "ATTUNE_BACKEND_URL=ws://"+backend.addr, "ATTUNE_PROFILE="+p.profile, "ATTUNE_RULES="+rules)
	widget = tapOn(t, a.widgets)
	w := connect(t, p.widget, p.scheme+"://"+widget.addr+"/", "s1")
	greeting(p.name, w)
	w.say("where is my parcel")
	w.expect(sent)
	w.say("and my fee?")
	w.expect(answer)
	if edits {
		a.metric(`attune_rewrites_total{outcome="applied",rule="refusal"} 1`)
	}
	w.hangUp()
	a.metric(`attune_bridges{profile="` + p.profile + `"} 0`)
	return widget, backend
}

// TestBotRestarts stops the bot under a living widget and starts it again: the
// client notices nothing, wherever the profile says what the bot must hear.
func TestBotRestarts(t *testing.T) {
	for _, p := range peers {
		if !p.restart {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			port := freePort(t)
			first := p.bot(t, port)
			a := serve(t, "ATTUNE_BACKEND_URL=ws://127.0.0.1:"+port, "ATTUNE_PROFILE="+p.profile, "ATTUNE_RULES="+t.TempDir())
			w := connect(t, p.widget, p.scheme+"://"+a.widgets+"/", "s1")
			greeting(p.name, w)
			w.say("where is my parcel")
			w.expect(sent)
			first.kill()
			a.metric(`attune_bridges_missing_backend{profile="` + p.profile + `"} 1`)
			w.say("where is my parcel")
			p.bot(t, port)
			w.expect(sent)
			w.say("and my fee?")
			w.expect(p.plain())
			a.metric(`attune_backend_reconnects_total{profile="` + p.profile + `",result="ok"} 1`)
		})
	}
}

// compare wants both sides of Attune to have heard the same, but for what edited
// does to a message of the bot. The last message of a conversation may still be
// on its way.
func compare(t *testing.T, widget, backend *tap, edited func(string) string) {
	t.Helper()
	var faults []string
	for deadline := time.Now().Add(patience); ; <-time.After(50 * time.Millisecond) {
		faults = nil
		downstream := backend.heard(byBackend)
		for i := range downstream {
			downstream[i] = edited(downstream[i])
		}
		for _, way := range []struct {
			name      string
			got, want []string
		}{
			{"upstream", backend.heard(byWidget), widget.heard(byWidget)},
			{"downstream", widget.heard(byBackend), downstream},
		} {
			if !slices.Equal(way.got, way.want) {
				faults = append(faults, fmt.Sprintf("%s differs:\n got %q\nwant %q", way.name, way.got, way.want))
			}
		}
		if len(faults) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(strings.Join(faults, "\n"))
		}
	}
	if len(widget.heard(byBackend)) < 2 {
		t.Errorf("only %d messages were heard", len(widget.heard(byBackend)))
	}
}
