package proxy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
	"attune/proxy/session"
	"attune/proxy/wire"
)

// peopleAndDanger is the pack people with a crisis and words for what desks do.
const peopleAndDanger = people + `  handoff.left: ["{agent} had to leave."]
  handoff.transferred: ["Somebody else comes."]
  handoff.closed: ["Nobody is here now. You will hear from us."]
  msg.line: ["Call 112."]
  crisis.person: ["A person is coming."]
  msg.crisis: ["As soon as I can."]
crisis:
  - {id: danger, what: a, why: b, match: {phrases: [help]}, line: msg.line, desk: urgent, closed: msg.crisis, examples: {fires: ["hurt myself"], silent: [b]}}
phrases:
  help: ["hurt myself"]
`

// waitsFor looks at the queue until it is as wanted.
func waitsFor(t *testing.T, h *house, want string, ok func([]console.Summary) bool) []console.Summary {
	t.Helper()
	var list []console.Summary
	for deadline := time.Now().Add(proxytest.Timeout); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		var err error
		if list, err = h.server.Switchboard().Waiting(t.Context()); err == nil && ok(list) {
			return list
		}
	}
	t.Fatalf("want %s, got %+v", want, list)
	return nil
}

// TestAnAgentWhoIsAway: somebody who was at the page and has conversations loses
// them to the queue after a grace, once, and the customer is told.
func TestAnAgentWhoIsAway(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, peopleAndDanger))
	w := h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, w)
	board := h.server.Switchboard()
	h.claimed(id, w)
	if err := board.Present(t.Context(), "mia"); err != nil {
		t.Fatal(err)
	}
	if err := h.server.AgentLeaves(t.Context(), "mia", time.Second); err != nil {
		t.Fatal(err)
	}
	if err := board.Say(t.Context(), id, "mia", "a reload of the page"); err != nil {
		t.Fatalf("within the grace: %v", err)
	}
	w.ExpectText(`{"text":"a reload of the page","agent":"mia"}`)
	if err := h.server.AgentLeaves(t.Context(), "mia", time.Minute); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("mia had to leave."))
	list := waitsFor(t, h, "the customer in the queue", func(l []console.Summary) bool { return len(l) == 1 && l[0].State == "queued" })
	if list[0].Agent != "" {
		t.Errorf("%q still has it", list[0].Agent)
	}
	if err := board.Say(t.Context(), id, "mia", "too late"); !errors.Is(err, console.ErrNotYours) {
		t.Errorf("words of somebody who lost it: %v", err)
	}
	if err := board.Claim(t.Context(), id, "noah"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("noah is here."))
	// A program that was never at a page is not waited for.
	if err := h.server.AgentLeaves(t.Context(), "noah", time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := board.Say(t.Context(), id, "noah", "still here"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(`{"text":"still here","agent":"noah"}`)
}

func TestPassingOn(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, peopleAndDanger), desks(t, "console: {kind: console, default: true}\nbilling: {kind: console}"))
	w := h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, w)
	board := h.server.Switchboard()
	passer, _ := board.(console.Passer)
	if err := passer.Transfer(t.Context(), id, "mia", console.Passing{Desk: "billing"}); !errors.Is(err, console.ErrNotYours) {
		t.Errorf("nobody has it yet: %v", err)
	}
	h.claimed(id, w)
	if err := passer.Transfer(t.Context(), id, "mia", console.Passing{Desk: "nowhere"}); !errors.Is(err, console.ErrNoDesk) {
		t.Errorf("to a desk that is none: %v", err)
	}
	if err := passer.Transfer(t.Context(), id, "mia", console.Passing{Desk: "billing", Agent: "noah", Note: "wants a refund"}); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("Somebody else comes."))
	list := waitsFor(t, h, "one that waits", func(l []console.Summary) bool { return len(l) == 1 && l[0].State == "queued" })
	if s := list[0]; s.Desk != "billing" || s.For != "noah" || s.Agent != "" {
		t.Errorf("waits as %+v", s)
	}
	if err := board.Say(t.Context(), id, "mia", "one more thing"); !errors.Is(err, console.ErrNotYours) {
		t.Errorf("words of who passed it on: %v", err)
	}
	if err := board.Claim(t.Context(), id, "noah"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("noah is here."))
	conv, err := board.Conversation(t.Context(), id)
	if err != nil || len(conv.Notes) != 1 || conv.Notes[0].By != "mia" || conv.Notes[0].Text != "wants a refund" || conv.Reason != "asks-for-person" {
		t.Errorf("the card says %+v, %v", conv, err)
	}
	if err := board.Resolve(t.Context(), id, "noah", console.WrongDesk); err != nil {
		t.Fatal(err)
	}
	h.eventually(`attune_handoff_verdicts_total{desk="billing",verdict="wrong_desk"} 1`)
	h.eventually(`attune_handoffs_total{desk="billing",state="resolved"} 1`) // the verdict does not count as another
	w.ExpectText(say("The bot goes on."))
}

// TestAnAcceptedOfferTellsWhatIsWanted: a "yes" says nothing to an agent who looks at the
// list, so that shows what the customer wants.
func TestAnAcceptedOfferTellsWhatIsWanted(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, people+`  msg.offer: ["Shall I fetch somebody?"]
asks: {connect: {accept: ["(yes)"], decline: ["(no)"], then: escalate, expires: 1 turn}}
escalations:
  - {id: early, what: Offer a person at the beginning., why: This customer is worth it., when: "customer_turn >= 1", do: offer, asks: connect, say: {default: msg.offer, busy: msg.offer}}
`))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("my parcel from Cork has not arrived"))
	c.ExpectText(say("my parcel from Cork has not arrived"))
	c.SendText(say("I see."))
	w.ExpectText(say("I see. Shall I fetch somebody?"))
	w.SendText(say("yes"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	list := waitsFor(t, h, "one that waits", func(l []console.Summary) bool { return len(l) == 1 })
	if list[0].Last != "my parcel from Cork has not arrived" || list[0].Reason != "early" {
		t.Errorf("waits as %+v", list[0])
	}
}

// TestPassingOnInventsNoDesk: without a file of desks one answers to every name that rules
// use, and yet an agent cannot make up another, which would be one more label.
func TestPassingOnInventsNoDesk(t *testing.T) {
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, peopleAndDanger))
	w := h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, w)
	passer, _ := h.server.Switchboard().(console.Passer)
	h.claimed(id, w)
	if err := passer.Transfer(t.Context(), id, "mia", console.Passing{Desk: "nowhere"}); !errors.Is(err, console.ErrNoDesk) {
		t.Errorf("to a desk that is none: %v", err)
	}
	if err := passer.Transfer(t.Context(), id, "mia", console.Passing{Desk: "console"}); err != nil {
		t.Errorf("to the one there is: %v", err)
	}
	w.ExpectText(say("Somebody else comes."))
	if strings.Contains(h.scrape(), "nowhere") {
		t.Error("the metrics know a desk that is none")
	}
}

// TestACrisisWhileWaiting: whoever waits already and is in danger goes before all
// others, at the desk for it, with one handoff as before.
func TestACrisisWhileWaiting(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, peopleAndDanger))
	first := h.widget(proxytest.WidgetConfig{})
	handOver(t, h, first)
	w := h.widget(proxytest.WidgetConfig{})
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	waitsFor(t, h, "two that wait", func(l []console.Summary) bool { return len(l) == 2 })
	w.SendText(say("I will hurt myself"))
	w.ExpectText(say("Call 112."))
	w.ExpectText(say("As soon as I can."))
	list := waitsFor(t, h, "the crisis first", func(l []console.Summary) bool { return len(l) == 2 && l[0].Crisis })
	if s := list[0]; s.Desk != "urgent" || s.Reason != "danger" || !s.Explicit || list[1].Crisis {
		t.Errorf("the queue is %+v", list)
	}
}

// TestAClosedDesk: whoever asks for a person out of hours is told the truth, goes
// on with the bot, and waits to be called back for as long as it takes; in opening
// hours the same request brings somebody.
func TestAClosedDesk(t *testing.T) {
	closed := []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}[(int(time.Now().UTC().Weekday())+3)%7]
	desks, err := proxy.ParseDesks("desks.yaml", fmt.Appendf(nil, "support: {kind: console, hours: [%q], default: true}\nurgent: {kind: console}\n", closed+" 08:00-09:00"))
	if err != nil {
		t.Fatal(err)
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Answer: func(text string) []string { return []string{text} }})
	h := open(t, bot, pack(t, peopleAndDanger), config(func(c *proxy.Config) { c.Desks = desks }))
	w := h.widget(proxytest.WidgetConfig{})
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("Nobody is here now. You will hear from us."))
	w.SendText(say("then another question"))
	w.ExpectText(say("then another question")) // the bot's
	list := waitsFor(t, h, "a call-back", func(l []console.Summary) bool { return len(l) == 1 && l[0].Callback })
	h.server.Mend(t.Context())
	h.server.Mend(t.Context())
	w.SendText(say("and one more"))
	w.ExpectText(say("and one more"))
	if err := h.server.Switchboard().Claim(t.Context(), list[0].Session, "mia"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(say("mia is here."))

	// Who is in danger is not told to come back on a weekday.
	w = h.widget(proxytest.WidgetConfig{})
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("Nobody is here now. You will hear from us."))
	waitsFor(t, h, "a call-back", func(l []console.Summary) bool { return len(l) == 2 })
	w.SendText(say("I will hurt myself"))
	w.ExpectText(say("Call 112."))
	w.ExpectText(say("As soon as I can."))
	waitsFor(t, h, "no call-back", func(l []console.Summary) bool {
		return len(l) == 2 && l[0].Crisis && !l[0].Callback && l[0].Desk == "urgent"
	})
}

