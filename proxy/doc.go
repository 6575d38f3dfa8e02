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
//
// # Beside the socket
//
// Some protocols let the customer speak by HTTP and only the bot over the
// socket, and socket.io begins by polling. Both come to the front door too:
// companion.go serves the profile's routes (origin, cors.go; a request built
// afresh and streamed, forward.go; the answer, answer.go), polling.go
// Engine.IO's long polling, known by its query.
//
//   - What is said goes to the bridge of the conversation as an event (hear.go)
//     and is judged there as if it had come over its socket; the request waits
//     for the verdict, at most 100 ms. Kept back, it is answered by the
//     profile's template and shown as an echo.
//   - Which bridge? An id correlates, so there must be a proof (ties.go): the
//     same binding; or the socket was opened by an address that Attune put into
//     the answer to such a request (streamUrl); or the backend's answer and an
//     echo on the socket carry one id. Nodes tell one another (tying.go), so the
//     socket may be on another one than the request. Without, the request passes unjudged
//     (attune_http_requests_total{result="unheard"}) and the echo is judged
//     where its socket is.
//   - hearsay.go remembers (as hashes, within bounds) what was heard, so that
//     nothing is judged twice: an echo, an echo in a second tab, a request sent
//     again. told.go remembers what was sent for which reply, so that histories
//     and repetitions read the same.
//   - A polling connection is a bridge without sockets (poll.go): packets in the
//     place of frames, the poll in the place of the transport. Words of Attune's
//     answer a poll that waits, while the request to the backend stays open for
//     the next. What a bridge holds for a time it is told of (polltime.go). A socket with the same sid inherits translator, session and
//     floor; until its 5 nothing of ours goes over it, and if it comes to
//     nothing the poll goes on.
//
// # Replies in pieces
//
// This is streams.go, waiting.go and stream.go here, live.go and shown.go in
// package rules. Each piece is added to its stream's text, and rules.Watch says
// how much of it is settled: no rewrite can touch it, whatever follows. A phrase
// that the text may still become, a sentence that matches and is not over, a
// sign that belongs to the next word keep the rest live. Settled text leaves at
// once. Where it matches something, Set.Settle tries the sentence on a copy of
// the conversation's state and keeps which steps it took (rules.Shown); nothing
// is booked. The end (a mark, a pause, the customer speaking) brings the one
// real Set.Judge, which books those steps, takes what has left for said and adds
// only behind it; if nothing has left it judges the whole reply afresh. A
// message that waits is read again when it leaves, with its share of the new
// words; what the bot says whole keeps its place behind it, heartbeats and other
// streams pass. After 800 ms, or the profile's deadline, the text leaves as it
// is. Finals get the same changes in the same places. While somebody else has
// the floor a stream is swallowed to its end and counted once; one that was half
// shown ends with what was shown. Sentence by sentence a reply can come out
// otherwise than whole only where a rule looks at more than its sentence: a
// verbatim sentence, other language or bad news that come later do not take back
// what has left.
//
// # Rule sets in Redis
//
// A bundle is the packs of a set under its digest; the slots active, canary and
// shadow say which is in force where. A change is one script that happens only
// if the slots are still those it was decided on. Nodes look when they are told
// and every 5 s, load and compile what they do not have, hold it against its
// digest and put all slots in force at once, or none: a bundle that is missing,
// damaged or does not compile leaves everything as it was, and so do slots that
// are gone. Until there is an active bundle the shipped packs judge.
// attune_degraded is 1 while a node cannot judge as Redis says. Compiling
// happens on a job beside the messages.
//
//   - Canary: which set judges a session follows from a hash of its id and the
//     share, so every node says the same, a customer who comes back meets the
//     same set, and a share that grows keeps those it has. A change of the slots
//     moves a session with its next message, as a reload does: a state names
//     rules, steps and asks by hashes of their ids and belongs to no set; what
//     the other set does not know is never asked for, an open ask that it does
//     not know is dropped, points that were given stay. A reply in pieces, or in
//     parts, keeps the set it began with. Attune's words about a handoff are
//     those of the session's set.
//   - Shadow: judges what the active set judges, right behind it, on a state of
//     its own that began as a copy of the session's, at most 10,000 on a node
//     (some 40 MiB), forgotten with the session's last bridge, its end, or the
//     shadow. Nothing of it is sent, stored or acted on; a panic in it is
//     counted (attune_fail_open_total{reason="shadow"}). While there is a shadow
//     every turn of the active set is judged twice, streamed replies at their
//     end and whole. The customer never sees what it would have said, so what
//     they would have answered is not known: asks that a shadow opens mostly
//     expire.
//   - While there is a canary or a shadow, turns, signals, decisions and
//     rewrites are counted by slot (attune_slot_*); without, only a pointer is
//     looked at. A reworded reply of one small set through a whole bridge (go
//     test ./proxy -bench Slots, medians of three on a busy machine,
//     2026-11-28): 11 us and 13 allocations alone, 15 and 14 in a session of a
//     canary, 31 and 18 beside a shadow.
//
// # Decisions
//
//   - Attune answers CORS preflights itself: one list of origins decides, and a page
//     must be able to read that the backend is gone.
//   - What is said by HTTP without a proven socket passes unjudged, and its echo is
//     judged: Attune could say nothing there, and what it withheld would be lost.
//   - An answer by HTTP ends its connection towards the widget, while those to the
//     backend are kept: folded heads are seen and addresses are bounded on
//     connections with one request.
//   - A backend that must be read is asked for answers without compression, others
//     as the widget asked: no bombs, and bytes that are not read stay as they are.
//   - Nothing is closed because it does not keep to the handshake of a profile: what
//     Attune does not know passes, and the backend answers as its protocol demands.
//   - When memory is short nobody new is let in, and nobody is sent away: a widget that
//     is closed comes back at once and costs another handshake.
//   - /-/reload and /-/drain want no token: they are for the machine itself, and for
//     platforms whose hooks can send none. The log says so when others can reach them.
package proxy
