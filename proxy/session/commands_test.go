package session_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// called is how often Redis has carried out each command, in scripts too, but those by
// which a connection is made and watched.
func called(t *testing.T, store *session.Store) map[string]int {
	t.Helper()
	info, err := store.Client().Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]int{}
	for line := range strings.SplitSeq(info, "\n") {
		name, rest, found := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		digits, _, _ := strings.Cut(rest, ",")
		if n, err := strconv.Atoi(digits); found && err == nil {
			calls[name] = n
		}
	}
	for name := range calls {
		switch root, _, _ := strings.Cut(name, "|"); root {
		case "info", "hello", "client", "ping":
			delete(calls, name)
		}
	}
	return calls
}

// TestCommandsOfAFlush: once a conversation is stored, what was said since costs a script
// call a shard and three commands a session, however long it is.
func TestCommandsOfAFlush(t *testing.T) {
	const sessions, flushes = 3, 2 * session.MaxTurns
	a := open(t, session.Config{URL: proxytest.StartRedis(t).URL(), IdleTTL: 24 * time.Hour})
	var list []*session.Session
	shards := map[int]bool{}
	for i := range sessions {
		s := a.Attach(id(fmt.Sprint("talks ", i)), true)
		shards[session.Shard(s.ID())] = true
		list = append(list, s)
	}
	round := func() {
		for _, s := range list {
			say(s, "and another thing", 1)
		}
		flush(t, node{Store: a})
	}
	round()
	before := called(t, a)
	for range flushes {
		round()
	}
	after := called(t, a)
	want := map[string]int{
		"evalsha": flushes * len(shards), "hmget": flushes * sessions, "hset": flushes * sessions, "rpush": flushes * sessions,
		"ltrim": sessions * (1 + flushes - session.MaxTurns*5/4) / (session.MaxTurns / 4),
	}
	for name, n := range after {
		if n -= before[name]; name == "ltrim" && n > want[name]+sessions || name != "ltrim" && n != want[name] {
			t.Errorf("%d times %s, want %d", n, name, want[name])
		}
	}
	for _, s := range list {
		if turns, err := a.History(t.Context(), s.ID()); err != nil || len(turns) != session.MaxTurns {
			t.Errorf("%d turns are read, want %d (%v)", len(turns), session.MaxTurns, err)
		}
		if n := a.Client().LLen(t.Context(), session.Prefix(s.ID())+"t:"+s.ID()).Val(); n > session.MaxTurns*5/4 {
			t.Errorf("%d turns are stored", n)
		}
	}
}
