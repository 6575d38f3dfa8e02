package wire

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Lesson is what [Learn] makes of a recording.
type Lesson struct {
	YAML    []byte   // a profile, with comments that say what each guess was made from
	Remarks []string // what a person should look at
}

// ErrNothingToLearn is returned for a recording without messages.
var ErrNothingToLearn = errors.New("wire: the recording holds no message")

// learner gathers what a recording shows, guess by guess.
type learner struct {
	rec     *Recording
	framing *framed
	docs    []*heard
	each    string
	silent  map[string]int // messages without a document, by what they are
	groups  []*group
	offered map[string]bool // payloads of buttons
	remarks []string

	session     string
	sessionWhy  string
	sessionText map[string]bool
}

// group holds the documents of one direction that have the same words where they tell documents apart.
type group struct {
	dir     Direction
	both    bool     // the other side sends the same
	when    []string // conditions; none where nothing tells the documents apart
	paths   []string // of these conditions
	docs    []*heard
	texts   []textGuess
	labels  []buttonGuess
	stream  *streamGuess
	final   bool // it repeats what a stream has said
	echo    *split
	sender  string
	asks    []string // conditions under which the bot asks for a person
	kind    Kind     // by its name: Heartbeat, Typing, Handoff, Interrupt, DTMF or TurnEnd; Unknown for any other
	keys    string   // path of the keys pressed, for DTMF
	partial string   // path of the truth value that is false of a hypothesis
}

// in reports whether a document is one of the group's.
func (g *group) in(h *heard) bool { return slices.Contains(g.docs, h) }

// Learn proposes a profile for the protocol of a recording: how messages are framed, what tells them apart, where
// words stand and whose they are, what buttons send, what keeps the conn alive, how replies stream. The proposal can be
// parsed, and checks out on the recording; whether its guesses are right, a person has to say. The error is
// [ErrNothingToLearn].
func Learn(rec *Recording) (*Lesson, error) {
	l := &learner{rec: rec, silent: make(map[string]int), offered: make(map[string]bool), sessionText: make(map[string]bool)}
	if !slices.ContainsFunc(rec.Events, func(ev Event) bool { return ev.Opcode == OpText || ev.Opcode == OpBinary }) {
		return nil, ErrNothingToLearn
	}
	l.framing, l.docs, l.silent = guessFraming(rec)
	if len(l.docs) == 0 {
		l.remark("no message can be read, so the profile lets them pass unread")
		return l.lesson(), nil
	}
	l.spread()
	l.group()
	l.findButtons()
	l.findTexts()
	l.findStreams()
	l.findEchoes()
	l.findSenders()
	l.nameKinds()
	l.findSession()
	// What has no condition of its own comes behind what has.
	slices.SortStableFunc(l.groups, func(a, b *group) int { return min(len(b.when), 1) - min(len(a.when), 1) })
	return l.lesson(), nil
}

func (l *learner) remark(format string, args ...any) {
	l.remarks = append(l.remarks, fmt.Sprintf(format, args...))
}

