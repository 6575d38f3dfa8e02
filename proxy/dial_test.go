package proxy

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // RFC 6455 wants it
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"attune/proxy/frame"
)

// TestHeadsEndWhereTheyEnd: however a backend ends its lines and however its answer arrives, what it says behind its
// head is the bridge's, all of it.
func TestHeadsEndWhereTheyEnd(t *testing.T) {
	greeting := string(frame.Append(nil, frame.Text, []byte("hello")))
	for name, end := range map[string]string{"CRLF": "\r\n", "LF": "\n"} {
		for _, step := range []int{1, 7, 1 << 10} {
			t.Run(name, func(t *testing.T) {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = l.Close() }()
				go answerWith(l, end, greeting, step)
				conn, _, err := newDialer(10*time.Second, nil, newOutages(slog.New(slog.DiscardHandler))).dial(t.Context(), "ws://"+l.Addr().String()+"/", nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Drop()
				got := make([]byte, len(greeting))
				_ = conn.Conn.SetReadDeadline(time.Now().Add(10 * time.Second))
				if _, err := io.ReadFull(conn.Conn, got[copy(got, conn.Early):]); err != nil || string(got) != greeting {
					t.Errorf("%q, %v, want %q", got, err, greeting)
				}
			})
		}
	}
}

// answerWith takes one handshake and answers it, so many bytes at a time.
func answerWith(l net.Listener, end, greeting string, step int) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	answer := strings.Join([]string{
		"HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]), "", greeting,
	}, end)
	for len(answer) > 0 {
		n, err := io.WriteString(c, answer[:min(step, len(answer))])
		if err != nil {
			return
		}
		answer = answer[n:]
	}
}
