package proxy_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
)

// hookSecret is what Attune and the helpdesk of these tests share.
var hookSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))

// told is one thing that a helpdesk was told.
type told struct {
	id   string
	Type string    `json:"type"`
	At   time.Time `json:"timestamp"`
	Data struct {
		Handoff, Session, Desk, Agent, Text string
		Cut                                 bool
		Card                                *struct {
			Reason, Why, Language string
			Words                 []string
		}
	} `json:"data"`
}

// helpdesk is another system with a webhook. It verifies every request with the
// Standard Webhooks library.
type helpdesk struct {
	url string
	// answer is asked before a request counts as heard, with how often its id has
	// come; a status of 0 cuts the connection.
	answer func(t told, nth int) (status int, heard bool)

	mu    sync.Mutex
	heard []told
	seen  map[string]int
}

func newHelpdesk(t testing.TB, answer func(t told, nth int) (int, bool)) *helpdesk {
	t.Helper()
	d := &helpdesk{answer: answer, seen: map[string]int{}}
	verifier, err := standardwebhooks.NewWebhook(hookSecret)
	if err != nil {
		t.Fatal(err)
	}
	described := mailSchema(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the attempt is over
		}
		if err := verifier.Verify(body, r.Header); err != nil {
			t.Errorf("a request that does not verify: %v", err)
		}
		if v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body)); err != nil || described.Validate(v) != nil {
			t.Errorf("a body that is not as described: %v", described.Validate(v))
		}
		if len(body) >= 20_000 {
			t.Errorf("a body of %d bytes", len(body))
		}
		m := told{id: r.Header.Get("Webhook-Id")}
		if err := json.Unmarshal(body, &m); err != nil {
			t.Errorf("body: %v", err)
		}
		status := d.take(m)
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	d.url = s.URL
	return d
}

// mailSchema is what the API's description says of such a body.
func mailSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(console.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("attune.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("attune.json#/components/schemas/Mail")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func (d *helpdesk) take(m told) int {
	d.mu.Lock()
	d.seen[m.id]++
	nth := d.seen[m.id]
	d.mu.Unlock()
	status, heard := http.StatusNoContent, true
	if d.answer != nil {
		status, heard = d.answer(m, nth)
	}
	if heard {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.heard = append(d.heard, m)
	}
	return status
}

// all is what was heard so far.
func (d *helpdesk) all() []told {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.heard)
}

// file is the desks' file that leads there, with the time that an attempt may take.
func (d *helpdesk) file(t testing.TB, timeout time.Duration) *proxy.Desks {
	t.Helper()
	desks, err := proxy.ParseDesks("desks.yaml", fmt.Appendf(nil, "help: {kind: webhook, address: %q, secret: %q, allow_private: true, timeout: %v, give_up: 5m}\n", d.url+"/attune", hookSecret, timeout))
	if err != nil {
		t.Fatal(err)
	}
	return desks
}

func (d *helpdesk) desks(t testing.TB) option { return d.hasty(t, time.Minute) }

// hasty is desks with less time for an attempt.
func (d *helpdesk) hasty(t testing.TB, timeout time.Duration) option {
	file := d.file(t, timeout)
	return config(func(c *proxy.Config) { c.Desks = file })
}

// expect waits until something is told, and returns it.
func (d *helpdesk) expect(t testing.TB, n int, kind string) told {
	t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); ; <-time.After(10 * time.Millisecond) {
		heard := d.all()
		if len(heard) > n {
			if heard[n].Type != kind {
				t.Fatalf("told %s, want %s", heard[n].Type, kind)
			}
			return heard[n]
		}
		if time.Now().After(deadline) {
			t.Fatalf("never told %s, only %d", kind, len(heard))
		}
	}
}

