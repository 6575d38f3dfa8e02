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
	notWords    = regexp.MustCompile(`(?i)(^|_|-)(url|uri|src|href|image|icon|user.?agent|id|sid|date|time|timestamp|token_?type|reason|error|contenttype|content_type|lang|locale|direction)$|Id$|Url$|^errorMessage$`)
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
		seen := make(map[[2]string]int) // paths of labels and payloads: elements
		for _, h := range g.docs {
			for list, elements := range h.lists() {
				for _, keys := range elements {
					show := slices.IndexFunc(labelKeys, func(k string) bool { return slices.Contains(keys, k) })
					send := slices.IndexFunc(payloadKeys, func(k string) bool { return slices.Contains(keys, k) })
					if show >= 0 && send >= 0 {
						seen[[2]string{list + step(labelKeys[show]), list + step(payloadKeys[send])}]++
					}
				}
			}
		}
		for paths, n := range seen {
			b := buttonGuess{paths[0], paths[1], n}
			g.labels = append(g.labels, b)
			for _, h := range g.docs {
				for _, s := range append(h.says(b.payloads), h.says(b.labels)...) {
					l.offered[s] = true
				}
			}
		}
		slices.SortFunc(g.labels, func(a, b buttonGuess) int { return strings.Compare(a.labels+a.payloads, b.labels+b.payloads) })
	}
}

// lists gathers, for every list of a document, the keys under which each of its elements has strings.
func (h *heard) lists() map[string][][]string {
	all := make(map[string][][]string)
	for _, lf := range h.leaves {
		i := strings.LastIndex(lf.path, "[*].")
		if i < 0 || lf.kind != kindString || strings.ContainsAny(lf.path[i+4:], ".[|") {
			continue
		}
		list := lf.path[:i+3]
		n := len(all[list])
		if n == 0 || slices.Contains(all[list][n-1], lf.key) { // a key that comes again begins the next element
			all[list] = append(all[list], nil)
			n++
		}
		all[list][n-1] = append(all[list][n-1], lf.key)
	}
	return all
}

// findTexts looks for strings that read like words. Where some documents of a group have JSON in the string that is
// words in the others, they become a group of their own.
func (l *learner) findTexts() {
	var groups []*group
	for _, g := range l.groups {
		g.texts = g.guessTexts()
		if inner := g.inner(); inner != nil {
			inner.texts, g.texts = inner.guessTexts(), g.guessTexts()
			groups = append(groups, inner)
		}
		groups = append(groups, g)
	}
	l.groups = groups
}

// guessTexts lists the paths of a group under which words stand.
func (g *group) guessTexts() []textGuess {
	found := make(map[string]*textGuess)
	for _, h := range g.docs {
		there := make(map[string]bool)
		for _, lf := range h.leaves {
			if lf.kind != kindString || slices.Contains(g.paths, lf.path) || notWords.MatchString(lf.key) || handoffWords.MatchString(lf.path) || g.button(lf.path) {
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
	var texts []textGuess
	for _, t := range found {
		if t.human > 0 && (textKeys.MatchString(lastKey(t.path)) || 2*t.human >= t.all) {
			texts = append(texts, *t)
		}
	}
	slices.SortFunc(texts, func(a, b textGuess) int { return strings.Compare(a.path, b.path) })
	return texts
}

// inner takes the documents out of a group that have JSON where others have words, nil when there are none.
func (g *group) inner() *group {
	for _, t := range g.texts {
		i := slices.IndexFunc(g.texts, func(o textGuess) bool { return strings.HasPrefix(o.path, t.path+"|json") })
		if i < 0 {
			continue
		}
		path := g.texts[i].path
		in := &group{dir: g.dir, when: append(slices.Clone(g.when), path+" exists"), paths: g.paths, labels: g.labels}
		has := func(h *heard) bool { return h.at(path) != nil }
		for _, h := range g.docs {
			if has(h) {
				in.docs = append(in.docs, h)
			}
		}
		g.docs = slices.DeleteFunc(slices.Clone(g.docs), has)
		return in
	}
	return nil
}

// button reports whether a path is one of a button: what it shows and sends, and whatever else it carries.
func (g *group) button(path string) bool {
	return slices.ContainsFunc(g.labels, func(b buttonGuess) bool {
		return strings.HasPrefix(path, b.labels[:strings.LastIndex(b.labels, "[*]")+3])
	})
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
	// Or a mark says that it is the customer's.
	return slices.ContainsFunc(h.leaves, func(lf leaf) bool {
		return senderKeys.MatchString(lf.key) && slices.Contains(customerWords, lf.text) && !strings.Contains(lf.path, "[*]")
	})
}

var (
	senderKeys    = regexp.MustCompile(`(?i)^(role|sender|source|from|author|sender_?type|participantRole|originatingEntity|direction)$`)
	customerWords = []string{ // not User, which is what Chatwoot calls its agents
		"customer", "Customer", "CUSTOMER", "user", "USER", "visitor", "contact", "Contact", "consumer", "CONSUMER", "guest", "inbound", "Inbound", "incoming",
	}
)

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

var botWords = []string{"bot", "ai", "assistant", "agent", "reply", "system", "outgoing", "out", "Outbound"}

// separate looks for the condition that holds of one kind of document and not of the other, a telling one first.
func separate(g *group, echoes, others []*heard) *split {
	if len(others) == 0 {
		return &split{}
	}
	var guesses [4]split // by how telling they are
	for _, lf := range others[0].leaves {
		if g.words(lf.path) || lf.kind == kindNull || strings.Contains(lf.path, "[*]") {
			continue
		}
		is := func(h *heard) bool { at := h.at(lf.path); return at != nil && at.text == lf.text }
		bots := func(h *heard) bool { at := h.at(lf.path); return at != nil && slices.Contains(botWords, at.text) }
		switch {
		case all(others, is) && none(echoes, is) && bots(others[0]):
			guesses[0].on = lf.path + " == " + lf.condition()
		case all(others, bots) && none(echoes, bots):
			guesses[0].on = lf.path + " ~ ^(" + strings.Join(valuesOf(others, lf.path), "|") + ")$"
		case all(others, is) && none(echoes, is) && len(others) > 1:
			guesses[2].on = lf.path + " == " + lf.condition()
		}
	}
	for _, lf := range echoes[0].leaves {
		if g.words(lf.path) || strings.Contains(lf.path, "[*]") {
			continue
		}
		is := func(h *heard) bool { at := h.at(lf.path); return at != nil && at.text == lf.text }
		has := func(h *heard) bool { return h.at(lf.path) != nil }
		telling := lf.kind != kindString && (lf.kind != kindNumber || len(lf.text) == 1) || slices.Contains(customerWords, lf.text)
		switch {
		case telling && all(echoes, is) && none(others, is):
			guesses[1].off = lf.path + " == " + lf.condition()
		case all(echoes, has) && none(others, has):
			guesses[3].off = lf.path + " exists"
		}
	}
	for i := range guesses {
		if guesses[i] != (split{}) {
			return &guesses[i]
		}
	}
	return &split{}
}

// valuesOf lists what stands at a path, each once.
func valuesOf(docs []*heard, path string) []string {
	var u unique
	for _, h := range docs {
		u.add(h.at(path).text)
	}
	slices.Sort(u)
	return u
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
				if lf.kind == kindString && g.sender == "" && !strings.Contains(lf.path, "[*]") && senderKeys.MatchString(lf.key) && senderRole([]byte(lf.text), Nobody) != Nobody {
					g.sender = lf.path
				}
			}
		}
	}
}
