// Package peers has what stands around a proxy in the bench: the backend that
// all of them lead to, and the plainest proxy that gorilla/websocket makes, for
// scale.
package peers
