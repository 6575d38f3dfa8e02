package wire

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// heard is one document of a recording, or one element of it, laid flat.
type heard struct {
	line   int
	conn   int
	dir    Direction
	doc    []byte // as it is spelled
	leaves []leaf
}

// leaf is one scalar of a document.
type leaf struct {
	path       string // as a profile writes it; elements of lists are [*], members of tuples have their number
	key        string // the last key of the path
	kind       nodeKind
	text       string // what a string says, else its spelling
	start, end int    // where it is spelled in the document, without quotes; both 0 inside a string of JSON
}

// at returns the leaf at a path, nil when there is none.
func (h *heard) at(path string) *leaf {
	i := slices.IndexFunc(h.leaves, func(l leaf) bool { return l.path == path })
	if i < 0 {
		return nil
	}
	return &h.leaves[i]
}

// says returns every string at a path.
func (h *heard) says(path string) []string {
	var all []string
	for _, l := range h.leaves {
		if l.path == path && l.kind == kindString {
			all = append(all, l.text)
		}
	}
	return all
}

// walker lays documents flat.
type walker struct {
	r   *reader
	out []leaf
}

// walk appends the scalars at and below a value. An array at the root, of scalars or of unlike elements is a tuple
// whose members have meanings of their own; any other is a list.
func (w *walker) walk(at ref, path, key string, depth int) {
	n := w.r.tape[at.node]
	switch n.kind {
	case kindObject:
		for c := at.node + 1; c < int(n.next); c = int(w.r.tape[c].next) {
			m := &w.r.tape[c]
			name := string(appendUnescaped(nil, w.r.docs[at.doc].buf[m.keyStart:m.keyEnd]))
			if strings.Contains(name, "']") || strings.ContainsFunc(name, unicode.IsControl) {
				continue // no path leads there
			}
			w.walk(ref{at.doc, c}, path+step(name), name, depth)
		}
	case kindArray:
		tuple := path == "$" || !w.alike(at)
		i := 0
		for c := at.node + 1; c < int(n.next); c = int(w.r.tape[c].next) {
			sub := path + "[*]"
			if tuple {
				sub = path + "[" + strconv.Itoa(i) + "]"
			}
			w.walk(ref{at.doc, c}, sub, key, depth)
			i++
		}
	case kindString:
		text := w.r.value(at)
		if depth < 3 && len(text) > 1 && (text[0] == '{' || text[0] == '[') {
			if in, ok := w.r.inner(at); ok {
				w.walk(in, path+"|json", key, depth+1)
				return
			}
		}
		w.leaf(at, path, key, depth)
	default:
		w.leaf(at, path, key, depth)
	}
}

func (w *walker) leaf(at ref, path, key string, depth int) {
	n := w.r.tape[at.node]
	l := leaf{path: path, key: key, kind: n.kind, text: string(w.r.value(at))}
	if depth == 0 {
		l.start, l.end = int(n.start), int(n.end)
	}
	w.out = append(w.out, l)
}

// alike reports whether all elements of an array are objects or arrays.
func (w *walker) alike(at ref) bool {
	for c := at.node + 1; c < int(w.r.tape[at.node].next); c = int(w.r.tape[c].next) {
		if w.r.tape[c].kind < kindArray {
			return false
		}
	}
	return true
}

// step is a key as a path writes it.
func step(key string) string {
	if key != "" && !strings.ContainsAny(key, " \t.[|'\"]") {
		return "." + key
	}
	return "['" + key + "']"
}

// spread makes a document of every element of a list at the root's key; what is outside is left out.
func (h *heard) spread(list string) []*heard {
	var all []*heard
	var last *heard
	seen := make(map[string]bool)
	for _, l := range h.leaves {
		rest, ok := strings.CutPrefix(l.path, list)
		if !ok {
			continue
		}
		// A path that comes again begins the next element, unless it is that of a list below.
		if last == nil || seen[rest] && !strings.Contains(rest, "[*]") {
			last = &heard{line: h.line, conn: h.conn, dir: h.dir}
			all, seen = append(all, last), make(map[string]bool)
		}
		seen[rest] = true
		l.path, l.start, l.end = "$"+rest, 0, 0
		last.leaves = append(last.leaves, l)
	}
	if all == nil {
		return []*heard{h}
	}
	return all
}
