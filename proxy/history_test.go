package proxy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"attune/proxy/console"
	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// TestHistories has a customer hop between two nodes while three agents take the
// conversation and give it back, and the nodes' connections to Redis are cut at
// random. What everybody saw must be a history that the promises allow:
//
//   - an epoch of the floor belongs to one holder, and of the agents one has the
//     conversation at a time;
//   - nothing of the bot reaches the customer between "active" and the return, but
//     where the store could not say in time who has the floor;
//   - the bot hears what the customer says in order and once; the customer hears the
//     bot in order and once, and so, over each socket, the agents;
//   - all that the customer said is in the story, once, whoever had the floor; at the
//     end the bot has it again, and every key in Redis will expire.
//
// ATTUNE_SEEDS=N runs so many histories, from seed ATTUNE_SEED.
func TestHistories(t *testing.T) {
	seeds, first := uint64(4), uint64(1)
	for n, v := range map[*uint64]string{&seeds: os.Getenv("ATTUNE_SEEDS"), &first: os.Getenv("ATTUNE_SEED")} {
		if v != "" {
			var err error
			if *n, err = strconv.ParseUint(v, 10, 32); err != nil {
				t.Fatalf("ATTUNE_SEEDS, ATTUNE_SEED: %v", err)
			}
		}
	}
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			newHistory(t, seed).play()
		})
	}
}

// history is one run: two nodes, a customer, three agents.
type history struct {
	t      *testing.T
	rand   *rand.Rand
	redis  *proxytest.Redis
	cables [2]*proxytest.Cable
	nodes  [2]*house
	bot    *proxytest.Backend
	id     string

	over atomic.Bool // agents take nothing more

	mu sync.Mutex
	// said is what the customer said, heard what the bot heard, seen what the customer
	// saw, in order.
	said, heard, seen []string
	// taken is the agent who has the conversation; early are probes that the customer
	// saw all the same.
	taken  string
	early  []string
	silent map[string]bool // probes that the bot sent after "active" and before the return
	claims int
	faults []string
}

func (h *history) fault(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = append(h.faults, fmt.Sprintf(format, args...))
}

func newHistory(t *testing.T, seed uint64) *history {
	t.Helper()
	h := &history{t: t, rand: rand.New(rand.NewPCG(seed, 0)), redis: proxytest.StartRedis(t), silent: map[string]bool{}} //nolint:gosec // a game
	h.bot = proxytest.NewBackend(t, proxytest.BackendConfig{Answer: proxytest.JSON(func(text string) []string {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.heard = append(h.heard, text)
		return []string{"re " + text}
	})})
	for i := range h.nodes {
		h.cables[i] = proxytest.NewCable(t, h.redis.Socket())
		h.nodes[i] = open(t, h.bot, pack(t, people), redisAt(h.cables[i].URL()), leeway(1))
	}
	hear(t, h.nodes[0], h.nodes[1])
	return h
}

func (h *history) play() {
	floors := h.watchFloors()
	var agents sync.WaitGroup
	for i, name := range []string{"mia", "ben", "eve"} {
		r := rand.New(rand.NewPCG(h.rand.Uint64(), 1)) //nolint:gosec // a game
		agents.Go(func() { h.agent(name, i, r) })
	}
	h.customer()
	agents.Wait()
	floors()
	h.check()
	if h.t.Failed() {
		h.t.Logf("the customer saw %q\nthe bot heard %q", h.seen, h.heard)
	}
}

// customer says numbered things, hops, asks for a person, and cuts cables.
func (h *history) customer() {
	at := h.rand.IntN(2)
	w := h.enter(at)
	n := 0
	for range 14 {
		switch k := h.rand.IntN(10); {
		case k < 5:
			n++
			h.say(w, fmt.Sprint("u", n))
		case k < 7:
			w.SendText(say("I want to talk to a human"))
		case k < 9:
			h.leave(w)
			at = 1 - at
			w = h.enter(at)
		default:
			h.cables[h.rand.IntN(2)].Cut()
		}
		h.listen(w, time.Duration(h.rand.IntN(40))*time.Millisecond)
	}
	// Now everything is in order, and must come to rest: the bot answers again.
	for deadline := time.Now().Add(4 * time.Minute); ; {
		n++
		text := fmt.Sprint("u", n)
		h.say(w, text)
		h.listen(w, 500*time.Millisecond)
		if h.saw("re " + text) {
			break
		}
		if time.Now().After(deadline) {
			h.fault("the bot never got the floor back")
			break
		}
	}
	h.over.Store(true)
	h.leave(w)
}

