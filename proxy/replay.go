package proxy

import (
	"context"
	"encoding/binary"
	"time"

	"attune/proxy/frame"
	"attune/proxy/session"
	"attune/proxy/transport"
)

// What Attune and agents say is kept until the widget shows that it has arrived,
// and said again when the widget comes back without having done so: at least
// once, byte for byte, so only where the profile says that widgets know a
// message's id again (once). A ping right behind the message asks for the sign;
// any frame that comes a while later is one, too. What the bot says is not kept.
// recall.go finds it again.

// sent is a message that the widget has not confirmed.
type sent struct {
	id     string
	number uint64 // in the ping behind it
	at     time.Time
}

const (
	// maxSent bounds them; the oldest count as lost.
	maxSent = 64
	// surelyLater is how long after a message a frame of the widget must come to
	// prove that the conn was whole then: it has not passed the message on its way.
	surelyLater = 2 * time.Second
)

// keep keeps a message that was just sent to the widget.
func (b *bridge) keep(say speech, msg []byte, now time.Time, out *transport.Output) {
	id := say.id
	if id == "" || b.sess == nil || !b.route.Profile.Once() {
		return
	}
	if len(b.sent) >= maxSent {
		b.sent = b.sent[1:]
	}
	b.pings++
	b.sent = append(b.sent, sent{id, b.pings, now})
	if b.byHTTP() == nil {
		b.emit(transport.Widget, frame.Ping, binary.BigEndian.AppendUint64(nil, b.pings), out)
	}
	if say.again != nil { // it waits already
		return
	}
	sess := b.sess
	b.s.later(func() {
		ctx, cancel := b.s.within(context.Background(), storeWait)
		defer cancel()
		if err := b.s.cfg.Store.Keep(ctx, sess, session.Unconfirmed{ID: id, At: now, Message: msg}); err != nil {
			b.s.log.Warn("words wait on this node only for a sign of the widget", "error", err)
		}
	})
}

// arrivedBy concludes from a frame of the widget what has arrived.
func (b *bridge) arrivedBy(op frame.Opcode, p []byte, now time.Time) {
	if len(b.sent) == 0 {
		return
	}
	number := uint64(0)
	if op == frame.Pong && len(p) == 8 {
		number = binary.BigEndian.Uint64(p)
	}
	var ids []string
	for _, s := range b.sent {
		if s.number > number && now.Sub(s.at) < surelyLater {
			break
		}
		ids = append(ids, s.id)
	}
	if len(ids) == 0 {
		return
	}
	if b.sent = b.sent[len(ids):]; len(b.sent) == 0 {
		b.sent = nil
	}
	sess := b.sess
	if sess == nil {
		return
	}
	b.s.later(func() {
		ctx, cancel := b.s.within(context.Background(), storeWait)
		defer cancel()
		if err := b.s.cfg.Store.Confirm(ctx, sess, ids...); err != nil {
			b.s.log.Warn("words that arrived may be said again", "error", err)
		}
	})
}
