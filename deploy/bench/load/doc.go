// Package load plays many widgets that talk with the bench's backend through a
// proxy, and checks every reply.
//
// A reply is right when it is one whole text message that answers the oldest
// message without an answer on its connection, unchanged byte for byte but for
// a text that was reworded (see [talk.Script]). Anything else, and a reply that
// does not come, is an error: figures of a run with an error are worth nothing.
//
// A [Crowd] is used in one way at a time, from one goroutine:
//
//	crowd, err := load.Dial(ctx, load.Config{Address: "127.0.0.1:8080", Widgets: 64})
//	defer crowd.Close()
//	result, err := crowd.Closed(ctx, load.Window{Warm: time.Second, Length: 4 * time.Second})
package load
