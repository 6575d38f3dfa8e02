// Package transport runs bridges over sockets.
//
// A bridge is passive: it is handed bytes that arrived, the loss of a peer, an
// event from elsewhere or the passing of its deadline, always with the time,
// and fills an [Output] with what to send, what to close and when it wants to
// be asked again. A transport owns everything else: sockets, goroutines,
// deadlines of the operating system, queues and their bounds.
//
// There are two ways to run a bridge, and a [Transport] chooses by its sockets.
//
// Event loops, for plain TCP on Linux: one goroutine a processor serves thousands
// of sockets, both of a bridge always on the same loop. A bridge at rest costs a
// few hundred bytes, a message one call to read and one to write. Descriptors are
// taken from Go's poller and registered with the loop's own epoll once,
// edge-triggered, each under an id that is never used again. A loop goes round:
// sockets that became ready, bridges that have more to read than one read brings,
// deadlines, mail (events from elsewhere). What has become ready is read first, all
// of it; then the bridges are called; then what they send is written (see round).
// It waits on Go's poller, for which an epoll descriptor is just another one, and
// has one room for what is read, so that a bridge at rest holds none. A call of the
// bridge that may take long (see Bridge.Weight) gets a goroutine of its own, so that
// the other bridges of the loop do not wait for it; meanwhile that bridge is not read
// and its events wait in order.
//
// Goroutines, for every platform and for TLS: one reading goroutine a socket,
// which also writes to the opposite socket, so that a peer that reads slowly slows
// down the peer that feeds it and nobody else. One timer wheel serves all bridges.
//
// Either way a bridge is called from one goroutine at a time. A transport
// never looks into the bytes it carries.
//
// # Decisions
//
//   - No writing goroutine: whoever has bytes for an idle socket writes them. Half
//     the goroutines, and back-pressure comes by itself.
//   - A loop waits on Go's poller and calls read, write and epoll without telling
//     the scheduler, which takes processors back from threads that sit in calls and
//     polls for them every 20 us: 7 % of the CPU.
//   - Rounds in stages instead of bridges one by one: 10 to 13 % of the CPU at 64
//     and 1,000 busy connections (2026-11-28, medians of four runs in turns). With few
//     sockets ready a round is one message and costs what it did.
//   - A loop yields after a round of more than 0.1 ms: p99 at 64 busy connections from
//     18 to 5 ms, since nobody waits until the scheduler takes a processor away.
//   - Edge-triggered, registered once: no call to arm or disarm a socket; what may
//     still be read is one flag.
package transport
