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
//	                         active, te closed, rq waits again since; fr for whom, nt notes
//	                         (JSON lines), mt token of the last transfer. A day; an hour
//	                         once closed.
//	attune:{s042}:q          sorted set, the open handoffs of the shard by time
//	attune:{s042}:p:ID       hash, what session ID was promised: a promise (JSON) by its
//	                         id, empty once settled. A day longer than any is due.
//	attune:{s042}:p          sorted set, the shard's promises by the time they are due,
//	                         or until when a node deals with them
//	attune:{promises}:due    sorted set, those of all shards: an index, written behind
//	                         and healed every 30 seconds
//	attune:{promises}:scan   held by the node that heals
//	attune:{handoffs}:open   sorted set, the open handoffs of all shards: an index,
//	                         written after the shard's queue and healed from it
//	                         every 30 seconds
//	attune:{handoffs}:agents sorted set, agents by the end of their presence
//	attune:{handoffs}:seen   sorted set, by their last sign of life the agents who gave one
//	                         within the last hour
//	attune:{handoffs}:scan   held by the node that heals
//	attune:{s042}:out        stream, what desks are still to be told (see Outbox)
//	attune:{s042}:dead       stream, the latest 1,000 of the shard that could not be
//	                         told, for a week, with why and n, how often it was tried
//	attune:{handoffs}:out    sorted set, the shards with mail; healed like open
//	attune:{handoffs}:outscan, attune:{handoffs}:outbury
//	                         held by the node that heals it, that reaps consumers
//
// Every key has a TTL. A handoff, its queue and its mail are changed by one
// script in one slot. Redis can still lose an acknowledged change in a failover; with
// Config.Replicas a change waits for replicas first.
//
// # The outbox
//
// A desk of another system is told what happens to its handoffs (Mail). The
// script that makes a change also puts the mail into the stream of its shard,
// under an id that comes from the caller's token, so a handoff without its mail
// does not exist, and no mail twice. Streams are no queue across shards: 256 reads
// that block would cost more than all the mail, so nodes look into the shards
// that are listed, twice a second and when they have written themselves.
//
// Nodes are the consumers of one group. What a node has read it keeps by a sign of
// life every five seconds; what nobody keeps for 20 seconds another node takes
// over (XAUTOCLAIM until its cursor is back at 0-0), with the number of attempts.
// A node that stops hands over at once. Mail is taken out when it was delivered or
// given up, and after that only: a receiver may have it twice, and must go by the
// id. Of one handoff one mail at a time is under way to a desk, in order; a node's death can
// bring newer mail first. Names of dead nodes are deleted when they have nothing
// left. A customer's words are not added while 10,000 wait in a shard.
//
// # Decisions
//
//   - A wait ends after ten minutes with a word to the customer: silence is what
//     people remember. It leaves the score as it is, since nobody has helped; only
//     an agent who gives the conversation back clears it.
//   - A claim by a second page of the same agent is no error: it is theirs.
//   - Agents who were never at a page are not taken for away: programs that answer
//     through the API give no sign of life.
package handoff
