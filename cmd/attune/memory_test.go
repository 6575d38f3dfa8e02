package main

import (
	"math"
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func TestAvailableMemory(t *testing.T) {
	const machine = "MemTotal:       24627228 kB\nMemFree:        20000000 kB\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"a machine alone", map[string]string{"proc/meminfo": machine, "proc/self/cgroup": "0::/init.scope\n"}, 24627228 << 10},
		{"a container, which sees its group as the root", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "268435456\n"}, 256 << 20},
		{"a unit of systemd", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "0::/system.slice/attune.service\n",
			"sys/fs/cgroup/system.slice/attune.service/memory.max": "1073741824\n", "sys/fs/cgroup/system.slice/memory.max": "max\n"}, 1 << 30},
		{"a group above it has less", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "0::/pods/attune\n",
			"sys/fs/cgroup/pods/attune/memory.max": "1073741824\n", "sys/fs/cgroup/pods/memory.max": "536870912\n"}, 512 << 20},
		{"the first version, from within a container", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "5:cpu:/docker/1f\n4:memory:/docker/1f\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "134217728\n"}, 128 << 20},
		{"the first version, no limit", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "4:memory:/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 24627228 << 10},
		{"another system", nil, 0},
		{"nothing that can be read", map[string]string{"proc/meminfo": "MemTotal: much\n", "proc/self/cgroup": "what\n"}, 0},
	} {
		system := fstest.MapFS{}
		for name, data := range tt.files {
			system[name] = &fstest.MapFile{Data: []byte(data)}
		}
		if got := available(system); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestMaxMemory(t *testing.T) {
	system := fstest.MapFS{"proc/meminfo": {Data: []byte("MemTotal: 1000 kB\n")}}
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	for _, tt := range []struct {
		name  string
		value Size
		own   int64 // GOMEMLIMIT
		want  int64
	}{
		{"worked out", AutoSize, math.MaxInt64, 1_024_000 / 10 * 9},
		{"worked out, more than the machine has", AutoSize, 1 << 40, 1_024_000 / 10 * 9},
		{"given", 1 << 30, math.MaxInt64, 1 << 30},
		{"off", 0, math.MaxInt64, 0},
	} {
		debug.SetMemoryLimit(tt.own)
		if got := (Config{MaxMemory: tt.value}).memory(system); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	debug.SetMemoryLimit(1 << 40)
	if got := (Config{MaxMemory: AutoSize}).memory(fstest.MapFS{}); got != (1<<40)/10*9 {
		t.Errorf("by GOMEMLIMIT alone: %d", got)
	}
}
