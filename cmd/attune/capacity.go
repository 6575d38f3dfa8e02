package main

import (
	"math"

	"attune/metrics/footprint"
)

// measured are the figures that capacity is computed from.
type measured struct{ footprint.Footprint }

func readMeasured() (measured, error) {
	f, err := footprint.Read()
	return measured{f}, err
}

// need is what has to be carried, and by nodes of what size.
type need struct {
	Sessions int     `json:"sessions"`
	Messages float64 `json:"messages_per_second"` // of all sessions
	Cores    int     `json:"cores"`               // of a node
	Memory   Bytes   `json:"memory_bytes"`        // of a node, and of a Redis primary
}

// How full nodes are planned to be. These are choices, not figures: a node that
// is half busy answers bursts without a queue and takes over from one that is
// gone; Redis needs room to copy itself for a replica or a snapshot.
const (
	busyShare        = 0.5
	memoryShare      = 0.75
	redisMemoryShare = 0.5
)

const (
	// outgoingPorts is how many connections an address can have to another
	// address and port: Linux' default range, 32768 to 60999.
	outgoingPorts = 60999 - 32768 + 1
	// spareFiles are the descriptors a node needs beside those of sessions.
	spareFiles = 128
	// redisShards is the number of hash tags that sessions are spread over,
	// which bounds the primaries that share the work.
	redisShards = 256
)

// capacity is what a need asks for.
type capacity struct {
	Need need `json:"need"`
	// What one node can do by itself, planned as above.
	NodeSessions int     `json:"node_sessions"` // by memory
	NodeMessages float64 `json:"node_messages_per_second"`

	Nodes int    `json:"nodes"` // with one to spare
	Bound string `json:"bound"` // memory or processor: what decides about Nodes
	// Of each node, while one is gone.
	SessionsEach  int     `json:"sessions_each"`
	MessagesEach  float64 `json:"messages_per_second_each"`
	MemoryEach    Bytes   `json:"memory_each_bytes"`
	Descriptors   int     `json:"descriptors_each"`
	BackendRoutes int     `json:"backend_addresses_each"` // pairs of own and backend's address
	// ReturnSeconds is how long nodes are busy with the handshakes of a node's
	// sessions that come back after it is gone, beside their messages.
	ReturnSeconds float64 `json:"return_seconds"`

	RedisPrimaries int     `json:"redis_primaries"`
	RedisMemory    Bytes   `json:"redis_memory_bytes"` // of all sessions
	RedisCores     float64 `json:"redis_cores"`        // of all messages
}

// MessagesPerCore is what a core carries when it does nothing else.
func (m measured) MessagesPerCore() float64 { return 1e6 / m.MessageCPU }

// SessionsPerGiB is how many sessions fit into a GiB, sockets included.
func (m measured) SessionsPerGiB() float64 { return (1 << 30) / m.sessionMemory() }

// sessionMemory is a session in the process and in the kernel.
func (m measured) sessionMemory() float64 { return m.SessionBytes + 2*m.SocketBytes }

// plan computes what a need asks for. It fails when a node is too small for
// any session.
func (m measured) plan(n need) (capacity, error) {
	c := capacity{Need: n}
	cores := float64(n.Cores) * busyShare
	c.NodeSessions = int((float64(n.Memory)*memoryShare - m.BaseBytes) / m.sessionMemory())
	c.NodeMessages = cores * m.MessagesPerCore()
	if c.NodeSessions < 1 {
		return c, fail("give a node more --memory", "%v of memory hold no session: the process alone takes %.0f MiB", n.Memory, m.BaseBytes/(1<<20))
	}
	byMemory := ceil(float64(n.Sessions) / float64(c.NodeSessions))
	byProcessor := ceil(n.Messages / c.NodeMessages)
	working := max(byMemory, byProcessor, 1)
	c.Nodes, c.Bound = working+1, "memory"
	if byProcessor > byMemory {
		c.Bound = "processor"
	}
	c.SessionsEach = ceil(float64(n.Sessions) / float64(working))
	c.MessagesEach = n.Messages / float64(working)
	c.MemoryEach = Bytes(m.BaseBytes + float64(c.SessionsEach)*m.sessionMemory())
	c.Descriptors = 2*c.SessionsEach + spareFiles
	c.BackendRoutes = ceil(float64(c.SessionsEach) / outgoingPorts)
	c.ReturnSeconds = float64(c.SessionsEach) * m.HandshakeCPU / 1e6 / (cores * float64(working))

	c.RedisMemory = Bytes(float64(n.Sessions) * m.RedisBytes)
	c.RedisCores = n.Messages * m.RedisCPU / 1e6
	c.RedisPrimaries = max(1, ceil(float64(c.RedisMemory)/(float64(n.Memory)*redisMemoryShare)), ceil(c.RedisCores/busyShare))
	if c.RedisPrimaries > redisShards {
		return c, fail("give Redis' primaries more --memory, or split the sessions over several Redis", "%d Redis primaries would be needed, and sessions are spread over %d", c.RedisPrimaries, redisShards)
	}
	return c, nil
}

func ceil(v float64) int { return int(math.Ceil(v)) }
