// Package footprint has what one node of Attune was measured to use: the figures
// that deploy/bench writes and that attune config --capacity computes with.
package footprint

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

// measured is written by deploy/bench/run.sh --readme.
//
//go:embed measured.json
var measured []byte

// Footprint is what one node of this version used in the bench, all of it on, on
// a machine that load and backend shared with it.
type Footprint struct {
	Date    string `json:"date"`
	Machine string `json:"machine"`
	Command string `json:"command"`
	// MessageCPU is what a message and its reply cost, in microseconds of a
	// core: the dearest of the scenarios that keep a proxy busy. HandshakeCPU is
	// what a new session does.
	MessageCPU   float64 `json:"message_cpu_us"`
	HandshakeCPU float64 `json:"handshake_cpu_us"`
	// BaseBytes is the memory of a node without sessions; SessionBytes what an
	// idle session adds, the largest of opened, used once, and after a
	// conversation of SessionMessages; SocketBytes what the kernel holds for a
	// socket, of which a session has two.
	BaseBytes       float64 `json:"base_bytes"`
	SessionBytes    float64 `json:"session_bytes"`
	SessionMessages int     `json:"session_messages"`
	SocketBytes     float64 `json:"socket_bytes"`
	// RedisCPU is what a message costs a redis-server, in microseconds of a core,
	// RedisBytes what a session takes there.
	RedisCPU   float64 `json:"redis_message_cpu_us"`
	RedisBytes float64 `json:"redis_session_bytes"`
}

// Read returns the figures of the last bench that was published. An error says
// that the file is not what this version reads.
func Read() (Footprint, error) {
	var f Footprint
	d := json.NewDecoder(bytes.NewReader(measured))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("measured.json: %w", err)
	}
	return f, nil
}
