package rules

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// ReadDir reads the packs of a directory: the files that end in .yaml or .yml, in the order of their names. Other
// files and folders are left alone. A directory without packs gives no files, and a set of no files does nothing.
func ReadDir(fsys fs.FS, dir string) ([]File, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("read packs: %w", err)
	}
	var files []File
	for _, e := range entries {
		ext := path.Ext(e.Name())
		if e.IsDir() || ext != ".yaml" && ext != ".yml" || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		f, err := ReadFile(fsys, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		f.Name = e.Name()
		files = append(files, f)
	}
	return files, nil
}

// ReadFile reads one pack. Only a regular file is read, for a pipe or a device may have no end; of one that is larger
// than a pack may be only as much as shows it, so that Compile refuses it.
func ReadFile(fsys fs.FS, name string) (File, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return File{}, fmt.Errorf("read pack: %w", err)
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("read pack: %w", &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid})
	}
	in, err := fsys.Open(name)
	if err != nil {
		return File{}, fmt.Errorf("read pack: %w", err)
	}
	defer func() { _ = in.Close() }()
	data, err := io.ReadAll(io.LimitReader(in, maxFileSize+1))
	if err != nil {
		return File{}, fmt.Errorf("read pack: %w", err)
	}
	return File{Name: name, Data: data}, nil
}
