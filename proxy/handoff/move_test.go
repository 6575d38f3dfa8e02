package handoff_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"attune/proxy/handoff"
	"attune/proxy/proxytest"
)

// TestTheOrderOfWaiting: crises first, then by age with a head start for who is
// pressing, so that whoever waits five minutes longer goes before in any case.
func TestTheOrderOfWaiting(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		b := newBoard(t, o, handoff.Config{})
		now := time.Now()
		for session, h := range map[string]handoff.Handoff{
			"crisis-new":   {RequestedAt: now, Card: handoff.Card{Crisis: true}},
			"crisis-old":   {RequestedAt: now.Add(-time.Minute), Card: handoff.Card{Crisis: true}},
			"asked":        {RequestedAt: now.Add(-time.Minute), Card: handoff.Card{Explicit: true}},
			"very-angry":   {RequestedAt: now.Add(-time.Minute), Card: handoff.Card{Score: 8}},
			"beyond-angry": {RequestedAt: now.Add(-59 * time.Second), Card: handoff.Card{Score: 400}},
			"calm-older":   {RequestedAt: now.Add(-4 * time.Minute), Card: handoff.Card{}},
			"calm-oldest":  {RequestedAt: now.Add(-6*time.Minute - time.Second), Card: handoff.Card{}},
			"calm":         {RequestedAt: now.Add(-2 * time.Minute), Card: handoff.Card{}},
		} {
			h.Session, h.Token = session, session
			if _, _, err := b.Request(t.Context(), h); err != nil {
				t.Fatal(err)
			}
		}
		open, err := b.Waiting(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range open {
			got = append(got, h.Session)
		}
		want := []string{"crisis-old", "crisis-new", "calm-oldest", "asked", "beyond-angry", "very-angry", "calm-older", "calm"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		if v, err := b.Survey(t.Context()); err != nil || v.Desks["console"].Oldest.UnixMilli() != now.Add(-6*time.Minute-time.Second).UnixMilli() {
			t.Errorf("the oldest waits since %v, %v", v.Desks["console"].Oldest, err)
		}
	})
}

func TestTransfer(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		b := newBoard(t, o, handoff.Config{Redact: func(s string) string { return strings.ReplaceAll(s, "4711", "…") }})
		at := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
		card := handoff.Card{Reason: "asked", Goal: "a parcel", Words: []string{"human"}}
		if _, _, err := b.Request(t.Context(), handoff.Handoff{Session: "s", Token: "s", Desk: "support", RequestedAt: at, Card: card}); err != nil {
			t.Fatal(err)
		}
		to := handoff.Transfer{Token: "t1", Desk: "billing", For: "bob", Note: "wants 4711 back"}
		if _, err := b.Transfer(t.Context(), "s", "ann", to); !errors.Is(err, handoff.ErrState) {
			t.Errorf("nobody has it: %v", err)
		}
		claim(t, b, "s", "ann", "c1")
		var taken *handoff.TakenError
		if _, err := b.Transfer(t.Context(), "s", "bob", to); !errors.As(err, &taken) || taken.By != "ann" {
			t.Errorf("another agent: %v", err)
		}
		h, err := b.Transfer(t.Context(), "s", "ann", to)
		if err != nil {
			t.Fatal(err)
		}
		want := handoff.Handoff{
			Token: "s", Session: "s", Desk: "billing", State: handoff.Queued, For: "bob", Card: card, RequestedAt: at,
			Notes: []handoff.Note{{By: "ann", Text: "wants … back"}},
		}
		if diff := cmp.Diff(want, h, cmpopts.IgnoreFields(handoff.Handoff{}, "RequeuedAt"), cmpopts.IgnoreFields(handoff.Note{}, "At")); diff != "" {
			t.Errorf("passed on (-want +got):\n%s", diff)
		}
		if w := h.Wait(time.Now()); w > time.Minute {
			t.Errorf("waits for %v again", w)
		}
		again, err := b.Transfer(t.Context(), "s", "ann", to)
		if err != nil || len(again.Notes) != 1 {
			t.Errorf("sent again: %d notes, %v", len(again.Notes), err)
		}
		// Whom it was meant for is no lock, and is forgotten with the next transfer.
		claim(t, b, "s", "cleo", "c2")
		if h, err := b.Transfer(t.Context(), "s", "cleo", handoff.Transfer{Token: "t2"}); err != nil || h.Desk != "billing" || h.For != "" || len(h.Notes) != 1 {
			t.Errorf("passed on without a word: %+v, %v", h, err)
		}
		if _, err := b.AddNote(t.Context(), "s", "customer", strings.Repeat("x", 3000)); !errors.Is(err, handoff.ErrNote) {
			t.Errorf("a long note: %v", err)
		}
		for i := range 19 {
			if _, err := b.AddNote(t.Context(), "s", "customer", fmt.Sprint("note ", i)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.AddNote(t.Context(), "s", "customer", "one more"); !errors.Is(err, handoff.ErrNote) {
			t.Errorf("a note too many: %v", err)
		}
	})
}

