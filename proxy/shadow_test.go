package proxy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/proxy/bundle"
	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// calm and eager are two sets for the same conversations: one that hardly does
// anything, and one that does everything at once.
const calm = `
pack: calm
signals:
  - {id: awful, what: a, why: b, from: customer, match: {phrases: ["(awful)"]}, points: 1, examples: {fires: [a], silent: [b]}}
rewrites:
  - {id: plain, what: a, why: b, move: own, match: {text: "Your request has been denied"}, say: ["I could not get that approved."], adds: [fact], examples: [{in: a, out: b}]}
`

const eager = `
pack: eager
always: {awful: escalate}
signals:
  - {id: awful, what: a, why: b, from: customer, match: {phrases: ["(awful)"]}, points: 9, examples: {fires: [a], silent: [b]}}
  - {id: refused, what: a, why: b, from: bot, match: {phrases: ["(denied)"]}, points: 3, examples: {fires: [a], silent: [b]}}
rewrites:
  - {id: other, what: a, why: b, move: own, match: {text: "Your request has been denied"}, say: ["That was not for me to grant, and it is not approved."], adds: [fact], examples: [{in: a, out: b}]}
`

// place pushes packs into slots of the script's own store and follows them.
func (p *script) place(slot bundle.Slot, share float64, pack string) {
	p.t.Helper()
	files := []rules.File{{Name: "pushed.yaml", Data: []byte(pack)}}
	shelf := bundle.NewShelf(p.s.cfg.Store.Client())
	if _, err := shelf.Push(p.t.Context(), files, slot, bundle.Placed{By: "mia", At: p.now, Share: share}); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.s.follow(false); err != nil {
		p.t.Fatal(err)
	}
}

func inBundles(c *Config) { c.Bundles = true }

// TestAShadowHasNoEffect has the same conversation with and without a shadow set
// that would do something on every turn: what both peers receive is the same byte
// for byte, and so is what is kept.
func TestAShadowHasNoEffect(t *testing.T) {
	talk := func(shadow bool) (p *script, kept string) {
		p = play(t, reading(t, wires), calm, inBundles)
		p.place(bundle.Active, 0, calm)
		if shadow {
			p.place(bundle.Shadow, 0, eager)
		}
		for i := range 3 {
			p.customer(event{Type: "said", Text: "this is awful"}.line())
			p.bot(event{Type: "whole", Text: "Your request has been denied."}.line())
			id := fmt.Sprint(i)
			for n, piece := range []string{"Hm. Your request ", "has been ", "denied. Anything ", "else?"} {
				p.bot(event{Type: "add", ID: id, N: n, Text: piece}.line())
				p.wait(10 * time.Millisecond)
			}
			p.bot(event{Type: "done", ID: id, Text: "Hm. Your request has been denied. Anything else?"}.line())
			p.wait(time.Second)
		}
		p.b.sess.Do(func(book *session.Book) {
			state, err := book.State.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			kept = fmt.Sprint(string(state), book.Floor, book.Epoch)
		})
		return p, kept + p.story()
	}
	alone, keptAlone := talk(false)
	beside, keptBeside := talk(true)
	if !strings.Contains(strings.Join(alone.saw, ""), "I could not get that approved.") {
		t.Fatal("the active set does nothing, so there is nothing to compare")
	}
	if diff := cmp.Diff([][]string{alone.saw, alone.heard}, [][]string{beside.saw, beside.heard}); diff != "" {
		t.Errorf("a shadow changes what is sent (-without +with):\n%s", diff)
	}
	if diff := cmp.Diff(keptAlone, keptBeside); diff != "" {
		t.Errorf("a shadow changes what is kept (-without +with):\n%s", diff)
	}
	for _, name := range []string{"attune_signals_total", "attune_decisions_total", "attune_rewrites_total"} {
		if a, b := alone.count(name), beside.count(name); a != b {
			t.Errorf("%s: %v with a shadow, %v without", name, b, a)
		}
	}
	if n := alone.count("attune_slot_turns_total"); n != 0 {
		t.Errorf("%v turns counted by slot with nothing to compare", n)
	}
	for _, want := range []struct {
		name   string
		labels []string
		count  float64
	}{
		{"attune_slot_turns_total", []string{"slot=active"}, 9},
		{"attune_slot_turns_total", []string{"slot=shadow"}, 9},
		{"attune_slot_decisions_total", []string{"slot=active"}, 0},
		{"attune_slot_decisions_total", []string{"slot=shadow", "decision=escalate", "rule=awful"}, 3},
		{"attune_slot_signals_total", []string{"slot=active", "rule=awful"}, 3},
		{"attune_slot_signals_total", []string{"slot=shadow", "rule=refused"}, 6},
		{"attune_slot_rewrites_total", []string{"slot=active", "rule=plain", "outcome=applied"}, 6},
		{"attune_slot_rewrites_total", []string{"slot=shadow", "rule=other", "outcome=applied"}, 6},
	} {
		if got := beside.count(want.name, want.labels...); got != want.count {
			t.Errorf("%s%v = %v, want %v", want.name, want.labels, got, want.count)
		}
	}
}

// TestAShadowKeepsNothingForLong: the states of a shadow go with the session, and
// with the shadow.
func TestAShadowKeepsNothingForLong(t *testing.T) {
	p := play(t, reading(t, wires), calm, inBundles)
	p.place(bundle.Active, 0, calm)
	p.place(bundle.Shadow, 0, eager)
	kept := func() int {
		p.s.shadows.mu.Lock()
		defer p.s.shadows.mu.Unlock()
		return len(p.s.shadows.states)
	}
	says := event{Type: "said", Text: "awful"}.line()
	p.customer(says)
	if kept() != 1 {
		t.Fatalf("%d states of one session", kept())
	}
	p.s.forget(p.b)
	if kept() != 0 {
		t.Errorf("%d states of a session that has gone", kept())
	}
	p.now = p.now.Add(time.Second)
	p.open()
	p.customer(says)
	p.place(bundle.Shadow, 0, calm)
	if kept() != 0 {
		t.Errorf("%d states of a shadow that has gone", kept())
	}
	p.customer(says)
	p.s.endSession(p.b.sess, "ended")
	if kept() != 0 {
		t.Errorf("%d states of a session that has ended", kept())
	}
}

