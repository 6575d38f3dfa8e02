// Package handoff brings in a person: who waits and why, who has taken whom, and
// which agents are there. Everything is in Redis, so that any node sees it and
// any node may die.
//
// It promises three things, whatever is retried or raced: a session has at most
// one open handoff; of several claims one wins and the others are told who has
// it; a state changes along the table below or not at all. It never talks to a
// widget and never moves the floor: callers do, in that order (claim, floor,
// Activate).
//
// A board may be used from any goroutine.
//
// # States
//
//	from       to
//	requested  queued, offered, accepted, abandoned, expired, failed
//	queued     offered, accepted, abandoned, expired, failed
//	offered    queued, accepted, abandoned, expired, failed
//	accepted   queued, active, returned, resolved, abandoned, failed
//	active     queued, returned, resolved, abandoned, failed
//
// The other five (returned, resolved, abandoned, expired, failed) close the
// handoff; the session may then have another one, with another token. Requested
// exists in memory only, while Redis is gone. What an agent does (Activate,
// Release, Return, Resolve) works on the handoff that this agent has. Doing the
// same again is answered as the first time.
//
// # Keys in Redis
//
//	attune:{s042}:h:ID       hash, the handoff of session ID: v version, tk token,
//	                         se session, dk desk, st state, ag agent, ct claim
//	                         token, cd card (JSON), ep epoch, lb label; times in
//	                         Unix milliseconds: tr requested, ta accepted, tv
//	                         active, te closed. A day; an hour once closed.
//	attune:{s042}:q          sorted set, the open handoffs of the shard by time
//	attune:{handoffs}:open   sorted set, the open handoffs of all shards: an index,
//	                         written after the shard's queue and healed from it
//	                         every 30 seconds
//	attune:{handoffs}:agents sorted set, agents by the end of their presence
//	attune:{handoffs}:scan   held by the node that heals
//
// Every key has a TTL. A handoff and its queue are changed by one script in one
// slot. Redis can still lose an acknowledged change in a failover; with
// Config.Replicas a change waits for replicas first.
package handoff