func TestWebhookDesk(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	help := newHelpdesk(t, nil)
	h := open(t, bot, pack(t, people), help.desks(t))
	w := h.widget(proxytest.WidgetConfig{})
	id := handOver(t, h, w)
	m := help.expect(t, 0, "handoff.requested")
	if m.Data.Session != id || m.Data.Desk != "help" || m.Data.Handoff == "" || m.id != m.Data.Handoff || m.Data.Card == nil ||
		m.Data.Card.Reason != "asks-for-person" || len(m.Data.Card.Words) == 0 || m.At.IsZero() {
		t.Errorf("told %+v", m)
	}
	h.eventually(`attune_handoffs_total{desk="help",state="offered"} 1`)
	h.eventually(`attune_deliveries_total{desk="help",outcome="ok"} 1`)
	w.SendText(say("my card is 4111 1111 1111 1111 and " + strings.Repeat("x", 30_000)))
	if m := help.expect(t, 1, "customer.said"); !strings.HasPrefix(m.Data.Text, "my card") || strings.Contains(m.Data.Text, "4111") || !m.Data.Cut {
		t.Errorf("told %.80q, cut %v", m.Data.Text, m.Data.Cut)
	}
	board := h.server.Switchboard()
	if err := board.Claim(t.Context(), id, "mia"); err != nil {
		t.Fatal(err)
	}
	if m := help.expect(t, 2, "handoff.accepted"); m.Data.Agent != "mia" || m.Data.Handoff != help.all()[0].Data.Handoff {
		t.Errorf("told %+v", m)
	}
	w.ExpectText(say("mia is here."))
	if err := board.Say(t.Context(), id, "mia", "hello"); err != nil {
		t.Fatal(err)
	}
	w.ExpectText(`{"text":"hello","agent":"mia"}`)
	for _, text := range []string{"one", "two", "three"} {
		w.SendText(say(text))
	}
	for i, text := range []string{"one", "two", "three"} {
		if m := help.expect(t, 3+i, "customer.said"); m.Data.Text != text {
			t.Errorf("told %q, want %q", m.Data.Text, text)
		}
	}
	if err := board.Resolve(t.Context(), id, "mia", console.Needed); err != nil {
		t.Fatal(err)
	}
	help.expect(t, 6, "handoff.resolved")
	w.ExpectText(say("The bot goes on."))
	w.SendText(say("to the bot"))
	bot.Accept().ExpectText(say("to the bot"))
	h.eventually(`attune_outbox_depth 0`)
	if n := len(help.all()); n != 7 {
		t.Errorf("told %d things, want 7", n)
	}
	if strings.Contains(h.logged(), "three") || strings.Contains(h.logged(), help.url) {
		t.Error("the log has a customer's words or the desk's address")
	}
}

func TestADeskIsToldThatTheCustomerGaveUp(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	help := newHelpdesk(t, nil)
	h := open(t, bot, pack(t, people), help.desks(t))
	w := h.widget(proxytest.WidgetConfig{})
	handOver(t, h, w)
	w.SendText(say("stay"))
	// That it was said may come before, or not at all: it ended what it belonged to.
	for deadline := time.Now().Add(proxytest.Timeout); ; <-time.After(10 * time.Millisecond) {
		heard := help.all()
		if slices.ContainsFunc(heard, func(m told) bool { return m.Type == "handoff.abandoned" }) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("never told, but %v", heard)
		}
	}
}

// TestADeskThatCannotBeReached: the customer is told and the bot goes on.
func TestADeskThatCannotBeReached(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	help := newHelpdesk(t, func(told, int) (int, bool) { return http.StatusGone, false })
	h := open(t, bot, pack(t, strings.Replace(people, "messages:\n", "messages:\n  handoff.failed: [\"Nobody can be reached.\"]\n", 1)), help.desks(t))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(say("I want to talk to a human"))
	w.ExpectText(say("One moment, I am fetching somebody."))
	w.ExpectText(say("Nobody can be reached."))
	h.eventually(`attune_handoffs_total{desk="help",state="failed"} 1`)
	h.eventually(`attune_deliveries_total{desk="help",outcome="dead"} 1`)
	h.eventually(`attune_floor_changes_total{to="bot"} 1`)
	w.SendText(say("where were we"))
	c.ExpectText(say("where were we"))
	c.SendText(say("Your request has been approved."))
	w.ExpectText(say("Your request has been approved."))
	if !strings.Contains(h.logged(), "dead letter") {
		t.Error("nobody is told in the log")
	}
}

