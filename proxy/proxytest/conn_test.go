package proxytest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"attune/proxy/frame"
	"attune/proxy/proxytest"
)

// pair is a widget straight at a backend.
func pair(t testing.TB, bc proxytest.BackendConfig, wc proxytest.WidgetConfig) (widget, conn *proxytest.Conn) {
	t.Helper()
	b := proxytest.NewBackend(t, bc)
	widget = proxytest.DialWidget(t, b.URL+"/chat?x=1", wc)
	return widget, b.Accept()
}

func TestDialogue(t *testing.T) {
	widget, bot := pair(t, proxytest.BackendConfig{}, proxytest.WidgetConfig{})
	widget.SendText("hello")
	widget.SendBinary([]byte{0, 0xFF})
	bot.ExpectText("hello")
	bot.ExpectBinary([]byte{0, 0xFF})
	bot.SendText("")
	bot.SendText("one")
	bot.SendText("two")
	widget.ExpectText("", "one")
	if got := widget.NextText(); got != "two" {
		t.Errorf("%q", got)
	}
	bot.SendPing("beat")
	if got := widget.ExpectPing(); got != "beat" {
		t.Errorf("%q", got)
	}
	bot.ExpectPong("beat")
	widget.ExpectSilence(time.Millisecond)
}

func TestClosing(t *testing.T) {
	tests := []struct {
		name string
		code uint16
		send string
	}{
		{"with a reason", 1001, "page closed"},
		{"without a code", 1005, ""},
		{"of the application's own", 4000, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			widget, bot := pair(t, proxytest.BackendConfig{}, proxytest.WidgetConfig{})
			widget.SendClose(tt.code, tt.send)
			if got := bot.ExpectClose(tt.code); got != tt.send {
				t.Errorf("reason %q", got)
			}
			widget.ExpectClose(tt.code) // the echo

			widget, bot = pair(t, proxytest.BackendConfig{}, proxytest.WidgetConfig{})
			bot.SendText("last words")
			bot.SendClose(tt.code, tt.send)
			widget.ExpectText("last words")
			if got := widget.ExpectClose(tt.code); got != tt.send {
				t.Errorf("reason %q", got)
			}
		})
	}
}

func TestDropped(t *testing.T) {
	widget, bot := pair(t, proxytest.BackendConfig{}, proxytest.WidgetConfig{})
	widget.Drop()
	bot.ExpectEnd()
	widget.ExpectEnd()
}

func TestNoPong(t *testing.T) {
	widget, bot := pair(t, proxytest.BackendConfig{}, proxytest.WidgetConfig{NoPong: true})
	bot.SendPing("1")
	widget.ExpectPing()
	widget.SendText("after")
	bot.ExpectText("after")
	widget.SendPing("2")
	widget.ExpectPong("2") // the first and only one
	bot.ExpectPing()
	bot.SendPing("3")
	widget.ExpectPing()
}

// A peer that does not read fills the network, and gets everything once it reads again.
func TestStopReading(t *testing.T) {
	widget, bot := pair(t, proxytest.BackendConfig{StopReading: true, ReadBuffer: 4096}, proxytest.WidgetConfig{})
	long := strings.Repeat("a", 60<<10)
	sent := 0
	for ; sent < 1000; sent++ {
		if widget.TrySend(long, 100*time.Millisecond) != nil {
			break
		}
	}
	if sent == 1000 {
		t.Fatal("60 MB went to a peer that does not read")
	}
	bot.ExpectSilence(0)
	bot.ResumeReading()
	for range sent {
		bot.ExpectText(long)
	}
}

// What is not a frame gets through to the peer's reader, which says what is wrong with it.
func TestSendBytes(t *testing.T) {
	widget, bot := pair(t, proxytest.BackendConfig{}, proxytest.WidgetConfig{})
	whole := frame.Append(nil, frame.Text, []byte("in two"))
	bot.SendBytes(whole[:3])
	bot.SendBytes(whole[3:])
	widget.ExpectText("in two")
	bot.SendBytes([]byte{0xFF, 0x00})
	if m := widget.Next(); m.Op != proxytest.End || !strings.Contains(m.Data, "RSV") {
		t.Errorf("got %v", m)
	}
}

func TestExpectationsFail(t *testing.T) {
	tests := []struct {
		name, words string
		expect      func(c *proxytest.Conn)
	}{
		{"another text", `widget: got text "said", want text "meant"`, func(c *proxytest.Conn) { c.ExpectText("meant") }},
		{"not binary", `want binary "said"`, func(c *proxytest.Conn) { c.ExpectBinary([]byte("said")) }},
		{"no close", `want close 1000`, func(c *proxytest.Conn) { c.ExpectClose(1000) }},
		{"no end", `want the end`, func(c *proxytest.Conn) { c.ExpectEnd() }},
		{"no silence", `want silence`, func(c *proxytest.Conn) { c.ExpectSilence(proxytest.Timeout) }},
		{"another pong", `want pong "b"`, func(c *proxytest.Conn) { c.SendPing("a"); c.ExpectPong("b") }},
		{"another close", `want close 1000`, func(c *proxytest.Conn) { c.NextText(); c.ExpectClose(1000) }},
		{"not a text", `want a text`, func(c *proxytest.Conn) { c.NextText(); c.NextText() }},
		{"the transcript", "> text \"hello\"\n< text \"said\"\n< close 1001 \"\"", func(c *proxytest.Conn) {
			c.NextText()
			c.Next()
			c.Next()
			c.ExpectSilence(0)
			c.SendText("too late")
			c.SendText("too late")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			failing(t, tt.words, func(tb testing.TB) {
				widget, bot := pair(tb, proxytest.BackendConfig{}, proxytest.WidgetConfig{})
				widget.SendText("hello")
				bot.ExpectText("hello")
				bot.SendText("said")
				if tt.name != "another pong" {
					bot.SendClose(1001, "")
				}
				tt.expect(widget)
			})
		})
	}
}

func TestBackendRecordsUpgrades(t *testing.T) {
	widget, bot := pair(t,
		proxytest.BackendConfig{Subprotocols: []string{"v2", "v1"}, Header: http.Header{"Set-Cookie": {"bot=1"}}},
		proxytest.WidgetConfig{Origin: "https://shop.example", Header: http.Header{"Cookie": {"guest=7"}}, Subprotocols: []string{"v1", "v2"}})
	r := bot.Request
	if r.URL.String() != "/chat?x=1" || r.Header.Get("Origin") != "https://shop.example" {
		t.Errorf("%s from %q", r.URL, r.Header.Get("Origin"))
	}
	if c, err := r.Cookie("guest"); err != nil || c.Value != "7" {
		t.Errorf("cookie %v %v", c, err)
	}
	if widget.Subprotocol() == "" || widget.Subprotocol() != bot.Subprotocol() {
		t.Errorf("subprotocol %q and %q", widget.Subprotocol(), bot.Subprotocol())
	}
	if got := widget.Response.Header.Get("Set-Cookie"); got != "bot=1" {
		t.Errorf("Set-Cookie %q", got)
	}
}
