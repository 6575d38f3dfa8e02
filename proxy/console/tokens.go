package console

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SafeToken is the length, in bytes, from which a token that a machine drew is
// beyond guessing over a network. Shorter ones hold, and [Tokens.Short] names them.
const SafeToken = 16

// maxName bounds a name, in characters: it stands in lists and in front of
// customers.
const maxName = 64

// Role is what the holder of a token may do.
type Role string

// The roles. Viewers, editors and approvers read the console, agents also
// take conversations and speak; metrics only guards /metrics and opens
// nothing here.
const (
	Viewer   Role = "viewer"
	Editor   Role = "editor"
	Approver Role = "approver"
	Agent    Role = "agent"
	Metrics  Role = "metrics"
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool {
	switch r {
	case Viewer, Editor, Approver, Agent, Metrics:
		return true
	}
	return false
}

// Reads reports whether the role may see conversations.
func (r Role) Reads() bool { return r.Valid() && r != Metrics }

// Speaks reports whether the role may take conversations and speak in them.
func (r Role) Speaks() bool { return r == Agent }

// Identity is who a token, a ticket or a log-in stands for.
type Identity struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
}

// digest is the SHA-256 of a secret; secrets themselves are not kept.
type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// Tokens is an immutable list of named tokens. It is safe for concurrent use.
type Tokens struct {
	entries []entry
	short   []int
}

type entry struct {
	digest digest
	who    Identity
}

// TokenError is one fault of a tokens file. It never quotes the line: what
// looks like a name or a role may be a token in the wrong place.
type TokenError struct {
	File    string // as given, may be empty
	Line    int    // from 1
	Problem string
}

// Error gives file, line and problem.
func (e *TokenError) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem)
}

// ParseTokens reads lines of the form name:role:token. Empty lines and lines
// that begin with # are skipped, blanks around a field do not count, a token
// may contain colons. One name may have several tokens of the same role (so
// that a token can be replaced without a gap); a token belongs to one name.
//
// All faults come back at once, each a *[TokenError], joined. File is only
// for their text.
func ParseTokens(file string, data []byte) (*Tokens, error) {
	t := &Tokens{}
	roles := map[string]Role{}
	seen := map[digest]int{}
	var faults []error
	fault := func(line int, problem string) {
		faults = append(faults, &TokenError{File: file, Line: line, Problem: problem})
	}
	sc := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	sc.Buffer(nil, max(len(data)+1, bufio.MaxScanTokenSize))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, ok1 := strings.Cut(line, ":")
		role, token, ok2 := strings.Cut(rest, ":")
		if !ok1 || !ok2 {
			fault(n, "want name:role:token")
			continue
		}
		who := Identity{Name: strings.TrimSpace(name), Role: Role(strings.TrimSpace(role))}
		token = strings.TrimSpace(token)
		d := digestOf(token)
		before := len(faults)
		if !validName(who.Name) {
			fault(n, fmt.Sprintf("the name must have 1 to %d printable characters", maxName))
		}
		if !who.Role.Valid() {
			fault(n, "the role is none of viewer, editor, approver, agent, metrics")
		}
		if other, ok := roles[who.Name]; ok && other != who.Role && who.Role.Valid() {
			fault(n, "this name has another role in an earlier line")
		}
		switch first, twice := seen[d]; {
		case token == "":
			fault(n, "the token is missing")
		case strings.ContainsFunc(token, notVisible):
			fault(n, "the token has a blank or a character that no HTTP header carries")
		case twice:
			fault(n, fmt.Sprintf("the same token as in line %d", first))
		}
		if len(faults) > before {
			continue
		}
		if len(token) < SafeToken {
			t.short = append(t.short, n)
		}
		roles[who.Name], seen[d] = who.Role, n
		t.entries = append(t.entries, entry{digest: d, who: who})
	}
	if err := sc.Err(); err != nil {
		faults = append(faults, fmt.Errorf("read tokens: %w", err))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, nil
}

// Len is the number of tokens.
func (t *Tokens) Len() int {
	if t == nil {
		return 0
	}
	return len(t.entries)
}

// Short are the lines, in order, whose tokens are shorter than [SafeToken].
func (t *Tokens) Short() []int {
	if t == nil {
		return nil
	}
	return t.short
}

// Has reports whether any token has the role: /metrics, for one, is only
// guarded when somebody holds a token for it.
func (t *Tokens) Has(role Role) bool {
	if t == nil {
		return false
	}
	for _, e := range t.entries {
		if e.who.Role == role {
			return true
		}
	}
	return false
}

// Lookup tells whose token this is. It compares digests, all of them, in
// constant time, so that its duration says nothing about the tokens. A nil
// list knows nobody.
func (t *Tokens) Lookup(token string) (Identity, bool) {
	return t.lookup(digestOf(token))
}

func (t *Tokens) lookup(d digest) (who Identity, ok bool) {
	if t == nil {
		return who, false
	}
	for i := range t.entries {
		if subtle.ConstantTimeCompare(d[:], t.entries[i].digest[:]) == 1 {
			who, ok = t.entries[i].who, true
		}
	}
	return who, ok
}

func validName(s string) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && n > 0 && n <= maxName && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }
