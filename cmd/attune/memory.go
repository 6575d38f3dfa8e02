package main

import (
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// memory works ATTUNE_MAX_MEMORY out: in bytes, 0 for no limit.
func (c Config) memory(system fs.FS) int64 {
	if c.MaxMemory != AutoSize {
		return int64(c.MaxMemory)
	}
	most := available(system)
	if own := debug.SetMemoryLimit(-1); own != math.MaxInt64 && (most == 0 || own < most) { // GOMEMLIMIT
		most = own
	}
	return most / 10 * 9
}

// available is how much memory this process can have, in bytes, by what Linux says at
// the root of its file system: of the limits of its control groups the least, else all of
// the machine's; 0 where nothing says so.
func available(system fs.FS) int64 {
	least := int64(0)
	note := func(n int64) {
		if n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	if kib, ok := strings.CutSuffix(field(system, "proc/meminfo", "MemTotal:"), "kB"); ok {
		if n, err := strconv.ParseInt(strings.TrimSpace(kib), 10, 64); err == nil {
			note(n << 10)
		}
	}
	groups, _ := fs.ReadFile(system, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // number, controllers, group
		if len(parts) != 3 {
			continue
		}
		root, file := "sys/fs/cgroup", "memory.max"
		switch {
		case parts[1] == "memory": // the first version
			root, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		case parts[1] != "":
			continue
		}
		// A group has at most what those above it have. From within a container only
		// the root may be seen.
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			if data, err := fs.ReadFile(system, path.Join(root, group, file)); err == nil {
				n, _ := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64) // max: no limit
				note(n)
			}
			if group == "/" {
				break
			}
		}
	}
	return least
}

// field is what stands behind a name in a file of lines, "" when nothing does.
func field(system fs.FS, file, name string) string {
	data, _ := fs.ReadFile(system, file)
	for line := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
