package proxy_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
)

// signed is a widget that shows a credential.
var signed = http.Header{"Authorization": {"Bearer somebody"}}

// again is a pack with one signal that counts, and asks.
const again = `
pack: again
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3, bands: {calm: 0}}
phrases:
  yes: ["yes", "yes please"]
  no: ["no"]
signals:
  - id: useless
    what: The customer calls the bot useless.
    why: It is said at the end of a rope.
    from: customer
    match: {text: "this is useless"}
    points: 2
    feels: [frustrated]
    examples: {fires: ["This is useless"], silent: ["is a useless box included"]}
  - id: no-luck
    what: The bot says that it cannot help.
    why: A dead end feels like being dominated.
    from: bot
    match: {text: "I cannot help with that"}
    failure: true
    feels: [unfulfilled]
    examples: {fires: ["I cannot help with that."], silent: ["I can help with that."]}
escalations:
  - id: failed
    what: Offer a person when the bot cannot help.
    why: People prefer a person then.
    when: "bot.failures >= 1"
    do: offer
    asks: connect
    say: {default: msg.offer}
asks:
  connect: {accept: [yes], decline: [no], then: escalate, expires: 2 turns}
messages:
  msg.offer: ["Shall I fetch somebody?"]
  handoff.requested: ["One moment, I am fetching somebody."]
tests:
  - name: an offer after a failure, accepted
    turns: [{customer: "a refund please"}, {bot: "I cannot help with that."}, {expect: {decision: offer}}, {customer: "yes please"}, {expect: {decision: escalate}}]
`

// TestCustomerSpeaksByHTTP: what is said by HTTP is judged in the conversation of
// the socket, what the bot says is reworded there and in the history alike.
func TestCustomerSpeaksByHTTP(t *testing.T) {
	for _, who := range []struct {
		name   string
		header http.Header
	}{{"with a credential", signed}, {"without", nil}} {
		t.Run(who.name, func(t *testing.T) {
			l := newLine(t, who.header.Get("Authorization"))
			h := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people))
			c := l.call(h, who.header)
			c.says("hello")
			c.sees("hello")
			l.says("Your request has been denied.")
			c.sees("I could not get that approved.")
			for range 2 {
				_, body := h.post(http.MethodGet, "/v3/directline/conversations/c1/activities?watermark=0", who.header, "")
				if !strings.Contains(body, `"text":"I could not get that approved."`) || strings.Contains(body, "denied") || !strings.Contains(body, `"text":"hello"`) {
					t.Errorf("the history reads %s", body)
				}
			}

			answer := c.says("I want to talk to a human")
			if !strings.HasPrefix(answer, `{"id":"c1|att-`) {
				t.Errorf("answered %s", answer)
			}
			var id struct{ ID string }
			_ = json.Unmarshal([]byte(answer), &id)
			got := c.socket.NextText()
			want := `{"activities":[{"type":"message","id":"` + id.ID + `","from":{"id":"u1"},"text":"I want to talk to a human","channelData":{"clientActivityID":"k2"}}]}`
			if got != want {
				t.Errorf("the echo is %s\nwant %s", got, want)
			}
			c.sees("One moment, I am fetching somebody.")
			l.says("Sorry, I did not get that.")
			c.socket.ExpectSilence(100 * time.Millisecond)
			if got := l.heard(); !slices.Equal(got, []string{"hello"}) {
				t.Errorf("the bot heard %q", got)
			}
			h.eventually(`attune_http_requests_total{result="answered"} 1`)
			h.eventually(`attune_http_requests_total{result="unheard"} 0`)
			h.eventually(`attune_messages_total{direction="upstream",role="customer"} 2`)
			h.eventually(`attune_signals_total{rule="asks-for-person"} 1`)
			h.eventually(`attune_late_frames_dropped_total{profile="line"} 1`)

			// A person takes over; what the customer says is theirs.
			board := h.server.Switchboard()
			session := h.waiting()
			if err := board.Claim(t.Context(), session, "mia"); err != nil {
				t.Fatal(err)
			}
			c.sees("mia is here.")
			c.says("thanks")
			c.sees("thanks")
			if err := board.Say(t.Context(), session, "mia", "how can I help"); err != nil {
				t.Fatal(err)
			}
			c.sees("how can I help")
			story, err := board.Conversation(t.Context(), session)
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, turn := range story.Turns {
				told = append(told, turn.Role+": "+turn.Text)
			}
			wantStory := []string{
				"customer: hello", "bot: Your request has been denied.", "customer: I want to talk to a human", "attune: One moment, I am fetching somebody.",
				"bot: Sorry, I did not get that.", "attune: mia is here.", "customer: thanks", "agent: how can I help",
			}
			if !slices.Equal(told, wantStory) {
				t.Errorf("the story is %q", told)
			}
			if got := l.heard(); !slices.Equal(got, []string{"hello"}) {
				t.Errorf("the bot heard %q", got)
			}
		})
	}
}

// waiting returns the session that waits for a person.
func (h *house) waiting() string {
	h.t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		list, err := h.server.Switchboard().Waiting(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		if len(list) == 1 {
			return list[0].Session
		}
	}
	h.t.Fatal("nobody waits")
	return ""
}

// TestYesByHTTPIsForAttune: an answer to Attune's own question stays here.
func TestYesByHTTPIsForAttune(t *testing.T) {
	l := newLine(t, "")
	h := open(t, l.bot, ownProfile(t, lineProfile), pack(t, again))
	c := l.call(h, nil)
	c.says("a refund please")
	c.sees("a refund please")
	l.says("I cannot help with that.")
	c.sees("I cannot help with that. All colleagues are talking to someone right now. Shall I put you in the queue?")
	c.says("yes please")
	c.sees("yes please")
	c.sees("One moment, I am fetching somebody.")
	if got := l.heard(); !slices.Equal(got, []string{"a refund please"}) {
		t.Errorf("the bot heard %q", got)
	}
	h.eventually(`attune_asks_total{ask="connect",outcome="accepted"} 1`)
}

