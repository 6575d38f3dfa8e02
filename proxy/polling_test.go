package proxy_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// rasa is a socket.io service as far as its HTTP goes: what it hears is kept, what
// it says waits for a poll. Sockets are the test's.
type rasa struct {
	t   *testing.T
	bot *proxytest.Backend
	eio int

	mu    sync.Mutex
	heard []string
	says  chan string // bodies
}

func newRasa(t *testing.T, eio int) *rasa {
	t.Helper()
	s := &rasa{t: t, eio: eio, says: make(chan string, 100)}
	s.bot = proxytest.NewBackend(t, proxytest.BackendConfig{HTTP: s})
	return s
}

const handshake = `0{"sid":"s1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`

func (s *rasa) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.heard = append(s.heard, string(body))
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "ok")
	case !q.Has("sid"):
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.Header().Set("Set-Cookie", "io=s1")
		body := handshake
		if s.eio == 3 {
			body = fmt.Sprintf("%d:%s2:40", len(handshake), handshake)
		}
		_, _ = io.WriteString(w, body)
	default:
		select {
		case body := <-s.says:
			w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
			_, _ = io.WriteString(w, body)
		case <-r.Context().Done():
		}
	}
}

func (s *rasa) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.heard
	s.heard = nil
	return got
}

// browser is a socket.io client that polls.
type browser struct {
	h      *house
	header http.Header
	query  string
}

func (b *browser) get() string {
	b.h.t.Helper()
	resp, body := b.h.post(http.MethodGet, "/socket.io/?"+b.query, b.header, "")
	if resp.StatusCode != http.StatusOK {
		b.h.t.Fatalf("poll: %d %s", resp.StatusCode, body)
	}
	for _, c := range resp.Cookies() {
		if b.header == nil {
			b.header = http.Header{}
		}
		b.header.Add("Cookie", c.Name+"="+c.Value)
	}
	return body
}

func (b *browser) sees(want string) {
	b.h.t.Helper()
	if got := b.get(); got != want {
		b.h.t.Fatalf("the poll brings %q, want %q", got, want)
	}
}

func (b *browser) says(body string) {
	b.h.t.Helper()
	header := http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}
	maps.Copy(header, b.header)
	resp, got := b.h.post(http.MethodPost, "/socket.io/?"+b.query, header, body)
	if resp.StatusCode != http.StatusOK || got != "ok" {
		b.h.t.Fatalf("say %q: %d %s", body, resp.StatusCode, got)
	}
}

// arrive makes the handshake.
func (s *rasa) arrive(h *house, header http.Header) *browser {
	h.t.Helper()
	b := &browser{h: h, header: header, query: fmt.Sprintf("EIO=%d&transport=polling&t=abc", s.eio)}
	want := handshake
	if s.eio == 3 {
		want = fmt.Sprintf("%d:%s2:40", len(handshake), handshake)
	}
	b.sees(want)
	b.query += "&sid=s1"
	return b
}

func (s *rasa) expect(want ...string) {
	s.t.Helper()
	if got := s.got(); !slices.Equal(got, want) {
		s.t.Fatalf("the backend got %q, want %q", got, want)
	}
}

func uttered(text string) string {
	return `42["user_uttered",{"message":"` + text + `","session_id":"sess-1"}]`
}

func botUttered(text string) string { return `42["bot_uttered",{"text":"` + text + `"}]` }

// TestConversationByPolling: all of it by HTTP, both ways judged.
func TestConversationByPolling(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people))
	b := s.arrive(h, nil)
	b.says(`40{"token":"jwt"}`)
	s.says <- `40{"sid":"x"}`
	b.sees(`40{"sid":"x"}`)
	b.says(uttered("hello"))
	s.expect(`40{"token":"jwt"}`, uttered("hello"))
	s.says <- "2\x1e" + botUttered("Your request has been denied.")
	b.sees("2\x1e" + botUttered("I could not get that approved."))

	// Attune's words do not wait for the backend's.
	b.says("3\x1e" + strings.Replace(uttered("I want to talk to a human"), "42", "427", 1))
	s.expect("3")
	b.sees("437[]\x1e" + botUttered("One moment, I am fetching somebody."))
	h.eventually(`attune_signals_total{rule="asks-for-person"} 1`)

	s.says <- botUttered("Sorry, I did not get that.")
	b.sees("6")
	h.eventually(`attune_late_frames_dropped_total{profile="rasa-socketio"} 1`)

	session := h.waiting()
	board := h.server.Switchboard()
	heard := make(chan string)
	go func() { heard <- b.get() }() // a poll that waits already
	if err := board.Claim(t.Context(), session, "mia"); err != nil {
		t.Fatal(err)
	}
	if got, want := <-heard, botUttered("mia is here."); got != want {
		t.Fatalf("the poll brings %q, want %q", got, want)
	}
	b.says(uttered("thanks"))
	s.expect()
	if err := board.Say(t.Context(), session, "mia", "hello"); err != nil {
		t.Fatal(err)
	}
	b.sees(`42["bot_uttered",{"text":"hello","metadata":{"agent":"mia"}}]`)
	h.eventually(`attune_sessions{profile="rasa-socketio"} 1`)
	h.eventually(`attune_messages_total{direction="upstream",role="customer"} 3`)
	h.eventually(`attune_fail_open_total{reason="inject"} 0`)
}

// TestPollingOfTheThird version counts what it says in UTF-16.
func TestPollingOfTheThird(t *testing.T) {
	s := newRasa(t, 3)
	h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people))
	b := s.arrive(h, nil)
	say := uttered("hello 😡")
	one := fmt.Sprintf("%d:%s1:2", len(say)-2, say)
	b.says(one)
	s.expect(one)
	said := botUttered("Your request has been denied.")
	s.says <- fmt.Sprintf("1:3%d:%s", len(said), said)
	reworded := botUttered("I could not get that approved.")
	b.sees(fmt.Sprintf("1:3%d:%s", len(reworded), reworded))
	ask := uttered("I want to talk to a human")
	b.says(fmt.Sprintf("%d:%s", len(ask), ask))
	s.expect()
	words := botUttered("One moment, I am fetching somebody.")
	b.sees(fmt.Sprintf("%d:%s", len(words), words))
}

// TestSocketTakesOver: the conversation that began by polling goes on over the
// socket of the same connection.
func TestSocketTakesOver(t *testing.T) {
	for _, known := range []bool{false, true} {
		var header http.Header
		if known {
			header = signed.Clone()
		}
		s := newRasa(t, 4)
		h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people))
		b := s.arrive(h, header)
		b.says("40")
		s.says <- `40{"sid":"x"}`
		b.sees(`40{"sid":"x"}`)
		b.says(uttered("I want to talk to a human"))
		s.expect("40")
		b.sees(botUttered("One moment, I am fetching somebody."))

		w := proxytest.DialWidget(t, h.widgets+"/socket.io/?EIO=4&transport=websocket&sid=s1", proxytest.WidgetConfig{})
		c := s.bot.Accept()
		w.SendText("2probe")
		c.ExpectText("2probe")
		c.SendText("3probe")
		w.ExpectText("3probe")
		// Nobody speaks over a socket that is only tried.
		session, board := h.waiting(), h.server.Switchboard()
		if err := board.Claim(t.Context(), session, "mia"); err != nil {
			t.Fatal(err)
		}
		b.sees(botUttered("mia is here."))
		s.says <- "6"
		b.sees("6")
		w.SendText("5")
		c.ExpectText("5")
		if err := board.Say(t.Context(), session, "mia", "hello"); err != nil {
			t.Fatal(err)
		}
		w.ExpectText(`42["bot_uttered",{"text":"hello","metadata":{"agent":"mia"}}]`)
		w.SendText(uttered("thanks"))
		h.eventually(`attune_messages_total{direction="upstream",role="customer"} 2`)
		c.SendText(botUttered("Your request has been denied."))
		w.ExpectSilence(50 * time.Millisecond)
		if err := board.Return(t.Context(), session, "mia"); err != nil {
			t.Fatal(err)
		}
		w.ExpectText(botUttered("The bot goes on."))
		c.SendText(botUttered("Your request has been denied."))
		w.ExpectText(botUttered("I could not get that approved."))
		w.SendText(uttered("bye"))
		c.ExpectText(uttered("bye"))
		h.eventually(`attune_sessions{profile="rasa-socketio"} 1`)
		h.eventually(`attune_sessions_opened_total{outcome="fresh"} 1`)
	}
}

// TestSocketThatComesToNothing: the conversation goes on by polling.
func TestSocketThatComesToNothing(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people))
	b := s.arrive(h, nil)
	b.says("40")
	s.says <- "40"
	b.sees("40")
	b.says(uttered("hello"))
	s.got()
	w := proxytest.DialWidget(t, h.widgets+"/socket.io/?EIO=4&transport=websocket&sid=s1", proxytest.WidgetConfig{})
	s.bot.Accept()
	w.SendText("2probe")
	w.SendClose(1000, "")
	w.ExpectClose(1000)
	h.eventually(`attune_bridges{profile="rasa-socketio"} 0`)
	b.says(uttered("I want to talk to a human"))
	b.sees(botUttered("One moment, I am fetching somebody."))
	s.expect()
	h.eventually(`attune_sessions{profile="rasa-socketio"} 1`)
}

