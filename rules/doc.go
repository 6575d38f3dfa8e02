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
package rules
