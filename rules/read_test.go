package rules_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"attune/rules"
)

func TestReadDirTakesPacksOnly(t *testing.T) {
	files, err := rules.ReadDir(fstest.MapFS{
		"b.yaml": {Data: []byte("b")}, "a.yml": {Data: []byte("a")}, "README.md": {}, ".hidden.yaml": {}, "more.yaml/c.yaml": {},
	}, ".")
	if err != nil || len(files) != 2 || files[0].Name != "a.yml" || files[1].Name != "b.yaml" || string(files[1].Data) != "b" {
		t.Errorf("read %v, %v", files, err)
	}
	if _, err := rules.ReadDir(fstest.MapFS{}, "missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing directory: %v", err)
	}
}

// A device has no end.
func TestReadDirRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(os.DevNull, filepath.Join(dir, "x.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := rules.ReadDir(os.DirFS(dir), "."); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("a device read as a pack: %v", err)
	}
}

func TestReadFileStopsAtWhatAPackMayHave(t *testing.T) {
	f, err := rules.ReadFile(fstest.MapFS{"big.yaml": {Data: make([]byte, 64<<20)}}, "big.yaml")
	if err != nil || len(f.Data) > 3<<20 {
		t.Fatalf("read %d bytes, %v", len(f.Data), err)
	}
	if set, found := rules.Compile([]rules.File{f}); set != nil || !found.HasErrors() {
		t.Error("a pack of 64 MiB is accepted")
	}
}
