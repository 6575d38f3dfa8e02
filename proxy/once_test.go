package proxy_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
	"attune/proxy/session"
	"attune/rules"
)

// lateness is by how much the owner's answers come too late.
const lateness = 400 * time.Millisecond

// tabs has two tabs of a customer on two nodes. The second node owns the
// conversation, and hears everything late from now on.
func tabs(t *testing.T, options ...option) (a, b *house, first, firstBot, second *proxytest.Conn, cable *proxytest.Cable) {
	t.Helper()
	a, b, _, cable = twoNodes(t, options...)
	first, firstBot = a.talk(known, "hello")
	flushed(t, a)
	second, _ = b.talk(known, "me again")
	b.owner(b)
	cable.Lag(lateness)
	return a, b, first, firstBot, second, cable
}

// settled waits until both nodes agree on who owns the only conversation, and returns
// it as its owner has it, stored.
func settled(t *testing.T, nodes ...*house) *session.Session {
	t.Helper()
	var owner *session.Session
	waitFor(t, "the nodes do not agree on an owner", func() bool {
		owner = nil
		owners := 0
		for _, h := range nodes {
			_, id := floorInRedis(t, h)
			sess, here := h.store.Live(id)
			if !here || sess.InDoubt() {
				return false
			}
			if sess.Owner() == "" {
				owner, owners = sess, owners+1
			}
		}
		return owners == 1
	})
	for _, h := range nodes {
		flushed(t, h)
	}
	return owner
}

// mood is the score of a conversation.
func mood(sess *session.Session) (score float64) {
	sess.Do(func(book *session.Book) {
		if state, ok := book.State.(*rules.State); ok {
			score = state.Score()
		}
	})
	return score
}

// judges waits until a node has written down what the customer said.
func (h *house) judges(t *testing.T, text string) {
	t.Helper()
	waitFor(t, "the node does not judge it", func() (judged bool) {
		_, id := floorInRedis(t, h)
		sess, here := h.store.Live(id)
		if here {
			sess.Do(func(book *session.Book) {
				judged = slices.ContainsFunc(book.Turns(), func(turn session.Turn) bool { return turn.Text == text })
			})
		}
		return judged
	})
}

// story is what is stored of a conversation, sorted.
func (h *house) story(id string) []string {
	h.t.Helper()
	turns, err := h.store.History(h.t.Context(), id)
	for deadline := time.Now().Add(30 * time.Second); err != nil; turns, err = h.store.History(h.t.Context(), id) {
		if time.Now().After(deadline) {
			h.t.Fatal(err)
		}
	}
	var got []string
	for _, turn := range turns {
		got = append(got, turn.Role+": "+turn.Text)
	}
	slices.Sort(got)
	return got
}

// tells publishes an event in a node's name.
func (h *house) tells(e session.Event) {
	h.t.Helper()
	e.Node = h.store.Instance()
	data, err := json.Marshal(e)
	if err != nil {
		h.t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(5 * time.Millisecond) {
		err := h.store.Client().Publish(h.t.Context(), "attune:bus", data).Err()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatal(err)
		}
	}
}

// TestALateAnswer: the owner judges what was judged where it was said, because the
// owner did not answer in time. It counts once and stands in the story once.
func TestALateAnswer(t *testing.T) {
	a, b, first, bot, _, cable := tabs(t, pack(t, again))
	first.SendText(say("this is useless"))
	bot.ExpectText(say("this is useless"))
	b.judges(t, "this is useless")
	cable.Lag(0)
	settled(t, a, b)
	first.SendText(say("what now"))
	bot.ExpectText(say("what now"))
	owner := settled(t, a, b)
	if score := mood(owner); score < 1 || score > 2 { // two points, a turn later
		t.Errorf("score %v, want the points of one turn", score)
	}
	a.eventually(`attune_signals_total{rule="useless"} 1`)
	if strings.Contains(b.scrape(), `attune_signals_total{rule="useless"}`) {
		t.Error("both nodes count it")
	}
	want := []string{"customer: hello", "customer: me again", "customer: this is useless", "customer: what now"}
	if got := a.story(owner.ID()); !slices.Equal(got, want) {
		t.Errorf("the story is %q", got)
	}
}

// TestALateAnswerToARequest: both nodes bring a person in, and the customer hears of
// one.
func TestALateAnswerToARequest(t *testing.T) {
	a, b, first, bot, second, cable := tabs(t, pack(t, people))
	first.SendText(say("I want to talk to a human"))
	first.ExpectText(say("One moment, I am fetching somebody."))
	second.ExpectText(say("One moment, I am fetching somebody."))
	b.judges(t, "I want to talk to a human")
	cable.Lag(0)
	id := settled(t, a, b).ID()
	a.eventually(`attune_decisions_total{decision="escalate",rule="asks-for-person"} 1`)
	a.eventually(`attune_messages_total{direction="downstream",role="attune"} 1`)
	for _, counted := range []string{`attune_decisions_total{decision="escalate",rule="asks-for-person"} 1`, `attune_messages_total{direction="downstream",role="attune"} 1`} {
		if strings.Contains(b.scrape(), counted) {
			t.Errorf("both nodes count: %s", counted)
		}
	}
	if err := a.server.Switchboard().Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	first.ExpectText(say("mia is here."))
	second.ExpectText(say("mia is here."))
	bot.ExpectSilence(100 * time.Millisecond)
	if n := strings.Count(a.scrape()+b.scrape(), `attune_handoffs_total{desk="console",state="queued"} 1`); n != 1 {
		t.Errorf("%d nodes have put the customer into the queue", n)
	}
	settled(t, a, b)
	want := []string{
		"attune: One moment, I am fetching somebody.", "attune: mia is here.",
		"customer: I want to talk to a human", "customer: hello", "customer: me again",
	}
	if got := a.story(id); !slices.Equal(got, want) {
		t.Errorf("the story is %q", got)
	}
}

// TestALetterThatComesLater: the owner does not judge what it is told was judged
// without it.
func TestALetterThatComesLater(t *testing.T) {
	a, b := pair(t, pack(t, again))
	a.talk(known, "hello")
	flushed(t, a)
	b.talk(known, "me again")
	id := b.owner(b)
	publish := func(kind, token string, data any) {
		raw, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		a.tells(session.Event{Session: id, Kind: kind, To: b.store.Instance(), Token: token, Data: raw})
	}
	type said struct {
		Text string `json:"text"`
	}
	letter := func(token, text string) map[string]any {
		return map[string]any{"token": token, "said": []said{{text}}}
	}
	publish("judged", "", []string{"one.0"})
	publish("hear", "ask 1", letter("one", "this is useless"))
	publish("hear", "ask 2", letter("two", "this is useless"))
	publish("hear", "ask 2", letter("two", "this is useless")) // the client does so when it does not hear that it was
	publish("hear", "ask 3", letter("three", "never mind"))
	waitFor(t, "the last letter is not read", func() bool { return slices.Contains(b.story(id), "customer: never mind") })
	want := []string{"customer: hello", "customer: me again", "customer: never mind", "customer: this is useless"}
	if got := b.story(id); !slices.Equal(got, want) {
		t.Errorf("the story is %q", got)
	}
	b.eventually(`attune_signals_total{rule="useless"} 1`)
}

// TestARemarkIsTakenOnce: Redis is told twice of what the bot said elsewhere.
func TestARemarkIsTakenOnce(t *testing.T) {
	a, b := pair(t, pack(t, strings.Replace(again, "failure: true", "points: 3", 1)))
	a.talk(known, "hello")
	flushed(t, a)
	b.talk(known, "me again")
	id := b.owner(b)
	turn, err := json.Marshal(rules.Turn{Role: rules.Bot, Text: "I cannot help with that."})
	if err != nil {
		t.Fatal(err)
	}
	sess, here := b.store.Live(id)
	if !here {
		t.Fatal("the owner does not hold the session")
	}
	for _, token := range []string{"one", "one", "two"} {
		a.tells(session.Event{Session: id, Kind: "remark", To: b.store.Instance(), Token: token, Data: turn})
	}
	waitFor(t, "the remarks are not heard", func() bool { return mood(sess) >= 6 })
	flushed(t, b)
	if score := mood(sess); score != 6 {
		t.Errorf("score %v, want 6", score)
	}
}

// TestTheBotIsToldOnce: Redis is told twice that a person gives the conversation back.
func TestTheBotIsToldOnce(t *testing.T) {
	a, b := pair(t, pack(t, people), ownProfile(t, strings.Replace(farewell, "inject:", "inject:\n  note: '{\"note\":{{text}}}'", 1)))
	_, bot := a.talk(known, "hello")
	flushed(t, a)
	_, id := floorInRedis(t, a)
	for _, token := range []string{"one", "one", "two"} {
		b.tells(session.Event{Session: id, Kind: "returned", Token: token, Text: token})
	}
	bot.ExpectText(`{"note":"one"}`, `{"note":"two"}`)
}
