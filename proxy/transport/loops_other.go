//go:build !linux

package transport

import "context"

// loops are event loops, which this system does not have.
type loops struct{}

func newLoops(Config) *loops { return nil }

func (*loops) run(context.Context) {}

func (*loops) start(Bridge, [2]End, func(Link), func()) bool { return false }