// TestSeatsOfADesk: offers and claims go by the seats of the desk at hand.
func TestSeatsOfADesk(t *testing.T) {
	desks, err := proxy.ParseDesks("desks.yaml", []byte("small: {kind: console, capacity: 1, default: true}\nbig: {kind: console}\n"))
	if err != nil {
		t.Fatal(err)
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, peopleAndDanger), config(func(c *proxy.Config) { c.Desks = desks }))
	board := h.server.Switchboard()
	one, two := h.widget(proxytest.WidgetConfig{}), h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, one)
	two.SendText(say("I want to talk to a human"))
	two.ExpectText(say("One moment, I am fetching somebody."))
	list := waitsFor(t, h, "two that wait", func(l []console.Summary) bool { return len(l) == 2 })
	if err := board.Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	other := list[0].Session
	if other == id {
		other = list[1].Session
	}
	if err := board.Claim(t.Context(), other, "noah"); !errors.Is(err, console.ErrFull) || !strings.Contains(err.Error(), "small") {
		t.Errorf("one too many for the desk: %v", err)
	}
	if err := board.Present(t.Context(), "mia"); err != nil {
		t.Fatal(err)
	}
	if small, big, err := h.server.Seats(t.Context(), "small", "big"); err != nil || small != 0 || big != 2 {
		t.Errorf("seats: %d at the small desk, %d at the big one, %v", small, big, err)
	}
	if err := board.Return(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	if err := board.Claim(t.Context(), other, "noah"); err != nil {
		t.Errorf("with a seat free: %v", err)
	}
}

// TestTheCardTellsTheStory: what the customer wants and gave is on the card, they
// see it where the pack says so, and what they correct is on it, too.
func TestTheCardTellsTheStory(t *testing.T) {
	const card = peopleAndDanger + "asks:\n  card: {accept: [\"(yes)\"], decline: [\"(no)\"], then: nothing}\n"
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{Answer: func(string) []string { return []string{say("Hm.")} }})
	h := open(t, bot, pack(t, card))
	w := h.widget(proxytest.WidgetConfig{})
	for _, text := range []string{"hello", "where is my parcel 4711-22", "it cost 12.50 on 12 May 2026"} {
		w.SendText(say(text))
		w.ExpectText(say("Hm."))
	}
	id := handOver(t, h, w)
	w.ExpectText(say("I told my colleague: “where is my parcel 4711-22”. Is that right?"))
	w.SendText(say("no, I want the money back"))
	w.ExpectText(say("Thank you, I have added that."))
	var conv console.Conversation
	for deadline := time.Now().Add(proxytest.Timeout); len(conv.Notes) == 0; <-time.After(20 * time.Millisecond) {
		var err error
		if conv, err = h.server.Switchboard().Conversation(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatal("no correction on the card")
		}
	}
	if n := conv.Notes[0]; n.By != "customer" || n.Text != "no, I want the money back" {
		t.Errorf("the note is %+v", n)
	}
	if conv.Goal != "where is my parcel 4711-22" || strings.Join(conv.Facts, ", ") != "4711-22, 12.50, 12 May 2026" {
		t.Errorf("they want %q and gave %q", conv.Goal, conv.Facts)
	}
}

// TestTheBotIsTold: when a person gives the conversation back, a bot whose
// protocol has notes learns who was there and what was said last.
func TestTheBotIsTold(t *testing.T) {
	notes, err := wire.Parse("notes.yaml", []byte(`
profile: notes
framing: raw
channel: text
frames:
  - {dir: up, kind: message, when: ["$.text exists"], text: ["$.text"]}
  - {dir: down, kind: message, when: ["$.text exists"], text: ["$.text"]}
inject:
  bot: '{"text":{{text}}}'
  agent: '{"text":{{text}},"by":{{agent}}}'
  note: '{"note":{{text}}}'
`))
	if err != nil {
		t.Fatal(err)
	}
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, peopleAndDanger), config(func(c *proxy.Config) { c.Routes[0].Profile = notes[0] }))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	board := h.server.Switchboard()
	for _, end := range []struct {
		does func(id string) error
		told string
	}{
		{func(id string) error { return board.Return(t.Context(), id, "mia") }, "gave the conversation back"},
		{func(id string) error { return board.Resolve(t.Context(), id, "mia", console.Needed) }, "settled the matter"},
	} {
		id := handOver(t, h, w)
		h.claimed(id, w)
		if err := board.Say(t.Context(), id, "mia", "It is on its way."); err != nil {
			t.Fatal(err)
		}
		w.ExpectText(`{"text":"It is on its way.","by":"mia"}`)
		if err := end.does(id); err != nil {
			t.Fatal(err)
		}
		w.ExpectText(say("The bot goes on."))
		c.ExpectText(`{"note":"mia, a person, talked with the customer for 1 min and ` + end.told + `. Their last words: It is on its way."}`)
		waitsFor(t, h, "nobody", func(l []console.Summary) bool { return len(l) == 0 })
		floor := session.Agent
		for deadline := time.Now().Add(proxytest.Timeout); floor != session.Bot && time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
			if sess, here := h.store.Live(id); here {
				sess.Do(func(book *session.Book) { floor = book.Floor })
			}
		}
	}
}

// TestACustomerWhoIsAway: back within the grace, they keep their place; gone for
// longer, the handoff is abandoned, and the time they waited is kept.
func TestACustomerWhoIsAway(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, pack(t, peopleAndDanger), hasty)
	w := h.widget(proxytest.WidgetConfig{})
	cookie, _, _ := strings.Cut(w.Response.Header.Get("Set-Cookie"), ";")
	id := handOver(t, h, w)
	before := waitsFor(t, h, "one that waits", func(l []console.Summary) bool { return len(l) == 1 })
	eventually := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(proxytest.Timeout); !ok(); <-time.After(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal(what)
			}
		}
	}
	w.SendClose(1001, "")
	eventually("nobody notices that the customer left", func() bool { return h.server.Left(id, 0) })
	w = h.widget(proxytest.WidgetConfig{Header: map[string][]string{"Cookie": {cookie}}})
	w.SendText(say("still here"))
	eventually("nobody notices that the customer is back", func() bool { return !h.server.Left(id, 0) })
	after := waitsFor(t, h, "one that waits", func(l []console.Summary) bool { return len(l) == 1 })
	if !after[0].Since.Equal(before[0].Since) || after[0].Session != id {
		t.Errorf("waits since %v, before since %v", after[0].Since, before[0].Since)
	}
	w.SendClose(1001, "")
	eventually("nobody notices that the customer left again", func() bool { return h.server.Left(id, time.Hour) })
	h.eventually(`attune_handoffs_total{desk="console",state="abandoned"} 1`)
	h.eventually(`attune_handoff_wait_seconds_count{desk="console",outcome="abandoned"} 1`)
	waitsFor(t, h, "nobody", func(l []console.Summary) bool { return len(l) == 0 })
}

// TestWhoWasThereBeforeThisNode: an agent whose page went while no node ran is missed,
// too, by one that never saw them.
func TestWhoWasThereBeforeThisNode(t *testing.T) {
	options := []option{pack(t, peopleAndDanger), redisAt(proxytest.StartRedis(t).URL()), leeway(10)} // the first node is asked in vain
	before := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), options...).ready()
	w, _ := before.talk(known, "hello")
	before.claimed(handOver(t, before, w), w)
	if err := before.server.Switchboard().Present(t.Context(), "mia"); err != nil {
		t.Fatal(err)
	}
	if err := before.store.Client().Del(t.Context(), "attune:{handoffs}:agents").Err(); err != nil { // her sign of life has run out
		t.Fatal(err)
	}
	before.stop()
	<-before.stopped
	after := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), options...).ready()
	w = after.widget(proxytest.WidgetConfig{Header: known})
	w.SendText(say("mia?"))
	after.eventually(`attune_messages_total{direction="upstream",role="customer"} 1`)
	for _, later := range []time.Duration{0, time.Minute, 2 * time.Minute} {
		if err := after.server.Attend(t.Context(), later); err != nil {
			t.Fatal(err)
		}
	}
	w.ExpectText(say("mia had to leave."))
	waitsFor(t, after, "the customer in the queue", func(l []console.Summary) bool { return len(l) == 1 && l[0].State == "queued" })
}
