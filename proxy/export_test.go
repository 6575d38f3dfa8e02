package proxy

import (
	"context"
	"time"
)

// ForgetPolls forgets the polling widgets of which nothing was heard since.
func (s *Server) ForgetPolls(since time.Time) { s.polls.sweep(since, false) }

// Mend compares floors and handoffs now.
func (s *Server) Mend(ctx context.Context) { s.desk.mend(ctx) }
