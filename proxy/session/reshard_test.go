package session_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// move moves a slot of a Cluster from the node that has it to another, key by key;
// halfway through it calls midway.
func move(t *testing.T, group *proxytest.RedisGroup, slot int64, midway func()) {
	t.Helper()
	hosts, _ := group.Addrs()
	var nodes []*redis.Client
	var ids []string
	from := -1
	for i, host := range hosts {
		c := redis.NewClient(&redis.Options{Addr: host})
		t.Cleanup(func() { _ = c.Close() })
		nodes = append(nodes, c)
		ids = append(ids, order(t, c, "CLUSTER", "MYID"))
		if n := c.ClusterCountKeysInSlot(t.Context(), int(slot)).Val(); n > 0 {
			from = i
		}
	}
	if from < 0 {
		t.Fatal("nobody has anything in this slot")
	}
	to := (from + 1) % len(nodes)
	order(t, nodes[to], "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[from])
	order(t, nodes[from], "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to])
	host, port, _ := strings.Cut(hosts[to], ":")
	keys := nodes[from].ClusterGetKeysInSlot(t.Context(), int(slot), 1000).Val()
	for i, key := range keys {
		if i == len(keys)/2 {
			midway()
		}
		order(t, nodes[from], "MIGRATE", host, port, key, 0, 5000)
	}
	// What was made meanwhile is at the new place, by ASK.
	for _, i := range []int{to, from, 3 - to - from} {
		order(t, nodes[i], "CLUSTER", "SETSLOT", slot, "NODE", ids[to])
	}
}

func order(t *testing.T, c *redis.Client, args ...any) string {
	t.Helper()
	out, err := c.Do(t.Context(), args...).Text()
	if err != nil {
		t.Fatal(args, err)
	}
	return out
}

// TestAShardMovesInACluster: a conversation goes on while the slot of its shard is moved
// to another node, and nothing of it is lost or doubled.
func TestAShardMovesInACluster(t *testing.T) {
	group := proxytest.StartRedisCluster(t)
	a := openNode(t, group.URL(), "a")
	id := id("moved")
	s := a.Attach(id, true)
	var want []string
	talk := func() {
		text := fmt.Sprint("this is ", len(want))
		want = append(want, text)
		say(s, text, 1)
	}
	talk()
	flush(t, a)
	slot := a.Client().(*redis.ClusterClient).ClusterKeySlot(t.Context(), session.Prefix(id)).Val()
	move(t, group, slot, func() {
		for range 3 { // what cannot be stored now waits
			talk()
			_ = a.Flush(t.Context())
		}
	})
	talk()
	eventually(t, "nothing is stored at the new place", func() error { return a.Flush(t.Context()) })
	b := openNode(t, group.URL(), "b")
	other := b.Attach(id, false)
	defer b.Detach(other)
	if found, err := b.Load(t.Context(), other); err != nil || !found {
		t.Fatalf("found %v, %v", found, err)
	}
	other.Do(func(book *session.Book) {
		if points := book.State.(*score).Points; points != len(want) || book.Count() != len(want) {
			t.Errorf("%d points and %d turns, want %d", points, book.Count(), len(want))
		}
	})
	turns, err := b.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, turn := range turns {
		got = append(got, turn.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the story is %q", got)
	}
}
