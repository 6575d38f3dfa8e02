package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"attune/metrics"
	"attune/proxy/handoff"
	"attune/proxy/webhook"
)

// couriers bring the outbox's mail to the desks of other systems.
type couriers struct {
	d       *switchboard
	outbox  *handoff.Outbox
	clients map[string]*webhook.Client // by desk
	words   words
}

// newCouriers returns the couriers of the webhook desks; nil when there is none.
func newCouriers(d *switchboard, shards []string) *couriers {
	c := &couriers{d: d, clients: map[string]*webhook.Client{}, words: words{bySession: map[string][]word{}}}
	var ids []string
	giveUp := map[string]time.Duration{}
	for _, k := range d.s.cfg.Desks.of(deskWebhook) {
		ids = append(ids, k.id)
		giveUp[k.id] = k.giveUp
		c.clients[k.id] = webhook.NewClient(webhook.Config{
			Address: k.address, Secrets: k.secrets, Timeout: k.timeout, AllowPrivate: k.allowPrivate,
		})
	}
	if len(ids) == 0 {
		return nil
	}
	c.outbox = handoff.NewOutbox(handoff.OutboxConfig{
		Client: d.store.Client(), Shards: shards, Desks: ids, Deliver: c.deliver, Delivered: c.delivered, Dead: c.dead,
		GiveUp: func(desk string) time.Duration { return giveUp[desk] }, Observe: d.s.observeStore, Logger: d.s.log,
	})
	return c
}

// box is the outbox, nil when nobody is told anything.
func (c *couriers) box() *handoff.Outbox {
	if c == nil {
		return nil
	}
	return c.outbox
}

// run delivers until ctx ends.
func (c *couriers) run(ctx context.Context) {
	if c == nil {
		return
	}
	_ = c.outbox.Run(ctx) // it returns nil
	for _, client := range c.clients {
		client.Close()
	}
}

// measure sets the gauges of the outbox.
func (c *couriers) measure(now time.Time) {
	if c == nil {
		return
	}
	depth, oldest := c.outbox.Standing()
	c.d.s.metrics.OutboxDepth.Set(float64(depth))
	age := 0.0
	if !oldest.IsZero() {
		age = now.Sub(oldest).Seconds()
	}
	c.d.s.metrics.OutboxOldest.Set(age)
}

// deliver makes one attempt.
func (c *couriers) deliver(ctx context.Context, m handoff.Mail) error {
	counts := c.d.s.metrics.Courier(m.Desk)
	body, err := envelope(m)
	if err != nil {
		return &handoff.RefusedError{Reason: "not encoded"}
	}
	begin := time.Now()
	err = c.clients[m.Desk].Send(ctx, webhook.Message{ID: m.ID, Body: body})
	if ctx.Err() != nil {
		return err // this node stops, another one tries again
	}
	counts.Seconds.Observe(time.Since(begin).Seconds())
	if err == nil {
		counts.Delivery(metrics.DeliveryOK)
		return nil
	}
	counts.Delivery(metrics.DeliveryFailed)
	c.d.s.log.Warn("a desk was not told", "desk", m.Desk, "type", m.Type, "tries", m.Tries+1, "error", err)
	var status *webhook.StatusError
	switch {
	case errors.As(err, &status) && status.Code == http.StatusGone:
		return &handoff.RefusedError{Reason: "410 gone"}
	case errors.As(err, &status) && status.After > 0:
		return &handoff.LaterError{After: status.After, Err: err}
	case errors.Is(err, webhook.ErrAddress):
		return &handoff.RefusedError{Reason: "address refused"}
	}
	return err
}

// delivered notes that the desk knows of a handoff.
func (c *couriers) delivered(ctx context.Context, m handoff.Mail) error {
	if m.Type != handoff.MailRequested {
		return nil
	}
	_, err := c.d.board.OfferAt(ctx, m.Session, m.Token, m.Desk)
	return gone(err)
}

// dead ends a handoff of which its desk could not be told: the customer must not
// wait for somebody who knows nothing. One that waits elsewhere by now goes on there.
func (c *couriers) dead(ctx context.Context, m handoff.Mail, reason string) error {
	if m.Type == handoff.MailRequested {
		if _, err := c.d.board.FailWaiting(ctx, m.Session, m.Token, m.Desk); gone(err) != nil {
			return err
		}
	}
	c.d.s.metrics.Courier(m.Desk).Delivery(metrics.DeliveryDead)
	c.d.s.log.Error("a desk could not be told: dead letter", "desk", m.Desk, "type", m.Type, "handoff", m.Token, "tries", m.Tries, "reason", reason)
	return nil
}

// gone is err unless it says that the handoff is over, or has gone on.
func gone(err error) error {
	if errors.Is(err, handoff.ErrNone) || errors.Is(err, handoff.ErrState) {
		return nil
	}
	return err
}

// maxEnvelope bounds a body, in bytes: Standard Webhooks advises to stay below 20 kB.
const maxEnvelope = 20_000

// envelope is the body that tells a mail. Texts that are too long for it are cut.
func envelope(m handoff.Mail) ([]byte, error) {
	for {
		body, err := json.Marshal(struct {
			Type      string       `json:"type"`
			Timestamp time.Time    `json:"timestamp"`
			Data      handoff.Mail `json:"data"`
		}{m.Type, m.At.UTC(), m})
		if err != nil {
			return nil, fmt.Errorf("encode mail: %w", err)
		}
		if len(body) < maxEnvelope || !m.Shorten() {
			return body, nil
		}
	}
}
