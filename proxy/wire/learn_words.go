package wire

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// textGuess is a path under which words stand.
type textGuess struct {
	path  string
	seen  int // in how many documents of the group
	human int // how many of its strings read like words of a person
	all   int // of how many
}

// buttonGuess is a list whose elements show one string and send another.
type buttonGuess struct {
	labels, payloads string // paths
	seen             int    // elements
}

var (
	labelKeys   = []string{"title", "label", "text", "name", "displayText"}
	payloadKeys = []string{"payload", "value", "postback", "data"}
	textKeys    = regexp.MustCompile(`(?i)^(text|message|msg|content|body|utterance|transcript|token|tokens|delta|say|prompt|voiceprompt|markdown|html|caption|item|answer|question|reply|speak)$`)
	notWords    = regexp.MustCompile(`(?i)(^|_|-)(url|uri|src|href|image|icon|user.?agent|id|sid|date|time|timestamp|token_?type|reason|contenttype|content_type|lang|locale|direction)$|Id$|Url$`)
	tokenLike   = regexp.MustCompile(`^(https?:|wss?:|data:|\d{4}-\d\d-\d\d[T ])`)
)

// human reports whether a string reads like words somebody says: several, or one with the signs of a sentence.
func human(s string) bool {
	if tokenLike.MatchString(s) {
		return false
	}
	words := 0
	for word := range strings.FieldsSeq(s) {
		if strings.ContainsFunc(word, unicode.IsLetter) {
			words++
		}
	}
	return words >= 2
}

// findButtons looks for lists whose elements have something to show and something to send.
func (l *learner) findButtons() {
	for _, g := range l.groups {
		keys := make(map[string]map[string]int) // list: key: how often
		for _, h := range g.docs {
			for _, lf := range h.leaves {
				if i := strings.LastIndex(lf.path, "[*]."); i >= 0 && lf.kind == kindString && !strings.ContainsAny(lf.path[i+4:], ".[|") {
					list := lf.path[:i+3]
					if keys[list] == nil {
						keys[list] = make(map[string]int)
					}
					keys[list][lf.key]++
				}
			}
		}
		for list, has := range keys {
			show := slices.IndexFunc(labelKeys, func(k string) bool { return has[k] > 0 })
			send := slices.IndexFunc(payloadKeys, func(k string) bool { return has[k] > 0 })
			if show < 0 || send < 0 {
				continue
			}
			b := buttonGuess{list + step(labelKeys[show]), list + step(payloadKeys[send]), has[labelKeys[show]]}
			g.labels = append(g.labels, b)
			for _, h := range g.docs {
				for _, s := range append(h.says(b.payloads), h.says(b.labels)...) {
					l.offered[s] = true
				}
			}
		}
		slices.SortFunc(g.labels, func(a, b buttonGuess) int { return strings.Compare(a.labels, b.labels) })
	}
}

// findTexts looks for strings that read like words.
func (l *learner) findTexts() {
	for _, g := range l.groups {
		found := make(map[string]*textGuess)
		for _, h := range g.docs {
			there := make(map[string]bool)
			for _, lf := range h.leaves {
				if lf.kind != kindString || slices.Contains(g.paths, lf.path) || notWords.MatchString(lf.key) || g.button(lf.path) {
					continue
				}
				t := found[lf.path]
				if t == nil {
					t = &textGuess{path: lf.path}
					found[lf.path] = t
				}
				if t.all++; human(lf.text) {
					t.human++
				}
				if !there[lf.path] {
					there[lf.path] = true
					t.seen++
				}
			}
		}
		for _, t := range found {
			if t.human > 0 && (textKeys.MatchString(lastKey(t.path)) || 2*t.human >= t.all) {
				g.texts = append(g.texts, *t)
			}
		}
		slices.SortFunc(g.texts, func(a, b textGuess) int { return strings.Compare(a.path, b.path) })
	}
}

// button reports whether a path is one of a button.
func (g *group) button(path string) bool {
	return slices.ContainsFunc(g.labels, func(b buttonGuess) bool { return b.labels == path || b.payloads == path })
}

