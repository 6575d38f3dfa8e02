package main

import (
	"bytes"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
)

// TestUnsafeAddressesAreTold compares what is said at the start with who can reach what.
func TestUnsafeAddressesAreTold(t *testing.T) {
	const widgets, agents, admin = "widgets reach this address without TLS", "agents reach this address without TLS", "the admin address can be reached"
	for _, tt := range []struct {
		name string
		c    Config
		want []string
	}{
		{"this machine alone", Config{Listen: "127.0.0.1:0", ConsoleListen: "localhost:0", AdminListen: "[::1]:0"}, nil},
		{"everybody", Config{Listen: ":0", ConsoleListen: "0.0.0.0:0", AdminListen: "10.1.2.3:0"}, []string{widgets, agents, admin}},
		{"everybody, by TLS", Config{Listen: ":0", ConsoleListen: ":0", AdminListen: "127.0.0.1:0", TLSCert: "cert.pem"}, []string{agents}},
		{"a proxy in front", Config{Listen: ":0", ConsoleListen: ":0", AdminListen: "127.0.0.1:0", TrustedProxies: []string{"10.0.0.0/8"}}, nil},
	} {
		var out bytes.Buffer
		l := &listener{net: anywhere{}}
		(&app{cfg: tt.c, log: slog.New(slog.NewTextHandler(&out, nil)), widgets: l, agents: l, admin: l}).announce()
		for _, warning := range []string{widgets, agents, admin} {
			if got, want := strings.Contains(out.String(), warning), slices.Contains(tt.want, warning); got != want {
				t.Errorf("%s: warned of %q: %v, want %v", tt.name, warning, got, want)
			}
		}
	}
}

// anywhere is a listener of which only the address is asked.
type anywhere struct{ net.Listener }

func (anywhere) Addr() net.Addr { return &net.TCPAddr{} }
