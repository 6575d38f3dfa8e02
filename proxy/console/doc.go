// Package console is what people see of Attune: the page on which agents
// take over conversations, the log-in that leads to it, and the JSON API
// (/api/v1) behind both, which agents of other systems use, too (API.md). Every
// asset is embedded; nothing is fetched from elsewhere, so it works on a machine
// without a network.
//
// It owns: named tokens and their roles, browser log-ins and one-time
// tickets, the routes, the agents' WebSocket, the pages. It never owns a
// conversation: those are behind [Switchboard], which the proxy implements.
// It never logs what a customer said, a token, a ticket or a cookie, and it
// puts no customer's word into a page other than as text.
//
// Log-ins live in the memory of one process. Several nodes behind one
// address need a load balancer that keeps a browser on its node; programs
// that send a bearer token do not care.
//
// A [Console] may be used by any number of goroutines. It starts none by
// itself; each agent's socket has one reader beside the goroutine that
// net/http gave it, and [Console.Close] waits for all of them.
//
//	tokens, err := console.ParseTokens("tokens", data)
//	if err != nil { … }
//	c := console.New(console.Config{Switchboard: board, Tokens: tokens})
//	defer c.Close()
//	http.ListenAndServe("127.0.0.1:8081", c.Handler())
package console
