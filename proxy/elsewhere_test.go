package proxy_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// ready waits until a node may own conversations, and hears the others.
func (h *house) ready() *house {
	h.t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); ; <-time.After(5 * time.Millisecond) {
		n, err := h.store.Client().PubSubNumSub(h.t.Context(), "attune:bus").Result()
		if err == nil && n["attune:bus"] > 0 && h.store.Leased() {
			return h
		}
		if time.Now().After(deadline) {
			h.t.Fatal("the node has no lease")
		}
	}
}

// pair is two nodes of one Redis, each with a bot of its own.
func pair(t *testing.T, options ...option) (a, b *house) {
	t.Helper()
	options = append(options, redisAt(proxytest.StartRedis(t).URL()))
	a = open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), options...).ready()
	b = open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), options...).ready()
	for deadline := time.Now().Add(proxytest.Timeout); ; <-time.After(5 * time.Millisecond) {
		if n, _ := a.store.Client().PubSubNumSub(t.Context(), "attune:bus").Result(); n["attune:bus"] == 2 {
			return a, b
		}
		if time.Now().After(deadline) {
			t.Fatal("the nodes do not hear one another")
		}
	}
}

// talk opens a widget of a customer who is known, and says something that the bot
// hears.
func (h *house) talk(header http.Header, text string) (w, bot *proxytest.Conn) {
	h.t.Helper()
	w = h.widget(proxytest.WidgetConfig{Header: header})
	bot = h.bot.Accept()
	w.SendText(say(text))
	bot.ExpectText(say(text))
	return w, bot
}

// owner waits until a session has been taken over by a node and returns its id.
func (h *house) owner(of *house) string {
	h.t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); ; <-time.After(5 * time.Millisecond) {
		it := h.store.Client().Scan(h.t.Context(), 0, "*:s:*", 1000).Iterator()
		for it.Next(h.t.Context()) {
			nd, _ := h.store.Client().HGet(h.t.Context(), it.Val(), "nd").Result()
			if _, list, ok := strings.Cut(nd, " "); ok && strings.HasPrefix(list+" ", of.store.Instance()+" ") {
				return it.Val()[strings.LastIndexByte(it.Val(), ':')+1:]
			}
		}
		if time.Now().After(deadline) {
			h.t.Fatal("the session has no such owner")
		}
	}
}

// follows waits until a node knows that another one owns a session.
func (h *house) follows(id string, owner *house) {
	h.t.Helper()
	waitFor(h.t, "the node does not know whose the session is", func() bool {
		sess, here := h.store.Live(id)
		return here && sess.Owner() == owner.store.Instance()
	})
}

// TestSaidOnAnotherNode has two tabs of one customer on two nodes.
func TestSaidOnAnotherNode(t *testing.T) {
	a, b := pair(t, pack(t, people))
	first, firstBot := a.talk(known, "hello")
	flushed(t, a)
	second, _ := b.talk(known, "me again")
	id := b.owner(b)
	a.follows(id, b)

	// What is said in the first tab is judged by the node of the second.
	first.SendText(say("how are you"))
	firstBot.ExpectText(say("how are you"))
	first.SendText(say("I want to talk to a human"))
	firstBot.ExpectSilence(100 * time.Millisecond)
	first.ExpectText(say("One moment, I am fetching somebody."))
	second.ExpectText(say("One moment, I am fetching somebody."))
	// It is counted where it was said.
	a.eventually(`attune_decisions_total{decision="escalate",rule="asks-for-person"} 1`)
	a.eventually(`attune_signals_total{rule="asks-for-person"} 1`)
	if s := b.scrape(); strings.Contains(s, `attune_signals_total{rule="asks-for-person"}`) {
		t.Error("both nodes count it")
	}
	if got := a.waiting(); got != id {
		t.Errorf("%s waits, want %s", got, id)
	}
	a.claimed(id, first, second)
	a.eventually(`attune_handoffs_total{desk="console",state="active"} 1`)
	firstBot.SendText(say("Your request has been denied."))
	a.eventually(`attune_late_frames_dropped_total{profile="json"} 1`)
	first.ExpectSilence(100 * time.Millisecond)

	flushed(t, a)
	flushed(t, b)
	got := a.story(id)
	want := []string{
		"attune: One moment, I am fetching somebody.", "attune: mia is here.", "bot: Your request has been denied.",
		"customer: I want to talk to a human", "customer: hello", "customer: how are you", "customer: me again",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the story is %q", got)
	}
}

// flushed waits until a node has stored everything.
func flushed(t *testing.T, h *house) {
	t.Helper()
	waitFor(t, "not stored", func() bool { return h.store.Flush(t.Context()) == nil })
}

// TestTheBotFailsOnAnotherNode: what the bot says in one tab counts in the other.
func TestTheBotFailsOnAnotherNode(t *testing.T) {
	a, b := pair(t, pack(t, again))
	first, firstBot := a.talk(known, "hello")
	flushed(t, a)
	second, _ := b.talk(known, "hello again")
	a.follows(b.owner(b), b)
	state := func() (data []byte) {
		sess, _ := b.store.Live(b.owner(b))
		sess.Do(func(book *session.Book) { data, _ = book.State.MarshalBinary() })
		return data
	}
	before := state()
	firstBot.SendText(say("I cannot help with that."))
	first.ExpectText(say("I cannot help with that. All colleagues are talking to someone right now. Shall I put you in the queue?"))
	waitFor(t, "the owner has not heard of the question", func() bool { return !bytes.Equal(state(), before) })
	first.SendText(say("yes please"))
	firstBot.ExpectSilence(100 * time.Millisecond)
	first.ExpectText(say("One moment, I am fetching somebody."))
	second.ExpectText(say("One moment, I am fetching somebody."))
}

