package proxy

import (
	"errors"
	"time"

	"attune/proxy/frame"
	"attune/proxy/transport"
)

// How long the other side may take to answer a Close before its socket is cut.
const closeWait = 2 * time.Second

// closing is the end of a bridge on its way. One side (or Attune) began it; the
// other is told and may still finish what it was saying, so that a message that
// was forwarded gets its reply; then the side that began is answered.
type closing struct {
	begun bool
	by    transport.Side // the side that is answered last
	last  ending         // what that side is told
	until instant        // the other side answers until then or is cut
}

// begin ends the bridge. The side by said or did something that ends it; told
// is what the other side hears at once, last what by hears at the end.
func (b *bridge) begin(by transport.Side, told, last ending, now time.Time, out *transport.Output) {
	if b.closing.begun {
		return
	}
	b.releaseAll(now, out) // what was said before still goes out
	b.closing = closing{begun: true, by: by, last: last, until: instantOf(now.Add(closeWait))}
	b.deaf[by] = true
	if b.gone[by.Other()] {
		b.finish(now, out)
		return
	}
	b.sendClose(by.Other(), told, out)
}

// finish tells the side that began the end, and closes both.
func (b *bridge) finish(now time.Time, out *transport.Output) {
	if b.over {
		return
	}
	b.releaseAll(now, out)
	b.over = true
	b.forsake()
	b.deaf = [2]bool{true, true}
	if !b.gone[b.closing.by] {
		b.sendClose(b.closing.by, b.closing.last, out)
	}
	out.Close = [2]bool{true, true}
}

func (b *bridge) sendClose(to transport.Side, e ending, out *transport.Output) {
	if b.told[to] {
		return
	}
	b.told[to] = true
	var payload [frame.MaxControl]byte
	p := payload[:0]
	if e.code != 0 {
		p = frame.AppendClosePayload(p, e.code, e.reason)
	}
	b.emit(to, frame.Close, p, out)
}

// closed handles a Close frame from a side. Code 1005 (none given) is relayed
// as an empty payload.
func (b *bridge) closed(from transport.Side, payload []byte, now time.Time, out *transport.Output) {
	b.deaf[from] = true
	if b.closing.begun {
		if from != b.closing.by {
			b.finish(now, out)
		}
		return
	}
	code, reason, err := frame.ParseClose(payload)
	if err != nil { // the decoder has checked it already
		code = 1002
	}
	if from == transport.Backend && comesBack(code) && b.rejoin == nil && b.canRejoin() {
		b.sendClose(from, ending{code: code, reason: reason}, out)
		out.Close[from] = true
		b.miss(now)
		return
	}
	e := ending{code: code, reason: reason, cause: "peer_closed"}
	if code == 1005 {
		e = ending{cause: "peer_closed"}
	}
	b.account(code, sideLabel(from))
	b.begin(from, e, e, now, out)
}

// violated handles a fault in what a side sent.
func (b *bridge) violated(from transport.Side, err error, now time.Time, out *transport.Output) {
	e := endFault
	var fault *frame.Error
	if errors.As(err, &fault) {
		e = violation(fault)
	}
	b.expel(from, e, now, out)
}

// expel ends the bridge for what one side did.
func (b *bridge) expel(side transport.Side, e ending, now time.Time, out *transport.Output) {
	if b.closing.begun {
		b.deaf[side] = true
		if side != b.closing.by {
			b.finish(now, out)
		}
		return
	}
	b.account(e.code, attuneSide)
	told := endGone
	if side == transport.Backend {
		told = endUnreachable
	}
	b.begin(side, told, e, now, out)
}

// end closes the bridge for a reason of Attune's own: the widget is told, the
// backend hears that the peer is gone.
func (b *bridge) end(e ending, now time.Time, out *transport.Output) {
	if b.closing.begun {
		return
	}
	b.releaseAll(now, out)
	b.account(e.code, attuneSide)
	b.sendClose(transport.Widget, e, out)
	b.begin(transport.Widget, endGone, e, now, out)
}

// Lost implements [transport.Bridge].
func (b *bridge) Lost(side transport.Side, err error, now time.Time, out *transport.Output) {
	b.releaseAll(now, out) // the last words of a peer that hung up at once
	b.gone[side], b.deaf[side], b.unfinished[side] = true, true, 0
	switch {
	case b.over:
	case b.closing.begun:
		b.finish(now, out)
	case side == transport.Backend && b.seek(now):
	case side == transport.Widget:
		code := uint16(1006)
		if errors.Is(err, transport.ErrSlow) {
			code = endSlow.code
		}
		b.account(code, sideLabel(side))
		b.begin(side, endGone, endGone, now, out)
	default:
		b.account(endUnreachable.code, sideLabel(side))
		b.closing = closing{begun: true, by: transport.Widget, last: endUnreachable, until: instantOf(now)}
		b.finish(now, out)
	}
	b.setNext(now, out)
}
