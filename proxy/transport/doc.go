// Package transport runs bridges over sockets.
//
// A bridge is passive: it is handed bytes that arrived, the loss of a peer, an
// event from elsewhere or the passing of its deadline, always with the time,
// and fills an [Output] with what to send, what to close and when it wants to
// be asked again. A transport owns everything else: sockets, goroutines,
// deadlines of the operating system, queues and their bounds.
//
// [Goroutines] is the transport for every platform and for TLS: one reading
// goroutine a socket, which also writes to the opposite socket, so that a peer
// that reads slowly slows down the peer that feeds it and nobody else. One
// timer wheel serves all bridges.
//
// A transport calls a bridge from one goroutine at a time. It never looks into
// the bytes it carries.
package transport