func (h *history) enter(at int) *proxytest.Conn {
	h.t.Helper()
	h.mu.Lock()
	h.seen = append(h.seen, entered)
	h.mu.Unlock()
	return h.nodes[at].widget(proxytest.WidgetConfig{Header: known})
}

// entered stands between what is seen over one socket and over the next.
const entered = "|"

// leave closes the socket and hears what was still on its way.
func (h *history) leave(w *proxytest.Conn) {
	h.listen(w, 50*time.Millisecond)
	w.SendClose(1000, "")
	for {
		text, ok := w.TextWithin(proxytest.Timeout)
		if !ok {
			return
		}
		h.see(text)
	}
}

func (h *history) say(w *proxytest.Conn, text string) {
	h.said = append(h.said, text)
	w.SendText(say(text))
}

// listen notes what the customer sees for some time.
func (h *history) listen(w *proxytest.Conn, d time.Duration) {
	for deadline := time.Now().Add(d); ; {
		text, ok := w.TextWithin(time.Until(deadline))
		if !ok {
			return
		}
		h.see(text)
	}
}

func (h *history) see(message string) {
	var m struct{ Text string }
	if json.Unmarshal([]byte(message), &m) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = append(h.seen, m.Text)
	if h.silent[m.Text] {
		h.early = append(h.early, m.Text)
	}
}

func (h *history) saw(text string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.seen {
		if s == text {
			return true
		}
	}
	return false
}

// agent takes the conversation whenever it waits, on either node.
func (h *history) agent(name string, number int, r *rand.Rand) {
	for !h.over.Load() {
		node := h.nodes[r.IntN(2)]
		board := node.server.Switchboard()
		id := ""
		if list, err := board.Waiting(h.t.Context()); err == nil {
			if len(list) > 1 {
				h.fault("%d open handoffs", len(list))
			}
			if len(list) == 1 && (list[0].Agent == "" || list[0].Agent == name) {
				id = list[0].Session
			}
		}
		if id == "" {
			<-time.After(time.Duration(5+r.IntN(10)) * time.Millisecond)
			continue
		}
		err := board.Claim(h.t.Context(), id, name)
		var taken *console.TakenError
		if errors.As(err, &taken) || errors.Is(err, console.ErrNotFound) || err != nil && !h.mine(id, name) {
			continue
		}
		h.serve(id, name, fmt.Sprint(number), r)
	}
}

// mine reports whether a claim was won whose answer was lost.
func (h *history) mine(id, name string) bool {
	c, err := h.nodes[0].server.Switchboard().Conversation(h.t.Context(), id)
	return err == nil && c.Agent == name
}

// serve is what an agent does with a conversation.
func (h *history) serve(id, name, number string, r *rand.Rand) {
	h.mu.Lock()
	if h.taken != "" {
		h.faults = append(h.faults, name+" and "+h.taken+" have the conversation")
	}
	h.claims++
	h.taken, h.id = name, id
	claim := h.claims
	h.mu.Unlock()
	active := h.state(id, name, "active")
	if active {
		probe := fmt.Sprintf("probe %d", claim)
		h.mu.Lock()
		h.silent[probe] = true
		h.mu.Unlock()
		h.bot.Broadcast(say(probe))
	}
	for i := range 1 + r.IntN(2) {
		_ = h.nodes[r.IntN(2)].server.Switchboard().Say(h.t.Context(), id, name, fmt.Sprintf("agent %d %d", claim, i)) // may be away
	}
	<-time.After(time.Duration(r.IntN(50)) * time.Millisecond)
	h.mu.Lock()
	clear(h.silent)
	h.taken = ""
	h.mu.Unlock()
	for deadline := time.Now().Add(2 * proxytest.Timeout); ; <-time.After(20 * time.Millisecond) {
		err := h.nodes[r.IntN(2)].server.Switchboard().Return(h.t.Context(), id, name)
		if err == nil || errors.Is(err, console.ErrNotYours) || errors.Is(err, console.ErrNotFound) {
			return
		}
		if time.Now().After(deadline) {
			h.fault("%s could not give the conversation back: %v", name, err)
			return
		}
	}
}