// split is a condition that tells some documents of a group from the others.
type split struct {
	on    string // the condition under which a message is the bot's
	off   string // or, when there is none, the one under which it is an echo
	seen  int    // echoes
	total int
}

// findEchoes looks for downstream messages that say what the customer has said.
func (l *learner) findEchoes() {
	for _, g := range l.groups {
		if g.dir == Up || len(g.texts) == 0 || g.stream != nil {
			continue
		}
		var echoes, others []*heard
		for _, h := range g.docs {
			switch {
			case l.echoes(g, h):
				echoes = append(echoes, h)
			case slices.ContainsFunc(g.texts, func(t textGuess) bool { return len(h.says(t.path)) > 0 }):
				others = append(others, h)
			}
		}
		if len(echoes) > 0 {
			g.echo = separate(g, echoes, others)
			g.echo.seen, g.echo.total = len(echoes), len(echoes)+len(others)
		}
	}
}

// echoes reports whether a downstream document says what the customer said before it on the same conn, or what was
// sent beside the WebSocket.
func (l *learner) echoes(g *group, h *heard) bool {
	for _, t := range g.texts {
		for _, s := range h.says(t.path) {
			if s != "" && l.saidUpstream(s, h) {
				return true
			}
		}
	}
	return false
}

func (l *learner) saidUpstream(s string, h *heard) bool {
	for _, up := range l.groups {
		if up.dir == Down {
			continue
		}
		for _, t := range up.texts {
			for _, d := range up.docs {
				if d.conn == h.conn && (d.line < h.line || d.line == h.line) && slices.Contains(d.says(t.path), s) {
					return true
				}
			}
		}
	}
	quoted := string(appendString(nil, s))
	return slices.ContainsFunc(l.rec.Events, func(ev Event) bool {
		return ev.Opcode == OpHTTP && ev.Dir == Up && strings.Contains(string(ev.Data), quoted)
	})
}

var botWords = []string{"bot", "ai", "assistant", "agent", "reply", "system", "outgoing", "out", "Outbound", "1"}

// separate looks for the condition that holds of one kind of document and not of the other.
func separate(g *group, echoes, others []*heard) *split {
	if len(others) == 0 {
		return &split{}
	}
	s := &split{}
	for _, lf := range others[0].leaves {
		if g.words(lf.path) || lf.kind == kindNull {
			continue
		}
		is := func(h *heard) bool { at := h.at(lf.path); return at != nil && at.text == lf.text }
		known := slices.Contains(botWords, lf.text)
		if (s.on == "" || known) && all(others, is) && none(echoes, is) && (known || len(others) > 1) {
			s.on = lf.path + " == " + lf.condition()
			if known {
				return s
			}
		}
	}
	for _, lf := range echoes[0].leaves {
		if g.words(lf.path) {
			continue
		}
		if has := func(h *heard) bool { return h.at(lf.path) != nil }; all(echoes, has) && none(others, has) {
			return &split{off: lf.path + " exists"}
		}
	}
	return s
}

func (g *group) words(path string) bool {
	return slices.ContainsFunc(g.texts, func(t textGuess) bool { return t.path == path })
}

func all(docs []*heard, is func(*heard) bool) bool {
	return !slices.ContainsFunc(docs, func(h *heard) bool { return !is(h) })
}

func none(docs []*heard, is func(*heard) bool) bool { return !slices.ContainsFunc(docs, is) }

// findSenders looks for a mark that says who writes.
func (l *learner) findSenders() {
	for _, g := range l.groups {
		if g.dir == Up || len(g.texts) == 0 {
			continue
		}
		for _, h := range g.docs {
			for _, lf := range h.leaves {
				if lf.kind != kindString || strings.Contains(lf.path, "[*]") || g.sender != "" {
					continue
				}
				switch lf.key {
				case "role", "sender", "source", "from", "author", "sender_type", "originatingEntity":
					if senderRole([]byte(lf.text), Nobody) != Nobody {
						g.sender = lf.path
					}
				}
			}
		}
	}
}
