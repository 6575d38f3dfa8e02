// Package talk is the conversation that the bench's widgets and its backend
// have with one another: several hundred different utterances and replies, as
// JSON messages of about 300 bytes.
//
// Both ends can work out what the other must say, so that a widget can hold
// every byte of a reply against what the backend sent: the id it answers, what
// surrounds the text, and the text itself. A proxy that rewords may change the
// text alone, and the order's number must be in it still.
//
// Everything here may be used from any goroutine.
package talk
