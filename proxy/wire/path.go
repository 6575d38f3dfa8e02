package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// rootKind says where a path starts.
type rootKind uint8

const (
	rootItem     rootKind = iota // $: the document, or the element inside each
	rootFrame                    // $$: the document, also inside each
	rootMeta                     // @name: what the framing or the upgrade says
	rootResponse                 // $response: the answer of a companion HTTP route
	rootXML                      // /name: an element of the stanza, from its root on
)

func (k rootKind) String() string { return [...]string{"$", "$$", "@", "$response", "/"}[k] }

type segmentKind uint8

const (
	segKey segmentKind = iota
	segIndex
	segAll
	segJSON
	segElement   // every child element of that name
	segAttribute // the attribute of that name
)

// segment is one step of a path.
type segment struct {
	kind  segmentKind
	key   string
	index int
}

// path is a parsed path of a profile: `$ .k ['k'] [n] [-1] [*] |json`, `@name`, or through XML `/a/b` and `/a/b@c`.
type path struct {
	src      string // as it stands in the profile
	root     rootKind
	meta     string // for rootMeta, such as "query.session"
	slot     int    // for rootMeta, which of the profile's metadata
	segments []segment
}

// pathError is a fault in a path; col counts characters from 0.
type pathError struct {
	col int
	msg string
}

func (e *pathError) Error() string { return e.msg }

// parsePath reads src, all of it.
func parsePath(src string) (*path, error) {
	p, n, err := parsePathPrefix(src)
	if err != nil {
		return nil, err
	}
	if n < len(src) {
		return nil, &pathError{n, fmt.Sprintf("unexpected %q in a path", src[n:n+1])}
	}
	p.src = src
	return p, nil
}

// parsePathPrefix reads the path at the start of src, which ends at white space, and says how long it is.
func parsePathPrefix(src string) (*path, int, error) {
	p := &path{}
	i := 0
	switch {
	case strings.HasPrefix(src, "$$"):
		p.root, i = rootFrame, 2
	case strings.HasPrefix(src, "$response"):
		p.root, i = rootResponse, len("$response")
	case strings.HasPrefix(src, "$"):
		i = 1
	case strings.HasPrefix(src, "@"):
		end := 1
		for end < len(src) && !strings.ContainsRune(" \t[|", rune(src[end])) {
			end++
		}
		if end == 1 {
			return nil, 0, &pathError{1, "a name is missing behind @"}
		}
		p.root, p.meta = rootMeta, src[1:end]
		return p, end, nil
	case strings.HasPrefix(src, "/"):
		return parseXMLPath(src)
	default:
		return nil, 0, &pathError{0, "a path starts with $, $$, / or @"}
	}
	for i < len(src) {
		seg, n, err := parseSegment(src[i:])
		if err != nil {
			err.col += i
			return nil, 0, err
		}
		if n == 0 {
			break
		}
		p.segments = append(p.segments, seg)
		i += n
	}
	p.src = src[:i]
	return p, i, nil
}

// parseXMLPath reads the path through elements at the start of src.
func parseXMLPath(src string) (*path, int, error) {
	p, i := &path{root: rootXML}, 0
	for i < len(src) && (src[i] == '/' || src[i] == '@') {
		end := i + 1
		for end < len(src) && !strings.ContainsRune(" \t/@", rune(src[end])) {
			end++
		}
		if end == i+1 {
			return nil, 0, &pathError{end, "a name is missing"}
		}
		if odd := strings.IndexAny(src[i+1:end], "|[]*'\""); odd >= 0 {
			return nil, 0, &pathError{i + 1 + odd, fmt.Sprintf("unexpected %q in a name", src[i+1+odd:i+2+odd])}
		}
		seg := segment{kind: segElement, key: src[i+1 : end]}
		if src[i] == '@' {
			seg.kind = segAttribute
		} else if n := len(p.segments); n > 0 && p.segments[n-1].kind == segAttribute {
			return nil, 0, &pathError{i, "nothing is below an attribute"}
		}
		p.segments = append(p.segments, seg)
		i = end
	}
	return p, i, nil
}

func parseSegment(s string) (segment, int, *pathError) {
	switch {
	case s[0] == '.':
		end := 1
		for end < len(s) && !strings.ContainsRune(" \t.[|'\"]", rune(s[end])) {
			end++
		}
		if end == 1 {
			return segment{}, 0, &pathError{1, "a key is missing behind the dot"}
		}
		return segment{kind: segKey, key: s[1:end]}, end, nil
	case strings.HasPrefix(s, "|json"):
		return segment{kind: segJSON}, len("|json"), nil
	case s[0] == '|':
		return segment{}, 0, &pathError{0, "only |json may follow a bar"}
	case strings.HasPrefix(s, "[*]"):
		return segment{kind: segAll}, 3, nil
	case strings.HasPrefix(s, "['"):
		end := strings.Index(s[2:], "']")
		if end < 0 {
			return segment{}, 0, &pathError{0, "the key in [' is not closed with ']"}
		}
		return segment{kind: segKey, key: s[2 : 2+end]}, end + 4, nil
	case s[0] == '[':
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return segment{}, 0, &pathError{0, "a ] is missing"}
		}
		n, err := strconv.Atoi(s[1:end])
		if err != nil {
			return segment{}, 0, &pathError{1, "between [ and ] stands a number, * or a key in single quotes"}
		}
		return segment{kind: segIndex, index: n}, end + 1, nil
	}
	return segment{}, 0, nil
}
