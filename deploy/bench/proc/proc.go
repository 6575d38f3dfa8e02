// Package proc reads from /proc what a process and all its descendants use. It
// is for Linux.
package proc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Root is where the kernel shows its processes.
const Root = "/proc"

// tick is the unit of CPU times in /proc: USER_HZ is 100 on every architecture
// that Go runs on under Linux.
const tick = time.Second / 100

// Sample is what a process tree used up to a moment.
type Sample struct {
	// CPU is the time in user and kernel mode, to 10 ms a process. It includes
	// children that have ended and were waited for.
	CPU time.Duration
	// PSS is the memory in bytes, with pages that processes share divided
	// among them.
	PSS int64
	// Files is the number of open descriptors.
	Files int
	// Processes is the size of the tree.
	Processes int
}

// Take adds up the tree below process pid. root is Root but in tests. Without
// memory it leaves out PSS and Files, which cost a walk through the page
// tables.
//
// Descendants that end meanwhile are left out; that the root is gone is an
// error.
func Take(root string, pid int, memory bool) (Sample, error) {
	parents, err := all(root)
	if err != nil {
		return Sample{}, err
	}
	if _, there := parents[pid]; !there {
		return Sample{}, fmt.Errorf("proc: no process %d", pid)
	}
	var s Sample
	for p := range parents {
		if !below(parents, p, pid) {
			continue
		}
		if err := s.add(root, p, memory); err != nil && (p == pid || !gone(err)) {
			return Sample{}, fmt.Errorf("proc: process %d: %w", p, err)
		}
	}
	return s, nil
}

// gone reports whether an error means that the process has ended.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "no such process")
}

// all maps every process to its parent.
func all(root string) (map[int]int, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("proc: %w", err)
	}
	parents := map[int]int{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if st, err := readStat(root, pid); err == nil { // else it has just ended
			parents[pid] = st.parent
		}
	}
	return parents, nil
}

// below reports whether pid is root or one of its descendants.
func below(parents map[int]int, pid, root int) bool {
	for range len(parents) + 1 { // a child of a process that ended meanwhile may look circular
		if pid == root {
			return true
		}
		parent, known := parents[pid]
		if !known {
			return false
		}
		pid = parent
	}
	return false
}

func (s *Sample) add(root string, pid int, memory bool) error {
	st, err := readStat(root, pid)
	if err != nil {
		return err
	}
	one := Sample{CPU: st.cpu, Processes: 1}
	if memory {
		if one.PSS, err = kilobytes(path(root, pid, "smaps_rollup"), "Pss"); err != nil {
			return err
		}
		files, err := os.ReadDir(path(root, pid, "fd"))
		if err != nil {
			return err
		}
		one.Files = len(files)
	}
	s.CPU += one.CPU
	s.PSS += one.PSS
	s.Files += one.Files
	s.Processes++
	return nil
}

func path(root string, pid int, file string) string {
	return filepath.Join(root, strconv.Itoa(pid), file)
}

type stat struct {
	parent int
	cpu    time.Duration
}

// readStat reads /proc/PID/stat, whose second field is a name in brackets that
// may hold anything, brackets and spaces too.
func readStat(root string, pid int) (stat, error) {
	file := path(root, pid, "stat")
	data, err := os.ReadFile(file)
	if err != nil {
		return stat{}, err
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("%s: %d fields behind the name", file, len(fields))
	}
	var n [5]int64
	for i, at := range []int{1, 11, 12, 13, 14} { // ppid, utime, stime, cutime, cstime
		if n[i], err = strconv.ParseInt(fields[at], 10, 64); err != nil {
			return stat{}, fmt.Errorf("%s: %w", file, err)
		}
	}
	return stat{parent: int(n[0]), cpu: time.Duration(n[1]+n[2]+n[3]+n[4]) * tick}, nil
}

// kilobytes reads a line like "Pss:  123 kB", in bytes.
func kilobytes(file, name string) (int64, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == name+":" && fields[2] == "kB" {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			return n << 10, err
		}
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("%s has no line %s", file, name)
}

// Slab is the memory in bytes that the kernel holds in small objects, those of
// sockets among them.
func Slab(root string) (int64, error) { return kilobytes(filepath.Join(root, "meminfo"), "Slab") }

// Memory is the size of the machine's memory in bytes.
func Memory(root string) (int64, error) {
	return kilobytes(filepath.Join(root, "meminfo"), "MemTotal")
}

// Processor is the name of the machine's processor, or "unknown".
func Processor(root string) string {
	data, err := os.ReadFile(filepath.Join(root, "cpuinfo"))
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(data)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// Kernel is the kernel's release, or "unknown".
func Kernel(root string) string {
	data, err := os.ReadFile(filepath.Join(root, "sys/kernel/osrelease"))
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(data))
}
