package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// stored is what a redis-server has done up to a moment.
type stored struct {
	calls   int64 // commands, those inside scripts included, without ours
	scripts int64 // calls of scripts
	memory  int64 // bytes in use
}

// store looks into a redis-server.
func store(ctx context.Context, client *redis.Client) (stored, error) {
	stats, err := client.Info(ctx, "commandstats").Result()
	if err != nil {
		return stored{}, fmt.Errorf("ask redis: %w", err)
	}
	memory, err := client.Info(ctx, "memory").Result()
	if err != nil {
		return stored{}, fmt.Errorf("ask redis: %w", err)
	}
	s := commands(stats)
	if s.memory, err = strconv.ParseInt(field(memory, "used_memory"), 10, 64); err != nil {
		return stored{}, fmt.Errorf("redis' used_memory: %w", err)
	}
	return s, nil
}

// commands adds up the lines of INFO commandstats, like
// "cmdstat_hset:calls=12,usec=34,…".
func commands(stats string) stored {
	var s stored
	for line := range strings.Lines(stats) {
		name, rest, found := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		digits, _, _ := strings.Cut(rest, ",")
		n, err := strconv.ParseInt(digits, 10, 64)
		if !found || err != nil || name == "info" {
			continue
		}
		s.calls += n
		if name == "evalsha" || name == "eval" {
			s.scripts += n
		}
	}
	return s
}

// field is the value of a line "name:value" of INFO.
func field(info, name string) string {
	for line := range strings.Lines(info) {
		if n, value, found := strings.Cut(strings.TrimSpace(line), ":"); found && n == name {
			return value
		}
	}
	return ""
}