func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); !done(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

// TestTheOwnerDoesNotAnswer: a message passes all the same, judged where it is.
func TestTheOwnerDoesNotAnswer(t *testing.T) {
	a, b := pair(t, pack(t, people), leeway(10)) // the owner is asked in vain
	first, firstBot := a.talk(known, "hello")
	flushed(t, a)
	b.talk(known, "me again")
	a.follows(b.owner(b), b)
	b.stop()
	<-b.stopped // it has gone without a word to those who ask
	first.SendText(say("how are you"))
	firstBot.ExpectText(say("how are you"))
	a.owner(a)
	first.SendText(say("I want to talk to a human"))
	first.ExpectText(say("One moment, I am fetching somebody."))
	a.eventually(`attune_signals_total{rule="asks-for-person"} 1`)
}

// TestSpeaksByHTTPOnAnotherNode has the socket on one node and the request on
// another.
func TestSpeaksByHTTPOnAnotherNode(t *testing.T) {
	l := newLine(t, signed.Get("Authorization"))
	url := proxytest.StartRedis(t).URL()
	a := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people), redisAt(url)).ready()
	b := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people), redisAt(url)).ready()
	c := &customer{h: b, header: signed}
	c.socket = proxytest.DialWidget(t, a.widgets+"/v3/directline/conversations/c1/stream?watermark=-", proxytest.WidgetConfig{Header: signed})
	conn := l.bot.Accept()
	l.mu.Lock()
	l.socket = conn
	l.mu.Unlock()
	l.says("welcome") // names the conversation
	c.sees("welcome")
	flushed(t, a)

	c.says("hello")
	c.sees("hello")
	answer := c.says("I want to talk to a human")
	if !strings.HasPrefix(answer, `{"id":"c1|att-`) {
		t.Errorf("answered %s", answer)
	}
	c.sees("I want to talk to a human")
	c.sees("One moment, I am fetching somebody.")
	if got := l.heard(); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("the bot heard %q", got)
	}
	a.eventually(`attune_signals_total{rule="asks-for-person"} 1`)
	b.eventually(`attune_http_requests_total{result="unheard"} 0`)
}

// TestWordsAreSaidOnce: Redis is told of an agent's words twice when its answer to
// the first time is lost.
func TestWordsAreSaidOnce(t *testing.T) {
	a, b := pair(t, pack(t, people))
	w, _ := a.talk(known, "hello")
	flushed(t, a)
	var id string
	waitFor(t, "the session is not stored", func() bool {
		for _, key := range a.store.Client().Keys(t.Context(), "*:s:*").Val() {
			id = key[strings.LastIndexByte(key, ':')+1:]
		}
		return id != ""
	})
	words, err := json.Marshal(session.Event{Session: id, Kind: session.KindSay, Node: b.store.Instance(), Agent: "mia", Text: "hi", Token: "once"})
	if err != nil {
		t.Fatal(err)
	}
	bus := b.store.Client().Subscribe(t.Context(), "attune:bus")
	defer func() { _ = bus.Close() }()
	if _, err := bus.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.store.Client().Publish(t.Context(), "attune:bus", words).Err(); err != nil {
			t.Fatal(err)
		}
	}
	w.ExpectText(`{"text":"hi","agent":"mia"}`)
	w.ExpectSilence(200 * time.Millisecond)
	answers, late := 0, time.After(proxytest.Timeout)
	for answers < 2 { // whoever says it again hears that it was said
		select {
		case m := <-bus.Channel():
			var e session.Event
			if json.Unmarshal([]byte(m.Payload), &e) == nil && e.Kind == "said" && e.Token == "once" {
				answers++
			}
		case <-late:
			t.Fatalf("%d answers, want 2", answers)
		}
	}
}

// TestTheOwnerIsLeft: when the customer has left the node that owns the
// conversation, the one where they are now takes it, and writes down what is said.
func TestTheOwnerIsLeft(t *testing.T) {
	a, b := pair(t, pack(t, people))
	a.talk(known, "hello")
	flushed(t, a)
	second, _ := b.talk(known, "me again")
	b.owner(b)
	second.Drop()
	a.owner(a)
}

// TestSpeaksByHTTPWhereTheOwnerIsGone has a socket on the node of the request, and
// one on the node that owned the conversation and is no more.
func TestSpeaksByHTTPWhereTheOwnerIsGone(t *testing.T) {
	l := newLine(t, signed.Get("Authorization"))
	url := redisAt(proxytest.StartRedis(t).URL())
	vain := leeway(10) // the owner is asked in vain
	a := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people), url, vain).ready()
	b := open(t, l.bot, ownProfile(t, lineProfile), pack(t, people), url, vain).ready()
	c := &customer{h: a, header: signed}
	for i, h := range []*house{a, b} {
		socket := proxytest.DialWidget(t, h.widgets+"/v3/directline/conversations/c1/stream?watermark=-", proxytest.WidgetConfig{Header: signed})
		conn := l.bot.Accept()
		l.mu.Lock()
		l.socket = conn
		l.mu.Unlock()
		l.says("welcome") // names the conversation
		if i == 0 {
			c.socket = socket
			c.sees("welcome")
			flushed(t, a)
		}
	}
	b.owner(b)
	b.stop()
	<-b.stopped
	if answer := c.says("I want to talk to a human"); !strings.HasPrefix(answer, `{"id":"c1|att-`) {
		t.Errorf("answered %s", answer)
	}
	if got := l.heard(); len(got) > 0 {
		t.Errorf("the bot heard %q", got)
	}
}