// state waits until a conversation of an agent's is in a state; false when it is
// the agent's no more.
func (h *history) state(id, name, want string) bool {
	for deadline := time.Now().Add(2 * proxytest.Timeout); ; <-time.After(5 * time.Millisecond) {
		c, err := h.nodes[0].server.Switchboard().Conversation(h.t.Context(), id)
		switch {
		case err == nil && c.Agent == name && c.State == want:
			return true
		case errors.Is(err, console.ErrNotFound), err == nil && c.Agent != name:
			return false
		}
		if time.Now().After(deadline) {
			h.fault("the handoff of %s is never %s", name, want)
			return false
		}
	}
}

// watchFloors hears the floor's changes, straight from Redis, until the returned
// function is called.
func (h *history) watchFloors() (stop func()) {
	direct, err := session.Open(session.Config{URL: h.redis.URL()})
	if err != nil {
		h.t.Fatal(err)
	}
	sub := direct.Client().Subscribe(h.t.Context(), "attune:bus")
	if _, err := sub.Receive(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		type key struct {
			session string
			epoch   uint64
		}
		holders := map[key]string{}
		for msg := range sub.Channel() {
			var e session.Event
			if json.Unmarshal([]byte(msg.Payload), &e) != nil || e.Kind != session.KindFloor {
				continue
			}
			k, who := key{e.Session, e.Epoch}, e.Floor.String()+" "+e.Holder
			if before, ok := holders[k]; ok && before != who {
				h.fault("epoch %d belongs to %q and to %q", e.Epoch, before, who)
			}
			holders[k] = who
		}
	}()
	return func() {
		_ = sub.Close()
		<-done
		_ = direct.Close()
	}
}

// check looks at what everybody saw and heard.
func (h *history) check() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.faults {
		h.t.Error(f)
	}
	// Only where the store did not answer in time does nobody know who has the floor.
	if unknown := h.unknownFloors(); len(h.early) > unknown {
		h.t.Errorf("the customer sees %q while an agent has the floor, which was unknown %d times", h.early, unknown)
	}
	rising(h.t, "the bot hears", h.heard, "u")
	rising(h.t, "the customer sees", h.seen, "re u")
	for claim := range h.claims {
		for socket := range strings.SplitSeq(strings.Join(h.seen, "\n"), entered) {
			rising(h.t, "the customer sees", strings.Split(socket, "\n"), fmt.Sprintf("agent %d ", claim+1))
		}
	}
	if h.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.t.Context()), proxytest.Timeout)
	defer cancel()
	told := map[string]int{}
	for _, node := range h.nodes {
		_ = node.store.Flush(ctx)
	}
	turns, err := h.nodes[0].store.History(ctx, h.id)
	for err != nil && ctx.Err() == nil { // the machine is busy
		turns, err = h.nodes[0].store.History(ctx, h.id)
	}
	if err != nil {
		h.t.Error(err)
	}
	for _, turn := range turns {
		told[turn.Role+" "+turn.Text]++
	}
	for _, text := range h.said {
		if n := told["customer "+text]; n != 1 {
			h.t.Errorf("%q is %d times in the story", text, n)
		}
	}
	client := h.nodes[0].store.Client()
	for _, key := range client.Keys(ctx, "*").Val() {
		if ttl := client.PTTL(ctx, key).Val(); ttl == -1 {
			h.t.Errorf("%s never expires", key)
		}
	}
}

// unknownFloors is how often a node went on without the stored state of a session.
func (h *history) unknownFloors() (n int) {
	for _, node := range h.nodes {
		for line := range strings.SplitSeq(node.scrape(), "\n") {
			if rest, ok := strings.CutPrefix(line, `attune_fail_open_total{reason="floor"} `); ok {
				k, _ := strconv.Atoi(rest)
				n += k
			}
		}
	}
	return n
}

// rising checks that the numbers behind a prefix grow: nothing is out of order and
// nothing comes twice.
func rising(t *testing.T, who string, list []string, prefix string) {
	t.Helper()
	last := -1
	for _, text := range list {
		rest, ok := strings.CutPrefix(text, prefix)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(rest)
		if err != nil {
			continue
		}
		if n <= last {
			t.Errorf("%s %q behind %q", who, text, prefix+strconv.Itoa(last))
		}
		last = n
	}
}
