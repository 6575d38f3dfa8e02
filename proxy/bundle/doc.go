// Package bundle keeps rule sets in Redis, for nodes that run with
// ATTUNE_RULES=redis. A bundle is the packs of one set under the set's digest; a
// slot says which bundle is in force where.
//
// It owns the keys below and what a change of them may do. It never judges, and
// does not tell the nodes: whoever changes a slot publishes an event of the kind
// Changed, and nodes look by themselves every few seconds.
//
// A shelf may be used from any goroutine.
//
// # Slots
//
//	active  judges the sessions
//	canary  judges a share of them instead, with all its effects
//	shadow  judges beside the active set, without any effect
//
// # Keys in Redis
//
// All share one tag, so that a Cluster keeps them in one slot and a script may
// change them together. None has a TTL.
//
//	attune:{rules}:slots          string, the slots (JSON, see Slots)
//	attune:{rules}:bundle:DIGEST  string, the packs of a set (JSON list of name and
//	                              data, in the order in which they compile)
//
// A change is one script: it happens only if the slots are still those that it
// was decided on, writes the bundle it brings and removes those that no slot and
// none of the latest ten formerly active ones refer to.
//
// # Decisions
//
//   - Slots are counted under names of their own (attune_slot_*) and not by a label:
//     dashboards rely on the labels there are, and a shadow's decisions did not
//     happen.
//   - The shadow judges the sessions of the active set, not those of a canary, so
//     that both are compared over the very same turns.
package bundle
