package wire

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// streamGuess is how the messages of a group add up to a reply.
type streamGuess struct {
	path    string
	mode    string // append or replace
	key     string // path of what a reply's pieces have in common, "" when nothing was seen
	end     string // condition that ends a reply, "" when nothing was seen
	marker  string // condition on the text itself under which a message only ends the reply
	replies int
	pieces  int
	mixed   bool // the group also holds whole messages
}

// run is a row of pieces, and the document behind them.
type run struct {
	docs []*heard
	next *heard
}

var endKeys = regexp.MustCompile(`(?i)last|complete|done|final|end|finish`)

// findStreams looks for replies that come in pieces: short strings in a row that only make words together, or of
// which each begins with the one before.
func (l *learner) findStreams() {
	for _, g := range l.groups {
		if g.dir == Up {
			continue
		}
		paths := make(map[string]bool)
		for _, h := range g.docs {
			for _, lf := range h.leaves {
				if lf.kind == kindString && !strings.Contains(lf.path, "[*]") && !slices.Contains(g.paths, lf.path) && textKeys.MatchString(lastKey(lf.path)) {
					paths[lf.path] = true
				}
			}
		}
		for _, path := range slices.Sorted(maps.Keys(paths)) {
			if s := l.stream(g, path); s != nil && (g.stream == nil || s.pieces > g.stream.pieces) {
				g.stream = s
			}
		}
	}
	for _, g := range l.groups {
		if g.stream != nil {
			l.findFinal(g)
		}
	}
}

// stream makes a guess for one path of a group, nil when its strings are no pieces.
func (l *learner) stream(g *group, path string) *streamGuess {
	s := &streamGuess{path: path, end: g.endMark()}
	var streams []run
	whole := 0
	for _, r := range l.runs(g, path, s.end) {
		mode, marked := pieces(r.docs, path)
		if mode == "" {
			whole += len(r.docs)
			continue
		}
		if marked {
			last := r.docs[len(r.docs)-1].at(path)
			s.marker = path + " == " + last.condition()
		}
		s.mode, s.pieces = mode, s.pieces+len(r.docs)
		streams = append(streams, r)
	}
	if len(streams) == 0 {
		return nil
	}
	s.replies, s.mixed = len(streams), whole > 0 && s.end == ""
	if s.end == "" {
		s.end = s.marker
	}
	if s.end == "" {
		s.end = l.endsWith(g, streams)
	}
	s.key = l.commonKey(streams)
	return s
}

// endMark is a truth value of the group that now is false and now true, and has a name that speaks of the end.
func (g *group) endMark() string {
	seen := make(map[string][2]bool)
	for _, h := range g.docs {
		for _, lf := range h.leaves {
			if (lf.kind == kindTrue || lf.kind == kindFalse) && endKeys.MatchString(lf.key) {
				both := seen[lf.path]
				both[lf.kind-kindFalse] = true
				seen[lf.path] = both
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(seen)) {
		if seen[path] == [2]bool{true, true} {
			return path + " == true"
		}
	}
	return ""
}

// runs lists the rows of documents of a group that have a path, on each conn; a row ends with another document of the
// backend's or with the end mark.
func (l *learner) runs(g *group, path, end string) []run {
	open := make(map[int]*run)
	var all []*run
	mark := strings.TrimSuffix(end, " == true")
	for _, h := range l.docs {
		if h.dir == Up {
			continue
		}
		r := open[h.conn]
		if !g.in(h) || h.at(path) == nil {
			if r != nil {
				r.next = h
				delete(open, h.conn)
			}
			continue
		}
		if r == nil {
			r = &run{}
			open[h.conn] = r
			all = append(all, r)
		}
		r.docs = append(r.docs, h)
		if lf := h.at(mark); lf != nil && lf.kind == kindTrue {
			delete(open, h.conn)
		}
	}
	out := make([]run, len(all))
	for i, r := range all {
		out[i] = *r
	}
	return out
}

// pieces reports how the strings of a row make up one reply, "" when they do not, and whether the last of them only
// marks the end.
func pieces(docs []*heard, path string) (mode string, marked bool) {
	var texts []string
	for _, h := range docs {
		texts = append(texts, h.at(path).text)
	}
	if len(texts) < 2 {
		return "", false
	}
	grows, open := true, 0
	for i, s := range texts {
		grows = grows && (i == 0 || len(s) > len(texts[i-1]) && strings.HasPrefix(s, texts[i-1]))
		if s != strings.TrimSpace(s) {
			open++
		}
	}
	last := texts[len(texts)-1]
	marked = len(texts) > 2 && !strings.Contains(last, " ") && strings.ContainsAny(last, "-_[<")
	switch {
	case grows:
		return "replace", false
	case 3*open >= len(texts) && human(strings.Join(texts, "")):
		return "append", marked
	}
	return "", false
}

// endsWith is the condition on the document that comes behind every row, "" when they differ.
func (l *learner) endsWith(g *group, streams []run) string {
	var behind *group
	for _, r := range streams {
		i := slices.IndexFunc(l.groups, func(o *group) bool { return r.next != nil && o.in(r.next) })
		if i < 0 || behind != nil && behind != l.groups[i] || l.groups[i] == g {
			return ""
		}
		behind = l.groups[i]
	}
	if behind != nil {
		for _, c := range behind.when {
			if !slices.Contains(g.when, c) {
				return c
			}
		}
	}
	return ""
}

// commonKey is the path of an id that is the same in all pieces of a reply, and another in each reply and elsewhere.
func (l *learner) commonKey(streams []run) string {
	for _, lf := range streams[0].docs[0].leaves {
		if lf.kind != kindString && lf.kind != kindNumber || !strings.HasSuffix(strings.ToLower(lf.key), "id") || !strings.ContainsAny(lf.text, "0123456789") {
			continue
		}
		values := make(map[string]bool)
		same := true
		for _, r := range streams {
			at := r.docs[0].at(lf.path)
			for _, h := range r.docs {
				other := h.at(lf.path)
				same = same && at != nil && other != nil && at.text == other.text
			}
			if same {
				values[at.text] = true
			}
		}
		if same && len(values) == len(streams) && !l.constant(lf) {
			return lf.path
		}
	}
	return ""
}

// constant reports whether a path has the same value wherever it is, in more than a reply.
func (l *learner) constant(lf leaf) bool {
	n := 0
	for _, h := range l.docs {
		if at := h.at(lf.path); at != nil && at.text != lf.text {
			return false
		} else if at != nil {
			n++
		}
	}
	return n > 4
}

// findFinal looks for the messages that repeat what a stream has said.
func (l *learner) findFinal(g *group) {
	for _, r := range l.runs(g, g.stream.path, g.stream.end) {
		said := ""
		for _, h := range r.docs {
			if piece := h.at(g.stream.path).text; g.stream.mode == "append" {
				said += piece
			} else {
				said = piece
			}
		}
		for _, o := range l.groups {
			if o == g || o.dir == Up || r.next == nil || !o.in(r.next) {
				continue
			}
			for _, lf := range r.next.leaves {
				if lf.kind == kindString && (lf.text == said || g.stream.mode == "replace" && strings.HasPrefix(lf.text, said)) && len(said) > 3 {
					o.final = len(o.docs) == 1 || g.stream.mode == "append"
				}
			}
		}
	}
}
