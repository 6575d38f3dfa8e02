package handoff_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"attune/proxy/handoff"
	"attune/proxy/proxytest"
)

// model is what a session's handoff must be: the rules of doc.go in the
// simplest form.
type model struct {
	token, agent, claim string
	state               handoff.State
}

// table is doc.go's table of transitions, written down a second time.
var table = map[handoff.State][]handoff.State{
	handoff.Requested: {handoff.Queued, handoff.Offered, handoff.Accepted, handoff.Abandoned, handoff.Expired, handoff.Failed},
	handoff.Queued:    {handoff.Offered, handoff.Accepted, handoff.Abandoned, handoff.Expired, handoff.Failed},
	handoff.Offered:   {handoff.Queued, handoff.Accepted, handoff.Abandoned, handoff.Expired, handoff.Failed},
	handoff.Accepted:  {handoff.Queued, handoff.Active, handoff.Returned, handoff.Resolved, handoff.Abandoned, handoff.Failed},
	handoff.Active:    {handoff.Queued, handoff.Returned, handoff.Resolved, handoff.Abandoned, handoff.Failed},
}

func TestTable(t *testing.T) {
	if n := len(handoff.States()); n != 10 {
		t.Fatalf("%d states", n)
	}
	for _, from := range handoff.States() {
		for _, to := range handoff.States() {
			if got, want := from.May(to), slices.Contains(table[from], to); got != want {
				t.Errorf("%s to %s: %v, want %v", from, to, got, want)
			}
		}
		if from.Open() != (len(table[from]) > 0) {
			t.Errorf("%s: Open = %v", from, from.Open())
		}
	}
}

// TestHistories runs random operations of several agents on several nodes
// against the model: at most one open handoff, at most one claimer, and no
// transition beside the table.
func TestHistories(t *testing.T) {
	servers := map[string]func(t *testing.T) (*redis.UniversalOptions, func()){
		"miniredis": func(t *testing.T) (*redis.UniversalOptions, func()) {
			t.Helper()
			m := miniredis.NewMiniRedis()
			if err := m.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.Close)
			return clientOptions("tcp", m.Addr()), m.FlushAll
		},
		"redis-server": func(t *testing.T) (*redis.UniversalOptions, func()) {
			t.Helper()
			o := clientOptions("unix", proxytest.StartRedis(t).Socket())
			c := redis.NewUniversalClient(o)
			t.Cleanup(func() { _ = c.Close() })
			return o, func() { c.FlushAll(context.WithoutCancel(t.Context())) }
		},
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			o, flush := start(t)
			boards := []*handoff.Board{newBoard(t, o, handoff.Config{}), newBoard(t, o, handoff.Config{})}
			ctx := t.Context()
			rapid.Check(t, func(rt *rapid.T) {
				flush()
				sessions := map[string]*model{}
				for step := range rapid.IntRange(1, 40).Draw(rt, "steps") {
					b := boards[rapid.IntRange(0, 1).Draw(rt, "node")]
					session := rapid.SampledFrom([]string{"s", "ss"}).Draw(rt, "session")
					agent := rapid.SampledFrom([]string{"ann", "bob"}).Draw(rt, "agent")
					token := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(rt, "token")
					op := rapid.SampledFrom([]string{
						"request", "claim", "activate", "release", "offer", "return", "resolve", "abandon", "expire", "fail",
					}).Draw(rt, "op")
					m := sessions[session]
					if m == nil {
						m = &model{}
						sessions[session] = m
					}
					want := m.step(op, agent, token)
					got := play(ctx, b, op, session, agent, token)
					if got != want {
						rt.Fatalf("step %d: %s(%s, %s, %s) = %s, want %s", step, op, session, agent, token, got, want)
					}
					h, err := b.Get(ctx, session)
					if m.token == "" {
						if !errors.Is(err, handoff.ErrNone) {
							rt.Fatalf("step %d: Get = %v, want none", step, err)
						}
						continue
					}
					if err != nil || h.State != m.state || h.Token != m.token || h.Agent != m.agent {
						rt.Fatalf("step %d: %+v, %v; want %+v", step, h, err, *m)
					}
				}
				open, err := boards[0].Waiting(ctx)
				if err != nil {
					rt.Fatal(err)
				}
				boards[0].Refresh()
				var got, want []string
				for _, h := range open {
					got = append(got, h.Session)
				}
				for s, m := range sessions {
					if m.state.Open() {
						want = append(want, s)
					}
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					rt.Fatalf("open = %v, want %v", got, want)
				}
			})
		})
	}
}

// step does an operation on the model and says how it must end.
func (m *model) step(op, agent, token string) string {
	move := func(to handoff.State, mine bool) string {
		switch {
		case m.token == "" || !mine && m.token != token:
			return "none"
		case m.state == to && (!mine || m.agent == agent):
			return "ok"
		case !slices.Contains(table[m.state], to):
			return "state"
		case mine && m.agent != agent:
			return "taken"
		}
		m.state = to
		if to == handoff.Queued {
			m.agent, m.claim = "", ""
		}
		return "ok"
	}
	switch op {
	case "request":
		switch {
		case m.token == token:
			return "won"
		case m.state.Open():
			return "lost"
		}
		*m = model{token: token, state: handoff.Queued}
		return "won"
	case "claim":
		switch {
		case m.token == "":
			return "none"
		case m.state.Taken() && m.claim == agent+token:
			return "ok"
		case m.state.Taken():
			return "taken"
		case !m.state.Waiting():
			return "state"
		}
		m.state, m.agent, m.claim = handoff.Accepted, agent, agent+token
		return "ok"
	case "activate":
		return move(handoff.Active, true)
	case "release":
		return move(handoff.Queued, true)
	case "return":
		return move(handoff.Returned, true)
	case "resolve":
		return move(handoff.Resolved, true)
	case "offer":
		return move(handoff.Offered, false)
	case "abandon":
		return move(handoff.Abandoned, false)
	case "expire":
		return move(handoff.Expired, false)
	default:
		return move(handoff.Failed, false)
	}
}

// play does an operation on a board and says how it ended.
func play(ctx context.Context, b *handoff.Board, op, session, agent, token string) string {
	var err error
	switch op {
	case "request":
		_, won, err := b.Request(ctx, handoff.Handoff{Session: session, Token: token})
		switch {
		case err != nil:
			return err.Error()
		case won:
			return "won"
		}
		return "lost"
	case "claim":
		_, err = b.Claim(ctx, session, agent, agent+token)
	case "activate":
		_, err = b.Activate(ctx, session, agent, 1)
	case "release":
		_, err = b.Release(ctx, session, agent)
	case "return":
		_, err = b.Return(ctx, session, agent)
	case "resolve":
		_, err = b.Resolve(ctx, session, agent)
	case "offer":
		_, err = b.OfferAt(ctx, session, token, handoff.DefaultDesk)
	case "abandon":
		_, err = b.Abandon(ctx, session, token)
	case "expire":
		_, err = b.Expire(ctx, session, token)
	case "fail":
		_, err = b.Fail(ctx, session, token)
	default:
		return fmt.Sprintf("unknown operation %q", op)
	}
	var taken *handoff.TakenError
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, handoff.ErrNone):
		return "none"
	case errors.Is(err, handoff.ErrState):
		return "state"
	case errors.As(err, &taken):
		return "taken"
	default:
		return err.Error()
	}
}
