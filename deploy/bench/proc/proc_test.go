package proc_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"attune/deploy/bench/proc"
)

// fake writes a /proc with these files.
func fake(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// process is one with so many ticks and kilobytes, and two descriptors.
func process(files map[string]string, pid, parent int, name string, ticks, pss int) {
	files[fmt.Sprintf("%d/stat", pid)] = fmt.Sprintf("%d (%s) S %d 1 1 0 -1 0 0 0 0 0 %d 2 3 4 20 0 1 0 99 0 0", pid, name, parent, ticks)
	files[fmt.Sprintf("%d/smaps_rollup", pid)] = fmt.Sprintf("00-ff ---p 0 00:00 0 [rollup]\nRss:  999 kB\nPss:   %d kB\nPss_Anon: 1 kB\n", pss)
	files[fmt.Sprintf("%d/fd/0", pid)], files[fmt.Sprintf("%d/fd/1", pid)] = "", ""
}

func TestTreeIsAddedUp(t *testing.T) {
	files := map[string]string{"meminfo": "MemTotal:  2048 kB\nSlab:  512 kB\n", "self/stat": "no number"}
	process(files, 1, 0, "init", 7000, 10)
	process(files, 10, 1, "nginx: master", 100, 1000)
	process(files, 11, 10, "a) S 1 (b", 200, 100)
	process(files, 12, 11, "grandchild", 300, 10)
	process(files, 20, 1, "somebody else", 5000, 5000)
	root := fake(t, files)
	got, err := proc.Take(root, 10, true)
	want := proc.Sample{CPU: (600 + 3*9) * 10 * time.Millisecond, PSS: 1110 << 10, Files: 6, Processes: 3}
	if err != nil || got != want {
		t.Errorf("Take = %+v, %v, want %+v", got, err, want)
	}
	if got, err := proc.Take(root, 10, false); err != nil || got.PSS != 0 || got.CPU != want.CPU {
		t.Errorf("without memory: %+v, %v", got, err)
	}
	if slab, err := proc.Slab(root); err != nil || slab != 512<<10 {
		t.Errorf("Slab = %d, %v", slab, err)
	}
	if memory, err := proc.Memory(root); err != nil || memory != 2<<20 {
		t.Errorf("Memory = %d, %v", memory, err)
	}
}

func TestFaultsAreTold(t *testing.T) {
	files := map[string]string{"30/stat": "30 (x) S", "meminfo": "MemFree: 1 kB\n"}
	process(files, 10, 1, "a", 1, 1)
	delete(files, "10/smaps_rollup")
	root := fake(t, files)
	for name, take := range map[string]func() error{
		"no such process":  func() error { _, err := proc.Take(root, 99, true); return err },
		"no memory to see": func() error { _, err := proc.Take(root, 10, true); return err },
		"half a line":      func() error { _, err := proc.Take(root, 30, false); return err },
		"no slab":          func() error { _, err := proc.Slab(root); return err },
		"no proc":          func() error { _, err := proc.Take(filepath.Join(root, "nowhere"), 1, false); return err },
	} {
		if take() == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// The kernel's own /proc: a shell and its child burn CPU, and are seen to.
func TestRealTree(t *testing.T) {
	cmd := exec.Command("sh", "-c", "sh -c 'while :; do :; done' & wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(20 * time.Second); ; {
		s, err := proc.Take(proc.Root, cmd.Process.Pid, true)
		if err != nil {
			t.Fatal(err)
		}
		if s.Processes == 2 && s.CPU >= 50*time.Millisecond && s.PSS > 50<<10 && s.Files >= 6 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 20 s: %+v", s)
		}
		<-time.After(20 * time.Millisecond)
	}
	if _, err := proc.Slab(proc.Root); err != nil {
		t.Error(err)
	}
	if k := proc.Kernel(proc.Root); !strings.Contains(k, ".") {
		t.Errorf("kernel %q", k)
	}
}
