package session_test

import (
	"strings"
	"testing"

	"attune/proxy/session"
)

func TestKeyID(t *testing.T) {
	base := session.Key{Profile: "json", External: "abc", Binding: "cookie:x"}
	others := []struct {
		name string
		key  session.Key
	}{
		{"another profile", session.Key{Profile: "raw", External: "abc", Binding: "cookie:x"}},
		{"another session", session.Key{Profile: "json", External: "abd", Binding: "cookie:x"}},
		{"the same session, another binding", session.Key{Profile: "json", External: "abc", Binding: "cookie:y"}},
		{"no binding", session.Key{Profile: "json", External: "abc"}},
		{"parts that run together", session.Key{Profile: "jsona", External: "bc", Binding: "cookie:x"}},
		{"parts that changed places", session.Key{Profile: "json", External: "cookie:x", Binding: "abc"}},
	}
	if got := base.ID(); got != base.ID() || len(got) != 32 || strings.ToLower(got) != got {
		t.Errorf("ID = %q", got)
	}
	for _, tt := range others {
		if tt.key.ID() == base.ID() {
			t.Errorf("%s: the same id", tt.name)
		}
	}
}

func TestShards(t *testing.T) {
	seen := map[int]int{}
	for i := range 20_000 {
		id := session.Key{External: strings.Repeat("x", i%7) + string(rune(i))}.ID()
		n := session.Shard(id)
		seen[n]++
		if got := session.Prefix(id); got != session.ShardPrefix(n) {
			t.Fatalf("Prefix = %q, shard %d", got, n)
		}
	}
	if len(seen) != session.Shards {
		t.Errorf("%d shards used, want %d", len(seen), session.Shards)
	}
	for n, count := range seen {
		if n < 0 || n >= session.Shards || count > 3*20_000/session.Shards {
			t.Errorf("shard %d has %d", n, count)
		}
	}
	// Part of the layout in Redis: these may not change.
	for id, want := range map[string]string{"": "attune:{s217}:", "abc": "attune:{s076}:"} {
		if got := session.Prefix(id); got != want {
			t.Errorf("Prefix(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestOpen(t *testing.T) {
	tests := []struct{ name, url, mode string }{
		{"embedded", "", "embedded"},
		{"one server", "redis://localhost", "single"},
		{"with everything", "redis://user:pa%40ss@redis.example:6380/3", "single"},
		{"TLS", "rediss://redis.example", "single"},
		{"IPv6", "redis://[::1]:6379", "single"},
		{"Unix socket", "unix:///run/redis.sock?db=2", "single"},
		{"cluster", "redis://a:7000,b:7000,c", "cluster"},
		{"cluster of one seed", "redis://a:7000?cluster=true", "cluster"},
		{"sentinels", "redis://:secret@a:26379,b/1?master=mymaster", "sentinel"},
		{"one sentinel", "redis://a?master=mymaster", "sentinel"},
		{"no scheme", "localhost:6379", ""},
		{"wrong scheme", "http://localhost", ""},
		{"no host", "redis://", ""},
		{"an empty host", "redis://a,,b", ""},
		{"database in a cluster", "redis://a,b/1", ""},
		{"database not a number", "redis://user:s3cret@a/one", ""},
		{"bad escape", "redis://user:s3cret%zz@a", ""},
		{"socket without a path", "unix://", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := session.Open(session.Config{URL: tt.url})
			if err != nil {
				if tt.mode != "" {
					t.Error(err)
				}
				if strings.Contains(err.Error(), "s3cret") {
					t.Errorf("the error has the password: %v", err)
				}
				return
			}
			defer s.Close()
			if s.Mode() != tt.mode {
				t.Errorf("mode = %q, want %q", s.Mode(), tt.mode)
			}
		})
	}
}

func TestParseFloor(t *testing.T) {
	for _, f := range []session.Floor{session.Bot, session.Attune, session.Agent, session.Nobody} {
		got, err := session.ParseFloor(f.String())
		if err != nil || got != f {
			t.Errorf("ParseFloor(%q) = %v, %v", f, got, err)
		}
	}
	if _, err := session.ParseFloor("floor(9)"); err == nil || session.Floor(9).String() != "floor(9)" {
		t.Error("an unknown floor was read")
	}
}
