package proxy

import "context"

// Mend compares floors and handoffs now.
func (s *Server) Mend(ctx context.Context) { s.desk.mend(ctx) }
