// Package proxy is the front door and what happens behind it: it admits widgets,
// dials the bot, and runs one bridge for each of them, in which every message is
// read, judged, changed or kept back, and passed on.
//
// A [Server] owns everything: the listeners' handlers, the routes, the rule sets
// in force, the switchboard that brings people in, and the jobs that run beside
// the messages. A bridge is passive: it is handed bytes, events and the time by
// the transport under it, one caller at a time, and returns what is to be sent and
// when it wants to be called again. It owns no goroutine, lock or timer, and never
// waits for a store or a rule.
//
// It decides when something is said, and to whom; what is said and whether a
// person is needed are decided by package rules, how it looks in a protocol by
// proxy/wire, who has the floor by proxy/session, who waits for whom by
// proxy/handoff.
package proxy
