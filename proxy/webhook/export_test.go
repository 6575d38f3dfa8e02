package webhook

import (
	"context"
	"syscall"
)

// Guard is the guard's judgement.
func Guard(private, public bool) func(context.Context, string, string, syscall.RawConn) error {
	return guard{private: private, public: public}.control
}
