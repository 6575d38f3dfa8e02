package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"attune/deploy/bench/talk"
	"attune/proxy/frame"
)

// sources is how many loopback addresses widgets come from, since an address
// has about 28,000 ports.
const sources = 32

// readSize holds two replies.
const readSize = 1 << 10

// socket is the widget's end of one connection.
type socket struct {
	net.Conn
	widget  int
	session string
	script  talk.Script

	dec     *frame.Decoder
	in, out []byte
	sent    int // messages
	got     int // replies

	extra    int // messages that answer none of ours
	reworded int
	answered int      // replies that came in the window
	latency  []uint32 // of messages in the window, in tenths of a microsecond
}

// key is the same for all, since nothing depends on it.
const key = "YXR0dW5lJ3MgYmVuY2ghIQ=="

// dial opens widget n and makes its handshake. The first source address is
// 127.0.0.2.
func dial(ctx context.Context, cfg *Config, n int) (*socket, error) {
	d := net.Dialer{Timeout: cfg.Timeout, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+n%sources))}}
	conn, err := d.DialContext(ctx, "tcp", cfg.Address)
	if err != nil {
		return nil, err
	}
	s := &socket{
		Conn: conn, widget: n, session: fmt.Sprintf("%s-%06d", cfg.Run, n), script: cfg.Script,
		dec: frame.NewDecoder(false, frame.Limits{}), in: make([]byte, readSize),
	}
	if err := s.shakeHands(cfg); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return s, nil
}

func (s *socket) shakeHands(cfg *Config) error {
	if err := s.SetDeadline(time.Now().Add(cfg.Timeout)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s, "GET /chat HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", cfg.Address, key); err != nil {
		return err
	}
	n := 0
	for !bytes.Contains(s.in[:n], []byte("\r\n\r\n")) {
		if n == len(s.in) {
			return errors.New("the answer to the handshake is too long")
		}
		m, err := s.Read(s.in[n:])
		if err != nil {
			return fmt.Errorf("handshake: %w", err)
		}
		n += m
	}
	end := bytes.Index(s.in[:n], []byte("\r\n\r\n")) + 4
	resp, err := http.ReadResponse(bufio.NewReaderSize(bytes.NewReader(s.in[:end]), 512), nil)
	if err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-Websocket-Accept") != talk.Accept(key) {
		return fmt.Errorf("the handshake was answered by %s", resp.Status)
	}
	s.dec.Feed(bytes.Clone(s.in[end:n]))
	return s.SetDeadline(time.Time{})
}

// send writes the next message.
func (s *socket) send() error {
	head := frame.MaxHeader
	s.out = append(s.out[:0], make([]byte, head)...)
	s.out = talk.AppendMessage(s.out, talk.ID{Widget: s.widget, Seq: s.sent}, s.session)
	mask := [4]byte{byte(s.sent), byte(s.widget), 0x5a, 0xc3}
	payload := s.out[head:]
	header := frame.AppendHeaderMasked(make([]byte, 0, frame.MaxHeader), frame.Text, true, mask, len(payload))
	frame.Mask(mask, payload)
	begin := head - len(header)
	copy(s.out[begin:], header)
	s.sent++
	_, err := s.Write(s.out[begin:])
	return err
}

// receive waits for the reply to the oldest message without one, and checks it.
func (s *socket) receive() error {
	for {
		p, err := s.next()
		if err != nil {
			return err
		}
		if !talk.IsReply(p) {
			s.extra++
			continue
		}
		reworded, err := s.script.Check(talk.ID{Widget: s.widget, Seq: s.got}, p)
		if err != nil {
			return err
		}
		if s.got++; reworded {
			s.reworded++
		}
		return nil
	}
}

// next returns the next text message; pings are answered on the way.
func (s *socket) next() ([]byte, error) {
	for {
		m, ok, err := s.dec.Next()
		switch {
		case err != nil:
			return nil, err
		case !ok:
			n, err := s.Read(s.in)
			if err != nil {
				return nil, err
			}
			s.dec.Feed(s.in[:n])
		case m.Op == frame.Text:
			return m.Payload, nil
		case m.Op == frame.Ping:
			if _, err := s.Write(frame.AppendMasked(nil, frame.Pong, [4]byte{}, m.Payload)); err != nil {
				return nil, err
			}
		case m.Op == frame.Pong:
		default:
			return nil, fmt.Errorf("a %s frame instead of a reply", m.Op)
		}
	}
}
