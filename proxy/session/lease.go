package session

import (
	"context"
	"encoding/json"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// LeaseTTL is how long a node counts as alive after it last said so, unless
	// Config.Lease says otherwise.
	LeaseTTL = 5 * time.Second
	// leaseEvery is how often it says so.
	leaseEvery = time.Second
)

// leaseKey is the key of a node's lease; it expires by itself.
func leaseKey(instance string) string { return "attune:node:" + instance }

// leaseJSON is what a lease holds: v version, n the node's name, o the token that
// tells its lives apart. Only that the key is there matters to other nodes.
type leaseJSON struct {
	Version int    `json:"v"`
	Name    string `json:"n"`
	Token   string `json:"o"`
}

// Leased reports whether this node's lease is good: the other nodes take it for
// alive, and wait for it before they give a conversation to somebody. A store
// that is not running has none; the embedded one needs none.
func (s *Store) Leased() bool {
	return s.embedded != nil || time.Now().Before(*s.leased.Load())
}

// beat renews the lease until ctx ends.
func (s *Store) beat(ctx context.Context) {
	tick := time.NewTicker(leaseEvery)
	defer tick.Stop()
	for {
		s.renewLease(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Store) renewLease(ctx context.Context) {
	data, err := json.Marshal(leaseJSON{Version: 1, Name: s.cfg.Node, Token: s.instance})
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.stretch(ioTimeout))
	defer cancel()
	begin := time.Now()
	err = s.client.Set(ctx, leaseKey(s.instance), data, s.cfg.Lease).Err()
	s.note("lease", begin, err)
	if err == nil {
		until := begin.Add(s.cfg.Lease)
		s.leased.Store(&until)
	}
}

// giveUpLease ends the lease of a node that has stored all it had.
func (s *Store) giveUpLease(ctx context.Context) {
	s.leased.Store(&time.Time{})
	begin := time.Now()
	s.observe("lease", begin, s.client.Del(ctx, leaseKey(s.instance)).Err())
}

// leases returns which of some nodes have a lease.
func (s *Store) leases(ctx context.Context, instances []string) (map[string]bool, error) {
	pipe := s.client.Pipeline()
	cmds := make(map[string]*redis.IntCmd, len(instances))
	for _, name := range instances {
		cmds[name] = pipe.Exists(ctx, leaseKey(name))
	}
	begin := time.Now()
	_, err := pipe.Exec(ctx)
	s.observe("lease", begin, err)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	alive := make(map[string]bool, len(cmds))
	for name, c := range cmds {
		alive[name] = c.Val() > 0
	}
	return alive, nil
}
