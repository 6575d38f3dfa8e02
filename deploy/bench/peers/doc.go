// Package peers has what stands around a proxy in the bench: the backend that
// all of them lead to, and two proxies for scale: the plainest one that
// gorilla/websocket makes, and Attune's event loops with nothing read.
package peers
