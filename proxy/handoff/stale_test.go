package handoff_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"attune/proxy/handoff"
)

// meddler is called behind each command of a client, and before each pipeline.
type meddler struct {
	behind func(cmd redis.Cmder)
	before func(cmds []redis.Cmder) error
}

func (m *meddler) DialHook(next redis.DialHook) redis.DialHook { return next }

func (m *meddler) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if m.behind != nil {
			m.behind(cmd)
		}
		return err
	}
}

func (m *meddler) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if m.before != nil {
			if err := m.before(cmds); err != nil {
				return err
			}
		}
		return next(ctx, cmds)
	}
}

// meddled is a board whose calls a test meddles with.
func meddled(t *testing.T, m *meddler) (*handoff.Board, *redis.Client) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = c.Close() })
	c.AddHook(m)
	return handoff.NewBoard(handoff.Config{Client: c, Prefix: prefix, Shards: shards(), MaxWait: time.Hour}), c
}

// TestAStaleLookServesNobodyElse: the queue changes while somebody looks at it.
func TestAStaleLookServesNobodyElse(t *testing.T) {
	t.Parallel()
	read, goOn := make(chan struct{}), make(chan struct{})
	var looks atomic.Int32
	b, _ := meddled(t, &meddler{behind: func(cmd redis.Cmder) {
		if cmd.Name() == "zrange" && looks.Add(1) == 1 {
			close(read)
			<-goOn
		}
	}})
	looked := make(chan []handoff.Handoff)
	go func() {
		open, _ := b.Waiting(t.Context())
		looked <- open
	}()
	<-read
	request(t, b, "late", "t")
	b.Refresh()
	close(goOn)
	if open := <-looked; len(open) != 0 {
		t.Errorf("the first look sees %v", open)
	}
	open, err := b.Waiting(t.Context())
	if err != nil || len(open) != 1 {
		t.Errorf("the next look sees %v, %v", open, err)
	}
}

// TestHealingIsTriedAgain: soon, where Redis did not let it the first time.
func TestHealingIsTriedAgain(t *testing.T) {
	t.Parallel()
	var failed atomic.Bool
	b, c := meddled(t, &meddler{before: func(cmds []redis.Cmder) error {
		if len(cmds) == len(shards()) && cmds[0].Name() == "zrange" && failed.CompareAndSwap(false, true) {
			return errors.New("no answer")
		}
		return nil
	}})
	if _, _, err := b.Request(t.Context(), handoff.Handoff{Session: "old", Token: "t", RequestedAt: time.Now().Add(-2 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	c.Del(t.Context(), "attune:{handoffs}:open")
	run(t, b)
	eventually(t, "the queue heals", func() error {
		h, err := b.Get(t.Context(), "old")
		if err == nil && h.State != handoff.Expired {
			err = errors.New("nobody has found the old one")
		}
		return err
	})
	if !failed.Load() {
		t.Error("the first try did not fail")
	}
}