// TestAReleasedHandoffKeepsItsPlace: an agent who had it for an hour leaves; it
// waits at its old place and does not expire at once.
func TestAReleasedHandoffKeepsItsPlace(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		b := newBoard(t, o, handoff.Config{MaxWait: time.Minute})
		for i, session := range []string{"old", "new"} {
			at := time.Now().Add(time.Duration(i-1) * time.Hour)
			if _, _, err := b.Request(t.Context(), handoff.Handoff{Session: session, Token: session, RequestedAt: at}); err != nil {
				t.Fatal(err)
			}
		}
		claim(t, b, "old", "ann", "c")
		h, err := b.Release(t.Context(), "old", "ann")
		if err != nil || h.RequeuedAt.IsZero() {
			t.Fatalf("released: %+v, %v", h, err)
		}
		open, err := b.Waiting(t.Context())
		if err != nil || len(open) != 2 || open[0].Session != "old" || open[0].Wait(time.Now()) > time.Minute {
			t.Errorf("waiting: %+v, %v", open, err)
		}
	})
}

func TestRaise(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		b := newBoard(t, o, handoff.Config{})
		crisis := handoff.Card{Reason: "self-harm", Words: []string{"end my life"}}
		if _, err := b.Raise(t.Context(), "s", "urgent", crisis); !errors.Is(err, handoff.ErrNone) {
			t.Errorf("nothing is open: %v", err)
		}
		for _, session := range []string{"first", "s"} {
			card := handoff.Card{Reason: "asked", Goal: "a parcel", Words: []string{"human"}, Explicit: true}
			if _, _, err := b.Request(t.Context(), handoff.Handoff{Session: session, Token: session, Desk: "support", Card: card}); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // told twice, it is the same crisis
			h, err := b.Raise(t.Context(), "s", "urgent", crisis)
			if err != nil || h.Desk != "urgent" || h.Token != "s" {
				t.Fatalf("raised: %+v, %v", h, err)
			}
			want := handoff.Card{Reason: "self-harm", Crisis: true, Explicit: true, Goal: "a parcel", Words: []string{"human", "end my life"}}
			if diff := cmp.Diff(want, h.Card); diff != "" {
				t.Errorf("card (-want +got):\n%s", diff)
			}
		}
		open, err := b.Waiting(t.Context())
		if err != nil || !slices.ContainsFunc(open[:1], func(h handoff.Handoff) bool { return h.Session == "s" }) {
			t.Errorf("waiting: %+v, %v", open, err)
		}
		// Who has somebody already keeps them.
		claim(t, b, "first", "ann", "c")
		if h, err := b.Raise(t.Context(), "first", "urgent", crisis); err != nil || h.Desk != "support" || h.Agent != "ann" || !h.Card.Crisis {
			t.Errorf("raised while taken: %+v, %v", h, err)
		}
	})
}

// TestDesksAreToldOfMoves: who is told of handoffs hears that one comes by
// transfer or crisis, and that one has gone elsewhere.
func TestDesksAreToldOfMoves(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		f := newOffice(nil)
		box := newOutbox(t, o, f, nil)
		deliver(t, box)
		b := newBoard(t, o, handoff.Config{Outbox: box})
		if _, _, err := b.Request(t.Context(), handoff.Handoff{Session: "s", Token: "s", Desk: "console", Card: handoff.Card{Goal: "a parcel"}}); err != nil {
			t.Fatal(err)
		}
		claim(t, b, "s", "ann", "c1")
		if _, err := b.Transfer(t.Context(), "s", "ann", handoff.Transfer{Token: "t1", Desk: "help"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Raise(t.Context(), "s", "other", handoff.Card{Reason: "danger"}); err != nil {
			t.Fatal(err)
		}
		want := []string{"help handoff.requested", "help handoff.moved", "other handoff.requested"} // in order at each desk
		var got []string
		for deadline := time.Now().Add(proxytest.Timeout); len(got) < len(want) && time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
			got = nil
			f.mu.Lock()
			for _, m := range f.got {
				if m.Type == handoff.MailRequested && (m.Card == nil || m.Card.Goal != "a parcel") {
					t.Errorf("%s is told without the card", m.Desk)
				}
				got = append(got, m.Desk+" "+m.Type)
			}
			f.mu.Unlock()
		}
		slices.SortStableFunc(got, func(x, y string) int {
			return strings.Compare(strings.Fields(x)[0], strings.Fields(y)[0])
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mail (-want +got):\n%s", diff)
		}
	})
}