// moody is a receiver that fails, hangs, and dies between work and answer, each
// for a part of what it is told and for the first two attempts.
func moody(m told, nth int) (status int, heard bool) {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(m.id))
	if nth > 2 {
		return http.StatusNoContent, true
	}
	switch sum.Sum32() / uint32(nth) % 10 {
	case 0, 1:
		return http.StatusInternalServerError, false
	case 2:
		<-time.After(1500 * time.Millisecond) // longer than an attempt lasts
		return http.StatusNoContent, false
	case 3, 4:
		return 0, true // it has done its work, and nobody knows
	case 5:
		return http.StatusBadGateway, true
	default:
		return http.StatusNoContent, true
	}
}

// handoffs is how many a test makes: 200, or what ATTUNE_HANDOFFS says.
func handoffs(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("ATTUNE_HANDOFFS"), "200"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestHandoffsReachAMoodyDesk: each is told at least once, each under one id,
// none is lost, on two nodes of which one goes.
func TestHandoffsReachAMoodyDesk(t *testing.T) {
	n := handoffs(t)
	help := newHelpdesk(t, moody)
	server := proxytest.StartRedis(t)
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	shared := []option{
		pack(t, people), help.hasty(t, time.Second), redisAt(server.URL()),
		limits(func(l *proxy.Limits) { l.PerAddress, l.Sessions = 0, 0 }),
	}
	nodes := []*house{open(t, bot, shared...), open(t, bot, shared...)}
	first := nodes[0]
	begin := time.Now()
	for i := range n {
		if i == n/2 {
			nodes[0].stop()
			<-nodes[0].stopped
			nodes = nodes[1:]
		}
		w := nodes[i%len(nodes)].widget(proxytest.WidgetConfig{})
		w.SendText(say("I want to talk to a human"))
		bot.Accept()
		w.ExpectText(say("One moment, I am fetching somebody."))
		w.Drop()
	}
	asked := time.Since(begin)
	sessions := map[string]string{} // and the one id of each
	ids := map[string]int{}
	for deadline := time.Now().Add(4*time.Minute + time.Duration(n)*20*time.Millisecond); ; <-time.After(50 * time.Millisecond) {
		clear(sessions)
		clear(ids)
		for _, m := range help.all() {
			if m.Type != "handoff.requested" {
				continue // whoever leaves gives up, some time
			}
			ids[m.id]++
			if id, known := sessions[m.Data.Session]; known && id != m.id {
				t.Fatalf("a session has two ids")
			}
			sessions[m.Data.Session] = m.id
		}
		if len(ids) == n {
			break
		}
		if time.Now().After(deadline) {
			for i, h := range []*house{first, nodes[0]} {
				for line := range strings.Lines(h.scrape()) {
					if strings.HasPrefix(line, "attune_handoffs_total") || strings.HasPrefix(line, "attune_deliveries") || strings.HasPrefix(line, "attune_fail_open") || strings.HasPrefix(line, "attune_outbox") || strings.HasPrefix(line, "attune_store_errors") {
						t.Logf("node %d: %s", i, line)
					}
				}
			}
			t.Fatalf("%d of %d were told", len(ids), n)
		}
	}
	if len(sessions) != n {
		t.Errorf("%d sessions, want %d", len(sessions), n)
	}
	repeated := 0
	for _, times := range ids {
		if times > 1 {
			repeated++
		}
	}
	t.Logf("%d handoffs asked for in %v, all told after %v, %d of them more than once", n, asked.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond), repeated)
	nodes[0].eventually(`attune_deliveries_total{desk="help",outcome="dead"} 0`)
}
