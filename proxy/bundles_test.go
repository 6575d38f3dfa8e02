package proxy_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"attune/proxy"
	"attune/proxy/bundle"
	"attune/proxy/proxytest"
	"attune/proxy/session"
	"attune/rules"
)

// pusher is somebody who pushes rules, as the commands do.
type pusher struct {
	t     *testing.T
	store *session.Store
	shelf *bundle.Shelf
}

func openPusher(t *testing.T, url string) *pusher {
	t.Helper()
	store, err := session.Open(session.Config{URL: url, Leeway: ample})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return &pusher{t, store, bundle.NewShelf(store.Client())}
}

// until does something that may be done twice, until Redis says that it is done: on
// a busy machine it may not do so in time.
func (s *pusher) until(what string, do func(ctx context.Context) error) {
	s.t.Helper()
	for deadline := time.Now().Add(proxytest.Timeout); ; <-time.After(5 * time.Millisecond) {
		err := do(s.t.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal(what, err)
		}
	}
}

// change changes the slots and tells the nodes.
func (s *pusher) change(do func(ctx context.Context) (bundle.Slots, error)) bundle.Slots {
	s.t.Helper()
	slots, err := do(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.until("the nodes are not told", func(ctx context.Context) error {
		return s.store.Publish(ctx, session.Event{Kind: bundle.Changed})
	})
	return slots
}

// push puts a set into a slot, that words a denial in its own way, and returns
// its digest.
func (s *pusher) push(slot bundle.Slot, denial string) string {
	s.t.Helper()
	files := []rules.File{{Name: "people.yaml", Data: []byte(strings.ReplaceAll(people, "I could not get that approved.", denial))}}
	return s.change(func(ctx context.Context) (bundle.Slots, error) {
		placed := bundle.Placed{By: "mia", At: time.Now()}
		if slot == bundle.Canary {
			placed.Share = 50
		}
		return s.shelf.Push(ctx, files, slot, placed)
	}).In(slot).Digest
}

func bundled(c *proxy.Config, _ *session.Config) { c.Bundles = true }

// runs waits until a set is the active one.
func (h *house) runs(digest string) {
	h.t.Helper()
	h.eventually(`attune_rules_info{digest="` + digest + `",slot="active"} 1`)
	if got := h.server.Rules().Digest(); got != digest {
		h.t.Errorf("the set in force is %s, the gauge says %s", got, digest)
	}
}

// denies demands the words that a denial reaches the widget in.
func (h *house) denies(want string) {
	h.t.Helper()
	w := h.widget(proxytest.WidgetConfig{})
	c := h.bot.Accept()
	w.SendText(say("hello"))
	c.ExpectText(say("hello"))
	c.SendText(say("Your request has been denied."))
	w.ExpectText(say(want))
}

const shipped = "I could not get that approved."

func TestNodesFollowAPush(t *testing.T) {
	url := proxytest.StartRedis(t).URL()
	node := func() *house {
		return open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), redisAt(url), bundled)
	}
	a, b := node(), node()
	nodes := []*house{a, b}
	for _, h := range nodes {
		h.eventually("attune_degraded 1")
		h.denies(shipped)
		if !strings.Contains(h.logged(), "no active bundle of rules") {
			t.Error("the log does not say that there is no bundle")
		}
	}
	ops := openPusher(t, url)
	one := ops.push(bundle.Active, "That is not granted.")
	for _, h := range nodes {
		h.runs(one)
		h.denies("That is not granted.")
		h.eventually("attune_degraded 0")
	}
	two := ops.push(bundle.Active, "They do not approve that.")
	shadow := ops.push(bundle.Shadow, "Nobody sees this.")
	canary := ops.push(bundle.Canary, "They do not approve that.")
	if canary != two {
		t.Errorf("the same packs are %s and %s", two, canary)
	}
	for _, h := range append(nodes, node()) { // also one that comes later
		h.runs(two)
		h.eventually(`attune_rules_info{digest="` + shadow + `",slot="shadow"} 1`)
		h.eventually(`attune_rules_info{digest="` + canary + `",slot="canary"} 1`)
		h.denies("They do not approve that.")
	}
	ops.change(func(ctx context.Context) (bundle.Slots, error) {
		return ops.shelf.Rollback(ctx, bundle.Placed{By: "mia"})
	})
	ops.change(func(ctx context.Context) (bundle.Slots, error) { return ops.shelf.Empty(ctx, bundle.Canary) })
	for _, h := range nodes {
		h.runs(one)
		for deadline := time.Now().Add(proxytest.Timeout); strings.Contains(h.scrape(), canary+`",slot="canary"`); <-time.After(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("an empty slot is shown as in force")
			}
		}
		h.denies("That is not granted.") // no earlier: half of the sessions were the canary's
	}
	ops.change(func(ctx context.Context) (bundle.Slots, error) {
		return ops.shelf.Promote(ctx, bundle.Shadow, bundle.Placed{By: "mia"})
	})
	b.runs(shadow)
}

