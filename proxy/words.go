package proxy

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"attune/metrics"
	"attune/proxy/handoff"
)

const (
	// maxWords is how many utterances of a session may wait for the outbox.
	maxWords = 64
	// wordsWait is how long one waits while Redis is gone, or while its handoff is
	// still on its way there.
	wordsWait = time.Minute
)

// words are what customers say to desks of other systems, on their way to the
// outbox: each session's in order.
type words struct {
	mu sync.Mutex
	// bySession has a session as long as somebody posts for it.
	bySession map[string][]word
}

type word struct {
	id, text string
	at       time.Time
}

// said tells the desk of a handoff what the customer said. It does not wait.
func (c *couriers) said(session, text string, at time.Time, token string) {
	if c == nil || text == "" {
		return
	}
	c.words.mu.Lock()
	defer c.words.mu.Unlock()
	waiting, posting := c.words.bySession[session]
	if len(waiting) >= maxWords {
		c.d.s.metrics.FailOpen(metrics.FailDesk)
		return
	}
	c.words.bySession[session] = append(waiting, word{cmp.Or(token, rand.Text()), text, at})
	if !posting {
		c.d.s.later(func() { c.post(session) })
	}
}

// post puts the words of a session into the outbox until none wait.
func (c *couriers) post(session string) {
	for {
		c.words.mu.Lock()
		waiting := c.words.bySession[session]
		if len(waiting) == 0 {
			delete(c.words.bySession, session)
			c.words.mu.Unlock()
			return
		}
		w := waiting[0]
		c.words.mu.Unlock()
		if !c.told(session, w) {
			c.d.s.metrics.FailOpen(metrics.FailDesk)
		}
		c.words.mu.Lock()
		c.words.bySession[session] = c.words.bySession[session][1:]
		c.words.mu.Unlock()
	}
}

// told puts one utterance into the outbox; false when that was not possible in
// time. An utterance without a handoff, or for a desk that is not told, is none.
func (c *couriers) told(session string, w word) bool {
	for deadline := time.Now().Add(wordsWait); ; {
		ctx, cancel := c.d.s.within(context.Background(), storeWait)
		_, err := c.d.board.Said(ctx, session, w.id, w.text, w.at)
		cancel()
		switch {
		case err == nil:
			return true
		case errors.Is(err, handoff.ErrFull):
			return false
		case errors.Is(err, handoff.ErrNone) && time.Since(w.at) > c.d.s.stretch(storeWait):
			return true // it was on its way and lost to another one, or is over
		}
		wait(context.Background(), c.d.stopped, time.Second/4)
		select {
		case <-c.d.stopped:
			return false
		default:
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}
