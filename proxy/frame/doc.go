// Package frame turns bytes into WebSocket messages and messages into bytes, as RFC 6455 has it and no looser.
//
// It owns the rules of the wire: reserved bits and opcodes, masking, minimal lengths, control frames, the order of
// continuations, close payloads, UTF-8 and the size of a message. Each of them is enforced as soon as the byte that
// breaks it has arrived: a header that claims too much is refused before its payload, a text that cannot be UTF-8
// any more is refused inside its unfinished frame.
//
// It never reads or writes a socket, never starts a goroutine, never takes a lock, never looks at the clock and never
// negotiates an extension (so every reserved bit is an error). Compression is no part of it.
//
// A [Decoder] belongs to one direction of one conn and to one caller at a time. The functions that encode are safe
// for concurrent use. Nothing is allocated for a frame that lies wholly inside the bytes that were fed: it is
// unmasked where it lies and handed out from there. What arrives in pieces is collected in a buffer that grows with
// what has arrived, and between messages a decoder holds no buffer at all.
//
//	dec := frame.NewDecoder(true, frame.Limits{Message: 64 << 10})
//	for {
//		n, err := conn.Read(buf)
//		dec.Feed(buf[:n])
//		for {
//			msg, ok, err := dec.Next()
//			if err != nil { // *frame.Error: close with its code
//			}
//			if !ok {
//				break // buf may be read into again
//			}
//			handle(msg) // msg.Payload is valid until the next call
//		}
//	}
package frame