// TestABadBundleIsRefused: what is missing, damaged or faulty in Redis leaves the
// set in force where it is, and the node says so until something better is there.
func TestABadBundleIsRefused(t *testing.T) {
	url := proxytest.StartRedis(t).URL()
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), redisAt(url), bundled)
	ops := openPusher(t, url)
	one := ops.push(bundle.Active, "That is not granted.")
	h.runs(one)
	h.eventually("attune_degraded 0")
	set := func(key, value string) {
		t.Helper()
		ops.until("not stored", func(ctx context.Context) error {
			return ops.store.Client().Set(ctx, "attune:{rules}:"+key, value, 0).Err()
		})
		ops.until("the nodes are not told", func(ctx context.Context) error {
			return ops.store.Publish(ctx, session.Event{Kind: bundle.Changed})
		})
	}
	good := ops.store.Client().Get(t.Context(), "attune:{rules}:slots").Val()
	const bad = "0123456789abcdef"
	for i, stored := range []string{
		"",             // missing
		"packs",        // damaged
		`[{"data":1}]`, // from elsewhere
		`[{"name":"a.yaml","data":"cGFjazogWwo="}]`, // does not compile
		`[{"name":"a.yaml","data":"cGFjazogYQo="}]`, // is another set
	} {
		if stored != "" {
			set("bundle:"+bad, stored)
		}
		// The second slot alone is at fault: all or nothing.
		set("slots", `{"active":{"digest":"`+one+`","by":"`+string(rune('a'+i))+`"},"shadow":{"digest":"`+bad+`"}}`)
		h.eventually("attune_degraded 1")
		if status, body := h.ask(http.MethodPost, "/-/reload"); status != http.StatusUnprocessableEntity || !strings.Contains(body, one) {
			t.Errorf("%q: reload: %d %s", stored, status, body)
		}
		h.runs(one)
		if strings.Contains(h.scrape(), bad) {
			t.Errorf("%q is shown as in force", stored)
		}
		set("slots", good)
		h.eventually("attune_degraded 0")
	}
	h.denies("That is not granted.")

	ops.change(func(ctx context.Context) (bundle.Slots, error) {
		return bundle.Slots{}, ops.store.Client().FlushAll(ctx).Err()
	})
	h.eventually("attune_degraded 1")
	h.denies("That is not granted.")
	if !strings.Contains(h.logged(), "Redis has lost the bundles of rules") {
		t.Error("the log does not say what is lost")
	}
}

func TestBundlesWithoutRedis(t *testing.T) {
	server := proxytest.StartRedis(t)
	ops := openPusher(t, server.URL())
	one := ops.push(bundle.Active, "That is not granted.")
	server.Stop()
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), redisAt(server.URL()), bundled)
	h.eventually("attune_degraded 1")
	h.denies(shipped)
	if !strings.Contains(h.logged(), "no active bundle of rules") {
		t.Error("the log does not say that there is no bundle")
	}
	if status, body := h.ask(http.MethodPost, "/-/reload"); status != http.StatusUnprocessableEntity || !strings.Contains(body, "read the slots") {
		t.Errorf("reload: %d %s", status, body)
	}
	server.Start()
	h.runs(one)
	h.denies("That is not granted.")
	h.eventually("attune_degraded 0")
	server.Stop()
	h.denies("That is not granted.")
	h.eventually("attune_degraded 1")
	h.denies("That is not granted.")
}

// TestMissedEventsAreMadeUpFor: a push that nobody tells the nodes of.
func TestMissedEventsAreMadeUpFor(t *testing.T) {
	server := proxytest.StartRedis(t)
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), redisAt(server.URL()), bundled)
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{strings.TrimPrefix(server.URL(), "unix://")}})
	t.Cleanup(func() { _ = client.Close() })
	slots, err := bundle.NewShelf(client).Push(t.Context(), []rules.File{{Name: "a.yaml", Data: []byte("pack: a\n")}}, bundle.Active, bundle.Placed{By: "mia"})
	if err != nil {
		t.Fatal(err)
	}
	h.runs(slots.Active.Digest)
}

// TestKillSwitchInEverySet: a rule that is off is off in the canary as well.
func TestKillSwitchInEverySet(t *testing.T) {
	url := proxytest.StartRedis(t).URL()
	h := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), redisAt(url), bundled)
	ops := openPusher(t, url)
	one := ops.push(bundle.Active, "That is not granted.")
	canary := ops.push(bundle.Canary, "They do not approve that.")
	h.eventually(`attune_rules_info{digest="` + canary + `",slot="canary"} 1`)
	if status, body := h.ask(http.MethodPost, "/-/rules/denied/off"); status != http.StatusOK {
		t.Fatalf("off: %d %s", status, body)
	}
	for range 8 { // some of them are the canary's, but for one time in 256
		h.denies("Your request has been denied.")
	}
	if status, body := h.ask(http.MethodPost, "/-/rules/denied/on"); status != http.StatusOK {
		t.Fatalf("on: %d %s", status, body)
	}
	h.runs(one)
	h.eventually(`attune_rules_info{digest="` + canary + `",slot="canary"} 1`)
}
