package main

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/metrics/footprint"
)

// round are figures with which one can compute in one's head.
var round = measured{footprint.Footprint{
	MessageCPU: 100, HandshakeCPU: 200, BaseBytes: 1 << 30, SessionBytes: 8 << 10, SocketBytes: 4 << 10, RedisCPU: 10, RedisBytes: 8 << 10,
}}

func TestPlan(t *testing.T) {
	for _, tt := range []struct {
		name string
		need need
		want capacity
	}{
		{
			// 16 KiB a session; 12 - 1 GiB for them; 2 of 4 cores at 10,000 a second each.
			"memory decides",
			need{Sessions: 2_000_000, Messages: 20_000, Cores: 4, Memory: 16 << 30},
			capacity{
				NodeSessions: 720896, NodeMessages: 20_000, Nodes: 4, Bound: "memory", SessionsEach: 666_667, MessagesEach: 20_000.0 / 3,
				MemoryEach: 1<<30 + 666_667*16<<10, Descriptors: 2*666_667 + 128, BackendRoutes: 24, ReturnSeconds: 666_667 * 200e-6 / 6,
				RedisPrimaries: 2, RedisMemory: 2_000_000 * 8 << 10, RedisCores: 0.2,
			},
		},
		{
			"processor decides",
			need{Sessions: 1000, Messages: 100_000, Cores: 4, Memory: 8 << 30},
			capacity{
				NodeSessions: 327680, NodeMessages: 20_000, Nodes: 6, Bound: "processor", SessionsEach: 200, MessagesEach: 20_000,
				MemoryEach: 1<<30 + 200*16<<10, Descriptors: 528, BackendRoutes: 1, ReturnSeconds: 200 * 200e-6 / 10,
				RedisPrimaries: 2, RedisMemory: 1000 * 8 << 10, RedisCores: 1,
			},
		},
		{
			"one session",
			need{Sessions: 1, Cores: 1, Memory: 2 << 30},
			capacity{
				NodeSessions: 32768, NodeMessages: 5000, Nodes: 2, Bound: "memory", SessionsEach: 1,
				MemoryEach: 1<<30 + 16<<10, Descriptors: 130, BackendRoutes: 1, ReturnSeconds: 200e-6 / 0.5,
				RedisPrimaries: 1, RedisMemory: 8 << 10,
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := round.plan(tt.need)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Need = tt.need
			near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) })
			if diff := cmp.Diff(tt.want, got, near); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	for name, n := range map[string]need{
		"a node smaller than the process": {Sessions: 1, Cores: 1, Memory: 1 << 30},
		"more Redis than shards":          {Sessions: 1e9, Cores: 64, Memory: 2 << 30},
	} {
		if c, err := round.plan(n); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestCapacityPage(t *testing.T) {
	const file = "../../deploy/capacity.md"
	p := &program{stdout: &strings.Builder{}, stderr: &strings.Builder{}}
	if code := p.run([]string{"config", "--capacity", "--format", "markdown"}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, p.stderr)
	}
	page := p.stdout.(*strings.Builder).String()
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(page, string(have)); diff != "" {
		t.Errorf("deploy/capacity.md is not what is computed; go test ./cmd/attune -run CapacityPage -update (-computed +page):\n%s", diff)
	}
}
