package proxy_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/proxytest"
)

// userOfThePages is the order by which the pages make a user for Attune, in words.
func userOfThePages(t *testing.T) (order []any) {
	t.Helper()
	page, err := os.ReadFile("../deploy/one-machine.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("`(ACL SETUSER attune on >password [^`]+)`").FindSubmatch(page)
	if found == nil {
		t.Fatal("one-machine.md makes no user")
	}
	for word := range strings.FieldsSeq(string(found[1])) {
		order = append(order, word)
	}
	return order
}

// TestTheUserOfThePagesIsEnough: with the rights that one-machine.md gives to Attune's
// user in Redis, nothing that Attune does is denied: a single server, and a Cluster.
func TestTheUserOfThePagesIsEnough(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) (url string, servers []*redis.Client){
		"single": func(t *testing.T) (string, []*redis.Client) {
			t.Helper()
			r := proxytest.StartRedis(t)
			return "unix://attune:password@" + r.Socket(), []*redis.Client{redis.NewClient(&redis.Options{Network: "unix", Addr: r.Socket()})}
		},
		"cluster": func(t *testing.T) (string, []*redis.Client) {
			t.Helper()
			hosts, _ := proxytest.StartRedisCluster(t).Addrs()
			var servers []*redis.Client
			for _, host := range hosts {
				servers = append(servers, redis.NewClient(&redis.Options{Addr: host}))
			}
			return "redis://attune:password@" + strings.Join(hosts, ","), servers
		},
	} {
		t.Run(name, func(t *testing.T) {
			url, servers := start(t)
			for _, c := range servers {
				defer func() { _ = c.Close() }()
				if err := c.Do(t.Context(), userOfThePages(t)...).Err(); err != nil {
					t.Fatal(err)
				}
			}
			everything(t, url)
			for _, c := range servers {
				denied, err := c.ACLLog(t.Context(), 100).Result()
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range denied {
					t.Errorf("%s of %s is denied: %s", d.Reason, d.Username, d.Object)
				}
			}
		})
	}
}

// everything has two nodes do all that they do in Redis.
func everything(t *testing.T, url string) {
	t.Helper()
	help := newHelpdesk(t, nil)
	options := []option{pack(t, promising), help.desks(t), redisAt(url), secret("a secret of all nodes"), bundled}
	open := func() *house { return open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), options...) }
	a, b := open(), open()
	hear(t, a, b)
	if err := b.server.Switchboard().Present(t.Context(), "mia"); err != nil {
		t.Error(err)
	}
	w, _ := a.talk(known, "hello")
	flushed(t, a)
	w.SendText(say("I want to talk to a human"))
	w.NextText()
	id := help.expect(t, 0, "handoff.requested").Data.Session
	b.claimed(id, w)
	b.eventually(`attune_handoffs_total{desk="help",state="active"} 1`)
	if err := b.server.Switchboard().Say(t.Context(), id, "mia", "how can I help"); err != nil {
		t.Error(err)
	}
	w.ExpectText(`{"text":"how can I help","agent":"mia"}`)
	flushed(t, a)
	w.Drop()
	w, _ = b.widget(proxytest.WidgetConfig{Header: known}), b.bot.Accept()
	w.SendText(say("here I am again"))
	b.owner(b)
	if err := a.server.Switchboard().Resolve(t.Context(), id, "mia", console.Needed); err != nil {
		t.Error(err)
	}
	w.ExpectText(say("The bot goes on."))
	waitFor(t, "the desk is never told that it is over", func() bool {
		return slices.ContainsFunc(help.all(), func(m told) bool { return m.Type == "handoff.resolved" })
	})
	if _, err := a.store.History(t.Context(), id); err != nil {
		t.Error(err)
	}
	if err := proxy.Erase(t.Context(), a.store, id); err != nil {
		t.Error(err)
	}
	a.server.Mend(t.Context())
	for _, h := range []*house{a, b} {
		if strings.Contains(h.logged(), "NOPERM") {
			t.Error(h.logged())
		}
	}
}
