// Package rules decides how a conversation is going and what to do about it: which signals a turn holds, how the score
// moves, whether a person is offered or brought in, and how a reply is reworded without losing one of its facts.
//
// [Compile] turns pack files into a [Set], or into [Diagnostics] that name file, line and column. [Set.Judge] reads one
// [Turn] of a conversation, whose memory is a [State], in the world described by [Facts], and fills a [Judgement]:
//
//	set, found := rules.Compile(files)
//	if set == nil {
//		return found
//	}
//	var st rules.State     // one a conversation
//	var j rules.Judgement  // reused from turn to turn
//	set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: reply}, &rules.Facts{AgentsAvailable: 1}, &j)
//	send(j.Sent)
//
// The package is pure. It does no input or output, reads no clock, draws no random numbers, and writes no log: the same
// arguments give the same result. It owns no goroutine. A Set is immutable and serves all goroutines at once; a State, a
// Judgement and a [Text] belong to one caller at a time. On any doubt a reply stays as the bot wrote it.
//
// Other packages read packs from directories (ReadDir takes a file system), keep states, carry out decisions and count.
//
// # Decisions
//
//   - A reply that already offers a person, in Attune's words, gets no second offer: two offers are two voices, and a
//     second pass changes nothing.
//   - A fallback that is given twice counts as a second failure and not as a repeat too: the same evidence counts
//     once.
//   - The question of a touchpoint follows the reply to a customer who takes leave. When the conversation ends nobody
//     is there any more to answer.
//   - Silence is measured between turns and not when a widget reconnects: a replay comes to the same score, and two
//     tabs do not halve it twice.
//   - The words of a set are numbered once, and a text is looked up in that lexicon while it is cut into words. With a
//     vocabulary for each matcher the same words were looked up by cues, rules, stop words and fact lock.
//   - The cues of the detectors are looked for in the same pass as the phrases of the rules, for which each side has one
//     matcher. A pass of their own read every word twice.
//   - A phrase is found by its first words, in up to 128 ways (trie.go): twice the nodes of 32 ways, and a third of
//     the phrases to look at. Most are no more than their first words and need no verification: of the phrases met in
//     twelve utterances 13 are verified instead of 102.
//   - In texts of ASCII, which English ones are, regular expressions are told from the numbers of the words that are known
//     by then (prefilter_ascii.go), not from another walk over the bytes: it took a quarter of the time of a new reply.
//   - Answers to asks have a matcher of their own, run only while a question is open: five times the words for "yes"
//     and "no" cost nothing when nobody was asked.
//   - A file with faults of YAML is read all the same, without the entries that hold them (salvage.go), and where packs do
//     not compile, the rules that are sound are checked (rest.go). Authors mend one thing after the other else, and what
//     a broken file has would be called unknown in the others.
//   - Replies that a bot gives again are not read again (reading.go). What is remembered depends on nothing but the
//     text; utterances are never remembered, since they are the customer's words.
package rules