// spread looks for a list that holds the messages proper, when nothing at the root tells documents apart.
func (l *learner) spread() {
	if l.discriminator(l.docs, 0.5) != "" {
		return
	}
	count := make(map[string]int)
	for _, h := range l.docs {
		lists := make(map[string]bool)
		for _, lf := range h.leaves {
			key, rest, ok := strings.Cut(lf.path, "[*].")
			if ok && naming(rest) && strings.Count(key, ".") == 1 && !strings.ContainsAny(key, "[|") {
				lists[key] = true
			}
		}
		for key := range lists {
			count[key]++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(count)) {
		if 2*count[key] >= len(l.docs) {
			l.each = key + "[*]"
		}
	}
	if l.each == "" {
		return
	}
	var all []*heard
	for _, h := range l.docs {
		all = append(all, h.spread(l.each)...)
	}
	l.docs = all
}

// group sorts the documents by direction and by the words that tell them apart.
func (l *learner) group() {
	for dir := Up; dir <= Down; dir++ {
		var docs []*heard
		for _, h := range l.docs {
			if h.dir == dir {
				docs = append(docs, h)
			}
		}
		if len(docs) > 0 {
			l.part(&group{dir: dir, docs: docs}, 0.5)
		}
	}
}

// part divides a group by the next word that tells its documents apart, at most three times.
func (l *learner) part(g *group, covers float64) {
	path := ""
	if len(g.when) < 3 {
		path = l.discriminator(g.docs, covers, g.paths...)
	}
	if path == "" {
		l.groups = append(l.groups, g)
		return
	}
	var order []string
	parts := make(map[string][]*heard)
	for _, h := range g.docs {
		value := ""
		if lf := h.at(path); lf != nil {
			value = path + " == " + lf.condition()
		}
		if parts[value] == nil {
			order = append(order, value)
		}
		parts[value] = append(parts[value], h)
	}
	for _, value := range order {
		sub := &group{dir: g.dir, when: g.when, paths: append(slices.Clone(g.paths), path), docs: parts[value]}
		if value != "" {
			sub.when = append(slices.Clone(g.when), value)
		}
		l.part(sub, 1)
	}
}

// condition is how a condition writes the leaf's value.
func (lf *leaf) condition() string {
	if lf.kind != kindString {
		return lf.text
	}
	if v := parseScalar(lf.text); v.kind != kindString || string(v.text) != lf.text || lf.text == "" || strings.TrimSpace(lf.text) != lf.text {
		return "'" + lf.text + "'"
	}
	return lf.text
}

// tellingKeys are the usual names of what tells messages apart, the most telling first.
var tellingKeys = []string{
	"@command", "@name", "type", "event", "action", "interaction_type", "response_type", "command", "kind", "method", "op", "Type", "msg", "class", "target", "collection", "topic", "name",
}

// naming reports whether a path ends in one of the more telling names.
func naming(path string) bool { return slices.Contains(tellingKeys[:13], lastKey(path)) }

func lastKey(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// discriminator is the path whose word tells documents apart, "" when none does: at least that part of the documents
// has it, its values are few and single words, and it has one of the usual names or is a place in a tuple. Those that
// were used before are passed over.
func (l *learner) discriminator(docs []*heard, covers float64, used ...string) string {
	type candidate struct {
		n      int
		values map[string]bool
		words  bool
	}
	found := make(map[string]*candidate)
	for _, h := range docs {
		for _, lf := range h.leaves {
			if keyWeight(lf.path) == 0 || slices.Contains(used, lf.path) {
				continue
			}
			c := found[lf.path]
			if c == nil {
				c = &candidate{values: make(map[string]bool)}
				found[lf.path] = c
			}
			c.n++
			c.values[lf.text] = true
			c.words = c.words || lf.kind != kindString && lf.kind != kindNumber || len(lf.text) > 64 || strings.ContainsAny(lf.text, " \n")
		}
	}
	best, score := "", 0.0
	for _, path := range slices.Sorted(maps.Keys(found)) {
		c := found[path]
		share := float64(c.n) / float64(len(docs))
		variety := float64(len(c.values)) / float64(c.n)
		switch {
		case c.words, share < covers, len(c.values) > 24, variety > 0.7 && c.n > 3 && !naming(path):
			continue
		case len(used) > 0 && len(c.values) == 1 && !naming(path) && lastKey(path) != "target": // a constant tells nothing more
			continue
		}
		if got := share * keyWeight(path) * (1.2 - variety/2); got > score {
			best, score = path, got
		}
	}
	return best
}

// keyWeight says how much the name of a path speaks for its telling documents apart, 0 for not at all.
func keyWeight(path string) float64 {
	if strings.Contains(path, "[*]") {
		return 0
	}
	if strings.HasPrefix(path, "$[") && strings.Count(path, "[") == 1 && !strings.ContainsAny(path, ".|") {
		return 1.4
	}
	i := slices.Index(tellingKeys, lastKey(path))
	if i < 0 {
		return 0
	}
	return (2 - float64(i)*0.05) / (1 + 0.3*float64(strings.Count(path, ".")-1))
}
