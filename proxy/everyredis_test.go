package proxy_test

import (
	"context"
	"testing"
	"time"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// hear waits until two nodes have leases and hear one another, whatever their Redis.
func hear(t *testing.T, a, b *house) {
	t.Helper()
	for _, pair := range [][2]*house{{a, b}, {b, a}} {
		waitFor(t, "the nodes do not hear one another", func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err := pair[0].store.Ask(ctx, session.Event{Session: "nobody", Kind: session.KindKnock, To: pair[1].store.Instance()})
			return err == nil && pair[0].store.Leased() && pair[1].store.Leased()
		})
	}
}

// TestConversationOverEveryRedis has one customer on two nodes and an agent, over
// a Cluster and over a primary with Sentinel, where the primary dies on the way.
func TestConversationOverEveryRedis(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *proxytest.RedisGroup{
		"cluster": proxytest.StartRedisCluster, "sentinel": proxytest.StartRedisSentinel,
	} {
		t.Run(name, func(t *testing.T) {
			group := start(t)
			url := redisAt(group.URL())
			a := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), url)
			b := open(t, proxytest.NewBackend(t, proxytest.BackendConfig{}), pack(t, people), url)
			hear(t, a, b)
			w, bot := a.talk(known, "hello")
			id := handOver(t, a, w)
			board := b.server.Switchboard()
			b.claimed(id, w)
			b.eventually(`attune_handoffs_total{desk="console",state="active"} 1`)
			bot.SendText(say("Sorry, I did not get that."))
			a.eventually(`attune_late_frames_dropped_total{profile="json"} 1`)
			if err := board.Say(t.Context(), id, "mia", "how can I help"); err != nil {
				t.Fatal(err)
			}
			w.ExpectText(`{"text":"how can I help","agent":"mia"}`)
			flushed(t, a)
			w.Drop()

			// The customer comes back on the other node, and the agent is still there.
			w, bot = b.widget(proxytest.WidgetConfig{Header: known}), b.bot.Accept()
			w.SendText(say("here I am again"))
			b.eventually(`attune_messages_total{direction="upstream",role="customer"} 1`)
			bot.ExpectSilence(200 * time.Millisecond)
			if err := a.server.Switchboard().Return(t.Context(), id, "mia"); err != nil {
				t.Fatal(err)
			}
			w.ExpectText(say("The bot goes on."))
			waitFor(t, "the bot has not got the floor back", func() bool {
				sess, ok := b.store.Live(id)
				free := false
				if ok {
					sess.Do(func(book *session.Book) { free = book.Floor == session.Bot })
				}
				return free
			})
			w.SendText(say("thanks"))
			bot.ExpectText(say("thanks"))

			if name == "sentinel" {
				group.FailOver()
				w.SendText(say("are you there"))
				bot.ExpectText(say("are you there"))
			}
			w.SendText(say("I want to talk to a human"))
			w.ExpectText(say("One moment, I am fetching somebody."))
			waitFor(t, "nobody waits", func() bool {
				list, err := b.server.Switchboard().Waiting(t.Context())
				return err == nil && len(list) == 1
			})
		})
	}
}
