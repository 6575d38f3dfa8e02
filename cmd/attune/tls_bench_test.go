package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"attune/proxy/proxytest"
)

// BenchmarkTransports is what a widget's socket costs the program by the
// transport that runs it: event loops, goroutines, and goroutines under TLS. One
// round is a message and its reply; beside it stand CPU of the program alone, by
// message and by handshake, and its heap and stacks by session at rest. It runs
// where /proc tells the time of a process.
func BenchmarkTransports(b *testing.B) {
	const sessions = 500
	cert, key := selfSigned(b, b.TempDir())
	for _, kind := range []struct {
		name      string
		scheme    string
		variables []string
	}{
		{"loops", "ws", nil},
		{"goroutines", "ws", []string{"ATTUNE_TRANSPORT=goroutines"}},
		{"tls", "wss", []string{"ATTUNE_TLS_CERT=" + cert, "ATTUNE_TLS_KEY=" + key}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			backend := proxytest.NewBackend(b, proxytest.BackendConfig{Answer: proxytest.JSON(func(text string) []string { return []string{text} })})
			p := start(b, append([]string{"ATTUNE_BACKEND_URL=" + backend.URL, "ATTUNE_ORIGINS=none", "ATTUNE_RATE=0", "ATTUNE_MODE=tone"}, kind.variables...), "serve")
			at := p.log("listening")
			dialer := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: poolOf(b, cert), ServerName: "localhost"}}

			rest, began := p.memory(at["admin"]), p.cpu()
			socks := make([]*websocket.Conn, sessions)
			for i := range socks {
				conn, resp, err := dialer.Dial(kind.scheme+"://"+at["widgets"]+"/", nil)
				if err != nil {
					b.Fatal(err)
				}
				_ = resp.Body.Close()
				b.Cleanup(func() { _ = conn.Close() })
				socks[i] = conn
			}
			shaken := p.cpu()
			held := p.memory(at["admin"]) - rest
			before := p.cpu()
			n := 0
			for b.Loop() {
				conn := socks[n%len(socks)]
				if err := conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"text":"where is order %d, I wonder"}`, n)); err != nil {
					b.Fatal(err)
				}
				if _, _, err := conn.ReadMessage(); err != nil {
					b.Fatal(err)
				}
				n++
			}
			b.ReportMetric(float64((p.cpu()-before).Microseconds())/float64(n), "cpu-us/op")
			b.ReportMetric(float64((shaken-began).Microseconds())/sessions, "cpu-us/handshake")
			b.ReportMetric(held/sessions/1024, "KiB/session")
		})
	}
}

func poolOf(b *testing.B, cert string) *x509.CertPool {
	b.Helper()
	pem, err := os.ReadFile(cert)
	if err != nil {
		b.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return pool
}

// cpu is what the process has used of the processors, to a hundredth of a second.
func (p *process) cpu() time.Duration {
	p.t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/stat")
	if err != nil && os.Getenv("ATTUNE_TEST_FULL") == "1" {
		p.t.Fatal("no /proc: ", err)
	}
	if err != nil {
		p.t.Skip("SKIPPED: no /proc: ", err)
	}
	_, behindName, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(behindName)
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	if errUser != nil || errSystem != nil {
		p.t.Fatalf("cannot read %q", stat)
	}
	return time.Duration(user+system) * time.Second / 100
}

// memory is the heap and the stacks of the process behind a collection, in bytes.
func (p *process) memory(admin string) float64 {
	p.t.Helper()
	for range 2 { // what finalisers let go is gone at the second
		if status, _ := get(p.t, "GET", "http://"+admin+"/debug/pprof/heap?gc=1"); status != 200 {
			p.t.Fatalf("heap profile: %d", status)
		}
	}
	_, page := get(p.t, "GET", "http://"+admin+"/metrics")
	sum := 0.0
	for line := range strings.Lines(page) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "go_memstats_heap_inuse_bytes" || name == "go_memstats_stack_inuse_bytes" {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			sum += v
		}
	}
	return sum
}
