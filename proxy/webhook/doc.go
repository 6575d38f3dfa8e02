// Package webhook tells another system what happened, by POST, signed as
// Standard Webhooks says (https://www.standardwebhooks.com): the receiver checks
// who it is from and drops what it has had already.
//
// It owns the signature, the attempt and the guard over the address that is
// really dialled. When to try again, and what becomes of a message that cannot
// be delivered, is the caller's matter. It knows nothing of handoffs, keeps
// nothing, and never logs.
//
// A [Client] may be used from any goroutine; it starts none of its own beyond
// those of net/http, which end with [Client.Close].
package webhook
