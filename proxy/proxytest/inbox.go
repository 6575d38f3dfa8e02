package proxytest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"attune/proxy/frame"
)

// End is the opcode of the Message that stands for the end of the TCP stream. No frame has it.
const End frame.Opcode = 0xFF

// Message is something that arrived.
type Message struct {
	// Op is Text, Binary, Close, Ping, Pong or End.
	Op frame.Opcode
	// Data is the payload; the reason of a Close; the fault, if any, that made a reader give up at an End.
	Data string
	// Code is the code of a Close, 1005 when it carried none.
	Code uint16
}

// String shows a message as transcripts do.
func (m Message) String() string {
	switch m.Op {
	case End:
		if m.Data != "" {
			return "end of the stream: " + m.Data
		}
		return "end of the stream"
	case frame.Close:
		return fmt.Sprintf("close %d %q", m.Code, m.Data)
	default:
		data := m.Data
		if len(data) > maxShown {
			return fmt.Sprintf("%v %q… (%d bytes)", m.Op, data[:maxShown], len(data))
		}
		return fmt.Sprintf("%v %q", m.Op, data)
	}
}

// maxShown is how many bytes of a payload transcripts and failures show.
const maxShown = 200

// beat reports whether a message is a ping or a pong; they are kept apart, as they come when they like.
func (m Message) beat() bool { return m.Op == frame.Ping || m.Op == frame.Pong }

// inbox keeps what arrived, without a bound, and what was said. It is safe for concurrent use.
type inbox struct {
	mu         sync.Mutex
	messages   []Message
	beats      []Message
	transcript []string
	wake       chan struct{} // closed and made anew when something arrives
}

func newInbox() *inbox { return &inbox{wake: make(chan struct{})} }

// put adds what arrived.
func (b *inbox) put(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m.beat() {
		b.beats = append(b.beats, m)
	} else {
		b.messages = append(b.messages, m)
	}
	b.transcript = append(b.transcript, "< "+m.String())
	close(b.wake)
	b.wake = make(chan struct{})
}

// said notes what was sent.
func (b *inbox) said(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.transcript = append(b.transcript, "> "+line)
}

// take removes and returns the first message that fits, waiting for it until the time is up.
func (b *inbox) take(list func(*inbox) *[]Message, fits func(Message) bool, wait time.Duration) (Message, bool) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		b.mu.Lock()
		l, wake := list(b), b.wake
		if i := slices.IndexFunc(*l, fits); i >= 0 {
			m := (*l)[i]
			*l = slices.Delete(*l, i, i+1)
			b.mu.Unlock()
			return m, true
		}
		b.mu.Unlock()
		select {
		case <-wake:
		case <-timeout.C:
			return Message{}, false
		}
	}
}

// next returns the next text, binary, close or end.
func (b *inbox) next(wait time.Duration) (Message, bool) {
	return b.take(func(b *inbox) *[]Message { return &b.messages }, func(Message) bool { return true }, wait)
}

// beat returns the next ping or pong.
func (b *inbox) beat(op frame.Opcode, wait time.Duration) (Message, bool) {
	return b.take(func(b *inbox) *[]Message { return &b.beats }, func(m Message) bool { return m.Op == op }, wait)
}

// String is the transcript, the last lines of it when it is long.
func (b *inbox) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	const lines = 50
	shown := b.transcript[max(0, len(b.transcript)-lines):]
	head := "transcript:\n"
	if hidden := len(b.transcript) - len(shown); hidden > 0 {
		head = fmt.Sprintf("transcript, %d lines earlier left out:\n", hidden)
	}
	return head + strings.Join(shown, "\n")
}