// TestPollingThatIsNotRead passes.
func TestPollingThatIsNotRead(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people), from(shop))
	page := page(shop)
	b := s.arrive(h, page)
	for _, body := range []string{"", "nonsense", "4", "bAAEC", `451-["x",{"_placeholder":true,"num":0}]` + "\x1ebAAEC"} {
		b.says(body)
		s.expect(body)
	}
	resp, _ := h.post(http.MethodOptions, "/socket.io/?EIO=4&transport=polling&sid=s1", page2(page), "")
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Methods") != "GET, POST" {
		t.Errorf("preflight: %d %v", resp.StatusCode, resp.Header)
	}
	unknown := &browser{h: h, header: page, query: "EIO=4&transport=polling&sid=s2"}
	ask := uttered("I want to talk to a human")
	unknown.says(ask) // of a connection that began elsewhere
	s.expect(ask)
	s.says <- "2"
	unknown.sees("2")
	unknown.says(ask) // and is known from its first answer on
	s.expect()

	jsonp := &browser{h: h, header: page, query: "EIO=4&transport=polling&sid=s1&j=0"}
	jsonp.says("d=" + ask)
	s.expect("d=" + ask)
	if resp, _ := h.post(http.MethodGet, "/socket.io/?EIO=4&transport=polling", nil, ""); resp.StatusCode != http.StatusForbidden {
		t.Errorf("without an origin: %d", resp.StatusCode)
	}
	if resp, _ := h.post(http.MethodGet, "/socket.io/?EIO=2&transport=polling", page, ""); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("an old version: %d", resp.StatusCode)
	}
}

func page2(h http.Header) http.Header {
	h = h.Clone()
	h.Set("Access-Control-Request-Method", "POST")
	return h
}

// TestPollsThatAreTooBig pass as they are, all of them.
func TestPollsThatAreTooBig(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people))
	b := s.arrive(h, nil)
	big := botUttered("Your request has been denied." + strings.Repeat(" ", 1<<21))
	s.says <- big
	if got := b.get(); got != big {
		t.Errorf("%d bytes came of %d", len(got), len(big))
	}
	b.says(big)
	if got := s.got(); len(got) != 1 || got[0] != big {
		t.Error("what is said is not what was heard")
	}
	h.eventually(`attune_wire_unread_total{reason="size"} 2`)
	s.says <- botUttered("Your request has been denied.")
	b.sees(botUttered("I could not get that approved."))
}

// TestPollingDoesNotWaitForTheStore longer than a socket does.
func TestPollingDoesNotWaitForTheStore(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, profile(t, "rasa-socketio"), deafRedis(t), leeway(1))
	b := s.arrive(h, known.Clone())
	b.says("40")
	b.says(uttered("hello"))
	b.says(uttered("are you there"))
	s.expect("40", uttered("hello"), uttered("are you there"))
}

// TestAPollingWidgetThatIsGone leaves its conversation, and finds it again.
func TestAPollingWidgetThatIsGone(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people))
	b := s.arrive(h, nil)
	b.says(uttered("hello"))
	s.got()
	h.eventually(`attune_sessions{profile="rasa-socketio"} 1`)
	h.server.ForgetPolls(time.Now().Add(-time.Hour))
	h.eventually(`attune_sessions{profile="rasa-socketio"} 1`)
	h.server.ForgetPolls(time.Now().Add(time.Hour))
	h.eventually(`attune_sessions{profile="rasa-socketio"} 0`)
	b.says(uttered("hello again"))
	s.expect(uttered("hello again"))
	s.says <- botUttered("Your request has been denied.")
	b.sees(botUttered("I could not get that approved."))
	b.says(uttered("hello again")) // and names the conversation
	h.eventually(`attune_sessions{profile="rasa-socketio"} 1`)
	h.eventually(`attune_sessions_opened_total{outcome="resumed"} 1`)
}

// TestAPollOutlivesItsRequest: what the backend says to a request that the widget
// gave up is said to the next one.
func TestAPollOutlivesItsRequest(t *testing.T) {
	s := newRasa(t, 4)
	h := open(t, s.bot, profile(t, "rasa-socketio"), pack(t, people))
	b := s.arrive(h, nil)
	ctx, giveUp := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http"+strings.TrimPrefix(h.widgets, "ws")+"/socket.io/?"+b.query, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.bot.Requests())
	done := make(chan error)
	go func() {
		_, err := http.DefaultTransport.RoundTrip(r) //nolint:bodyclose // there is no answer
		done <- err
	}()
	for len(s.bot.Requests()) == before {
		<-time.After(5 * time.Millisecond)
	}
	giveUp()
	if err := <-done; err == nil {
		t.Fatal("the request was answered")
	}
	h.eventually(`attune_http_requests_total{result="aborted"} 1`)
	s.says <- botUttered("Your request has been denied.")
	b.sees(botUttered("I could not get that approved."))
	if n := len(s.bot.Requests()); n != before+1 {
		t.Errorf("the backend was polled %d times, want once", n-before)
	}
}