// TestAFailingShadowTakesNothingAlong judges by a shadow set that panics.
func TestAFailingShadowTakesNothingAlong(t *testing.T) {
	p := play(t, reading(t, wires), calm, inBundles)
	sc := p.s.scratch()
	sc.turn = rules.Turn{Role: rules.Bot, Text: "Your request has been denied."}
	sc.j.Sent = sc.turn.Text
	p.b.shadow(nil, &rules.State{}, sc)
	if n := p.count("attune_fail_open_total", "reason=shadow"); n != 1 || sc.j.Sent != sc.turn.Text {
		t.Errorf("%v failures counted, %q is sent", n, sc.j.Sent)
	}
	if n := p.count("attune_slot_turns_total"); n != 0 {
		t.Errorf("%v turns counted as judged", n)
	}
}

// TestCanaryIsSticky: the sessions of a canary are the same ones on every node
// and at any time, about as many as they should be, and stay when it grows.
func TestCanaryIsSticky(t *testing.T) {
	set, _ := rules.Compile(nil)
	at := func(share float64) *inForce {
		return &inForce{sets: [slotCount]*rules.Set{{}, nil, set}, share: share}
	}
	const sessions = 20_000
	for _, share := range []float64{0.5, 10, 50, 99} {
		chosen, perShard := 0, map[int]int{}
		for i := range sessions {
			id := session.Key{Profile: "json", External: fmt.Sprint(i)}.ID()
			got, slot := at(share).of(id)
			if _, again := at(share).of(id); again != slot {
				t.Fatal("chosen differently the second time")
			}
			if got != set {
				continue
			}
			chosen++
			perShard[session.Shard(id)]++
			if _, grown := at(share + 0.9).of(id); grown != slot {
				t.Fatal("a session leaves a canary that grows")
			}
		}
		if got := 100 * float64(chosen) / sessions; got < 0.85*share || got > 1.15*share {
			t.Errorf("%v %% of the sessions, want %v", got, share)
		}
		if share >= 10 && len(perShard) != session.Shards {
			t.Errorf("at %v %% the canary's sessions are in %d shards only", share, len(perShard))
		}
	}
}

// TestCanaryJudgesItsSessions has many short conversations beside a canary.
func TestCanaryJudgesItsSessions(t *testing.T) {
	const denied = `{"text":"Your request has been denied."}`
	plain, err := wire.Lookup("json")
	if err != nil {
		t.Fatal(err)
	}
	p := play(t, plain, calm, inBundles)
	p.place(bundle.Active, 0, calm)
	const approved, granted = "I could not get that approved.", "That was not for me to grant, and it is not approved."
	p.place(bundle.Canary, 50, strings.ReplaceAll(calm, approved, granted))
	judged := map[string]float64{}
	for range 60 {
		p.now = p.now.Add(time.Second)
		p.open()
		p.bot(denied, denied)
		if len(p.saw) != 2 || p.saw[0] != p.saw[1] {
			t.Fatalf("one session sees\n%s", strings.Join(p.saw, "\n"))
		}
		judged[p.saw[0]]++
		p.b.leaves(t, p.s)
	}
	active, canary := judged[`{"text":"`+approved+`"}`], judged[`{"text":"`+granted+`"}`]
	if active+canary != 60 || active < 10 || canary < 10 {
		t.Errorf("replies: %v", judged)
	}
	if a, c := p.count("attune_slot_turns_total", "slot=active"), p.count("attune_slot_turns_total", "slot=canary"); a != 2*active || c != 2*canary {
		t.Errorf("%v and %v turns are counted, want %v and %v", a, c, 2*active, 2*canary)
	}
	if all, c := p.count("attune_rewrites_total", "outcome=applied"), p.count("attune_slot_rewrites_total", "slot=canary", "outcome=applied"); all != 120 || c != 2*canary {
		t.Errorf("%v rewrites, %v of them the canary's, want 120 and %v", all, c, 2*canary)
	}
}

// leaves ends a bridge as its transport would.
func (b *bridge) leaves(t *testing.T, s *Server) {
	t.Helper()
	var out transport.Output
	b.Lost(transport.Widget, nil, time.Time{}, &out)
	s.forget(b)
}

// BenchmarkSlots measures a reply that is reworded, through a whole bridge: with the active set alone, as the session of
// a canary, and with a shadow.
func BenchmarkSlots(b *testing.B) {
	for _, slot := range []bundle.Slot{bundle.Active, bundle.Canary, bundle.Shadow} {
		b.Run(string(slot), func(b *testing.B) {
			plain, err := wire.Lookup("json")
			if err != nil {
				b.Fatal(err)
			}
			p := play(b, plain, calm, inBundles)
			p.place(bundle.Active, 0, calm)
			switch slot {
			case bundle.Canary:
				p.place(slot, 99.999, calm)
			case bundle.Shadow:
				p.place(slot, 0, calm)
			}
			denied := frame.Append(nil, frame.Text, []byte(`{"text":"Your request has been denied."}`))
			b.ReportAllocs()
			for b.Loop() {
				var out transport.Output
				p.b.Receive(transport.Backend, denied, p.now, &out)
				p.now = p.now.Add(time.Second)
			}
		})
	}
}
