package session_test

import (
	"errors"
	"testing"
	"time"

	"attune/proxy/session"
)

func TestKeysInUseAreToldToLiveOnceInAWhile(t *testing.T) {
	a := open(t, session.Config{})
	s := a.Attach(id("in use"), true)
	say(s, "hello", 1)
	flush(t, node{Store: a})
	list := keys(t, node{Store: a}, s.ID())
	for _, k := range list { // what a flush that renews would shorten
		if err := a.Client().Expire(t.Context(), k, 24*time.Hour).Err(); err != nil {
			t.Fatal(err)
		}
	}
	say(s, "are you there?", 1)
	flush(t, node{Store: a})
	if len(list) != 2 {
		t.Errorf("keys = %q", list)
	}
	for _, k := range list {
		if ttl, err := a.Client().PTTL(t.Context(), k).Result(); err != nil || ttl < 23*time.Hour {
			t.Errorf("TTL of %s = %v, %v", k, ttl, err)
		}
	}
}

func TestKeysInUseLiveOn(t *testing.T) {
	a := open(t, session.Config{IdleTTL: time.Second})
	s := a.Attach(id("in use for long"), true)
	say(s, "hello", 1)
	flush(t, node{Store: a})
	list := keys(t, node{Store: a}, s.ID())
	if len(list) != 2 {
		t.Fatalf("keys = %q", list)
	}
	for _, k := range list {
		if err := a.Client().Persist(t.Context(), k).Err(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "a flush says again how long they live", func() error {
		say(s, "still here", 1)
		flush(t, node{Store: a})
		for _, k := range list {
			if ttl, err := a.Client().PTTL(t.Context(), k).Result(); err != nil || ttl <= 0 {
				return errors.Join(errors.New(k+" lives for ever"), err)
			}
		}
		return nil
	})
}