// TestADeskThatIsDownIsLeftBehind: what a desk that cannot be told of a handoff is
// still to hear keeps no other desk from hearing of it, and ends it there neither.
func TestADeskThatIsDownIsLeftBehind(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		var f *office
		f = newOffice(func(m handoff.Mail, _ int) error {
			switch {
			case m.Desk == "other":
				return nil
			case f.types("token-s") == nil:
				return errors.New("503")
			}
			return &handoff.RefusedError{Reason: "gone"}
		})
		var b *handoff.Board
		box := newOutbox(t, o, f, func(c *handoff.OutboxConfig) {
			c.Delivered = func(ctx context.Context, m handoff.Mail) error {
				_, err := b.OfferAt(ctx, m.Session, m.Token, m.Desk)
				return err
			}
			c.Dead = func(ctx context.Context, m handoff.Mail, reason string) error {
				if _, err := b.FailWaiting(ctx, m.Session, m.Token, m.Desk); !errors.Is(err, handoff.ErrNone) {
					t.Errorf("failed at a desk where it is not: %v", err)
				}
				return f.bury(ctx, m, reason)
			}
		})
		b = newBoard(t, o, handoff.Config{Outbox: box})
		bring(t, b, "s", "help", handoff.Card{})
		if _, err := b.Raise(t.Context(), "s", "other", handoff.Card{Reason: "danger"}); err != nil {
			t.Fatal(err)
		}
		deliver(t, box)
		empty(t, o)
		if h, err := b.Get(t.Context(), "s"); err != nil || h.Desk != "other" || h.State != handoff.Offered {
			t.Errorf("%s at %s, %v", h.State, h.Desk, err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.got) != 1 || len(f.dead) != 2 {
			t.Errorf("told %v, dead %v", f.got, f.dead)
		}
	})
}

// TestWhatIsEntered: of all changes OnChange hears, and of those that leave the
// state as it is that they do. At another desk a handoff is offered anew.
func TestWhatIsEntered(t *testing.T) {
	onBackends(t, func(t *testing.T, o *redis.UniversalOptions) {
		var got []string
		b := newBoard(t, o, handoff.Config{OnChange: func(h handoff.Handoff) { got = append(got, fmt.Sprint(h.Desk, " ", h.State, " ", h.Same)) }})
		bring(t, b, "s", "support", handoff.Card{})
		ctx := t.Context()
		if _, err := b.OfferAt(ctx, "s", "token-s", "urgent"); !errors.Is(err, handoff.ErrNone) {
			t.Errorf("offered at a desk where it is not: %v", err)
		}
		for _, step := range []func() (handoff.Handoff, error){
			func() (handoff.Handoff, error) { return b.OfferAt(ctx, "s", "token-s", "support") },
			func() (handoff.Handoff, error) { return b.AddNote(ctx, "s", "customer", "no") },
			func() (handoff.Handoff, error) { return b.Raise(ctx, "s", "", handoff.Card{}) },
			func() (handoff.Handoff, error) { return b.Raise(ctx, "s", "urgent", handoff.Card{}) },
			func() (handoff.Handoff, error) { return b.Claim(ctx, "s", "ann", "c1") },
			func() (handoff.Handoff, error) { return b.Resolve(ctx, "s", "ann") },
			func() (handoff.Handoff, error) { return b.Label(ctx, "s", "ann", handoff.Needed) },
		} {
			if h, err := step(); err != nil || h.Same {
				t.Fatalf("%+v, %v", h, err)
			}
		}
		want := []string{
			"support queued false", "support offered false", "support offered true", "support offered true",
			"urgent queued false", "urgent accepted false", "urgent resolved false", "urgent resolved true",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	})
}

func claim(t *testing.T, b *handoff.Board, session, agent, token string) {
	t.Helper()
	if _, err := b.Claim(t.Context(), session, agent, token); err != nil {
		t.Fatal(err)
	}
}
