package session

import (
	"context"
	"crypto/rand"
	"errors"
)

// ErrNoAnswer says that the node that was asked did not answer in time.
var ErrNoAnswer = errors.New("session: no answer from the other node")

// Ask tells an event to the node in e.To and waits for its answer (Answer), at
// most until ctx ends: ErrNoAnswer.
func (s *Store) Ask(ctx context.Context, e Event) (Event, error) {
	if a := s.askAll(ctx, []Event{e})[0]; a != nil {
		return *a, nil
	}
	return Event{}, ErrNoAnswer
}

// Answer answers an event that another node sent by Ask. It does not wait.
func (s *Store) Answer(asked, answer Event) error {
	answer.Session, answer.Kind, answer.To, answer.Token = asked.Session, KindAnswer, asked.Node, asked.Token
	return s.Post(answer)
}

// askAll tells each event to the node in its To and waits for all answers, at most
// until ctx ends; those that did not come are nil.
func (s *Store) askAll(ctx context.Context, asks []Event) []*Event {
	out := make([]*Event, len(asks))
	if len(asks) == 0 {
		return out
	}
	answers := make(chan Event, len(asks))
	of := make(map[string]int, len(asks))
	s.askedMu.Lock()
	for i := range asks {
		asks[i].Node, asks[i].Token = s.instance, rand.Text()
		of[asks[i].Token] = i
		s.asked[asks[i].Token] = answers
	}
	s.askedMu.Unlock()
	defer func() {
		s.askedMu.Lock()
		defer s.askedMu.Unlock()
		for token := range of {
			delete(s.asked, token)
		}
	}()
	s.publishAll(ctx, asks)
	for range asks {
		select {
		case a := <-answers:
			out[of[a.Token]] = &a
		case <-ctx.Done():
			return out
		}
	}
	return out
}

// answered hands an answer to whoever waits for it, once.
func (s *Store) answered(e Event) {
	s.askedMu.Lock()
	defer s.askedMu.Unlock()
	if to := s.asked[e.Token]; to != nil {
		delete(s.asked, e.Token)
		to <- e // it has room for all that were asked
	}
}