// TestSentTwiceIsJudgedOnce: a widget that got no answer says the same again.
func TestSentTwiceIsJudgedOnce(t *testing.T) {
	l := newLine(t, "")
	h := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people))
	c := l.call(h, nil)
	c.says("I want to talk to a human")
	c.sees("I want to talk to a human")
	c.sees("One moment, I am fetching somebody.")
	c.n--
	if got := c.says("I want to talk to a human"); !strings.HasPrefix(got, `{"id":"c1|att-`) {
		t.Errorf("answered %s the second time", got)
	}
	c.socket.ExpectSilence(50 * time.Millisecond)
	h.eventually(`attune_signals_total{rule="asks-for-person"} 1`)
	if got := l.heard(); len(got) != 0 {
		t.Errorf("the bot heard %q", got)
	}
}

// TestEchoIsJudgedWhereNothingElseIsHeard: a socket that nobody can tie to the
// requests shows what the customer said; once the ids of answer and echo have
// met, requests are heard.
func TestEchoIsJudgedWhereNothingElseIsHeard(t *testing.T) {
	for _, answerFirst := range []bool{true, false} {
		l := newLine(t, "")
		if !answerFirst {
			l.answered = make(chan struct{})
		}
		h := open(t, l.bot, ownProfile(t, lineProfile), pack(t, again))
		// Straight to the socket: Attune has not handed out its address.
		c := l.open(h, signed, h.widgets+"/v3/directline/conversations/c1/stream")
		if !answerFirst {
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.says("This is useless")
			}()
			c.sees("This is useless")
			h.eventually(`attune_signals_total{rule="useless"} 1`)
			close(l.answered)
			<-done
		} else {
			c.says("This is useless")
			c.sees("This is useless")
		}
		h.eventually(`attune_signals_total{rule="useless"} 1`)
		h.eventually(`attune_http_requests_total{result="unheard"} 1`)
		c.says("This is useless")
		c.sees("This is useless")
		h.eventually(`attune_signals_total{rule="useless"} 2`)
		h.eventually(`attune_http_requests_total{result="passed"} 1`)
		h.eventually(`attune_http_requests_total{result="unheard"} 1`)
	}
}

// TestRenewedCredential: a widget that got a new token is who it was.
func TestRenewedCredential(t *testing.T) {
	l := newLine(t, "Bearer somebody")
	l.anew = true
	h := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people))
	c := l.call(h, signed)
	c.header = http.Header{"Authorization": {"Bearer somebody0"}}
	c.says("hello")
	c.sees("hello")
	for range 2 {
		_, body := h.post(http.MethodPost, "/v3/directline/tokens/refresh", c.header, "")
		var fresh struct{ Token string }
		if err := json.Unmarshal([]byte(body), &fresh); err != nil || fresh.Token == "" {
			t.Fatalf("refreshed: %s", body)
		}
		c.header = http.Header{"Authorization": {"Bearer " + fresh.Token}}
		c.says("hello again")
		c.sees("hello again")
	}
	h.eventually(`attune_http_requests_total{result="unheard"} 0`)
	c.says("I want to talk to a human")
	c.sees("I want to talk to a human")
	if got := l.heard(); len(got) != 3 {
		t.Errorf("the bot heard %q", got)
	}
}

// TestSomebodyElsesConversation: who only knows a conversation's id is not heard
// in it, and gets no answer but the backend's.
func TestSomebodyElsesConversation(t *testing.T) {
	l := newLine(t, "Bearer somebody")
	h := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people))
	c := l.call(h, signed)
	c.says("hello")
	c.sees("hello")
	for _, header := range []http.Header{nil, {"Authorization": {"Bearer other"}}, {"Cookie": {"attune=ABCDEFGHIJKLMNOPQRSTUVWXYZ"}}} {
		resp, body := h.post(http.MethodPost, "/v3/directline/conversations/c1/activities", header, activity(9, "I want to talk to a human"))
		if resp.StatusCode != http.StatusForbidden || body != "" {
			t.Errorf("%v: answered %d %s", header, resp.StatusCode, body)
		}
	}
	c.socket.ExpectSilence(100 * time.Millisecond)
	h.eventually(`attune_http_requests_total{result="unheard"} 3`)
	if strings.Contains(h.scrape(), `attune_signals_total{rule="asks-for-person"} `) {
		t.Error("a stranger was heard in somebody's conversation")
	}
}

// TestAReplyThatComesAgainReadsTheSame: a backend that repeats itself after a
// reconnect is not judged a second time; another conversation's message with the
// same id and words is.
func TestAReplyThatComesAgainReadsTheSame(t *testing.T) {
	l := newLine(t, "")
	h := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people))
	const stream = "/v3/directline/conversations/c1/stream"
	said := func(conversation, text string) string {
		return `{"activities":[{"type":"message","text":"` + text + `","id":"7","conversation":{"id":"` + conversation + `"}}]}`
	}
	for i, conversation := range []string{"c1", "c1", "c2"} {
		w := proxytest.DialWidget(t, h.widgets+stream, proxytest.WidgetConfig{Header: signed})
		l.bot.Accept().SendText(said(conversation, "Your request has been denied."))
		w.ExpectText(said(conversation, "I could not get that approved."))
		h.eventually(fmt.Sprintf(`attune_rewrites_total{outcome="applied",rule="denied"} %d`, []int{1, 1, 2}[i]))
	}
}
