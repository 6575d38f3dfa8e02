package peers

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"attune/deploy/bench/talk"
	"attune/proxy/frame"
)

// Echo answers every message of the bench by its reply until ctx ends; then it
// cuts its connections and returns nil. It does as little as a backend can, so
// that it takes as little as possible of a machine that it shares with what is
// measured.
func Echo(ctx context.Context, l net.Listener, script talk.Script) error {
	return serve(ctx, l, func(conn net.Conn) { echo(conn, script) })
}

// serve hands each connection to a goroutine of its own and waits for all.
func serve(ctx context.Context, l net.Listener, handle func(net.Conn)) error {
	var mu sync.Mutex
	open := map[net.Conn]struct{}{}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer context.AfterFunc(ctx, func() {
		_ = l.Close()
		mu.Lock()
		defer mu.Unlock()
		for conn := range open {
			_ = conn.Close()
		}
	})()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("accept: %w", err)
		}
		mu.Lock()
		if ctx.Err() != nil {
			_ = conn.Close()
		}
		open[conn] = struct{}{}
		mu.Unlock()
		wg.Go(func() {
			handle(conn)
			_ = conn.Close()
			mu.Lock()
			defer mu.Unlock()
			delete(open, conn)
		})
	}
}

func echo(conn net.Conn, script talk.Script) {
	early, err := shakeHands(conn)
	if err != nil {
		return
	}
	dec := frame.NewDecoder(true, frame.Limits{})
	dec.Feed(early)
	in := make([]byte, 2<<10)
	var reply, out []byte
	for {
		m, ok, err := dec.Next()
		switch {
		case err != nil:
			return
		case ok && m.Op == frame.Text:
			if reply, err = script.AppendReply(reply[:0], m.Payload); err != nil {
				return
			}
			out = frame.Append(out, frame.Text, reply)
		case ok && m.Op == frame.Ping:
			out = frame.Append(out, frame.Pong, m.Payload)
		case ok && m.Op == frame.Close:
			_, _ = conn.Write(frame.Append(out, frame.Close, m.Payload))
			return
		case ok:
		default: // everything that was read is answered
			if len(out) > 0 {
				if _, err := conn.Write(out); err != nil {
					return
				}
				out = out[:0]
			}
			n, err := conn.Read(in)
			if err != nil {
				return
			}
			dec.Feed(in[:n])
		}
	}
}

// shakeHands makes the server's part of a handshake and returns what came
// behind the request already.
func shakeHands(conn net.Conn) ([]byte, error) {
	r := bufio.NewReaderSize(conn, 1<<10)
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		talk.Accept(req.Header.Get("Sec-Websocket-Key"))); err != nil {
		return nil, err
	}
	early, err := r.Peek(r.Buffered())
	return bytes.Clone(early), err
}
