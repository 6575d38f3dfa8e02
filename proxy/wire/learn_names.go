package wire

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	heartbeatWords = regexp.MustCompile(`(?i)ping|pong|heart.?beat|keep.?alive|(== |')echo`)
	typingWords    = regexp.MustCompile(`(?i)typing|composing`)
	handoffWords   = regexp.MustCompile(`(?i)hand.?off|hand.?over|transfer|escalat|enqueue|live.?agent`)
	interruptWords = regexp.MustCompile(`(?i)interrupt|barge`)
	dtmfWords      = regexp.MustCompile(`(?i)dtmf|digit`)
	turnEndWords   = regexp.MustCompile(`(?i)stream.?end|turn.?end|final.?ping|response.?end`)
	sessionWords   = regexp.MustCompile(`(?i)session|conversation|dialog|thread|room|call|visitor|user|chat|topic|sid$`)
	numbers        = regexp.MustCompile(`\d+`)
	idLike         = regexp.MustCompile(`(?i)(^|_)id$|Id$|^uuid$|^ref$`)
)

// merge makes one frame of what both sides send alike and nobody says.
func (l *learner) merge() {
	for i, g := range l.groups {
		if g.kind != Heartbeat || g.dir == Down {
			continue
		}
		j := slices.IndexFunc(l.groups, func(o *group) bool { return o.dir == Down && o.kind == Heartbeat && slices.Equal(o.when, g.when) })
		if j >= 0 {
			l.groups[i].both = true
			l.groups[i].docs = append(g.docs, l.groups[j].docs...)
			l.groups = slices.Delete(l.groups, j, j+1)
			l.merge()
			return
		}
	}
}

// nameKinds says by their names, and by what repeats, what messages without words are for.
func (l *learner) nameKinds() {
	for _, g := range l.groups {
		l.findAsks(g)
		name := ""
		for _, c := range g.when {
			name += " == " + c[strings.Index(c, " == ")+4:]
		}
		if g.dir == Up && len(g.texts) > 0 {
			g.partial = strings.TrimSuffix(g.endMark(), " == true")
		}
		switch wordless := len(g.texts) == 0 && g.stream == nil; {
		case handoffWords.MatchString(name):
			g.kind = Handoff
		case g.dir == Up && interruptWords.MatchString(name):
			g.kind, g.texts = Interrupt, nil
		case g.dir == Up && dtmfWords.MatchString(name) && g.pressed():
			g.kind, g.texts = DTMF, nil
		case !wordless:
		case typingWords.MatchString(name):
			g.kind = Typing
		case heartbeatWords.MatchString(name), l.repeats(g):
			g.kind = Heartbeat
		case turnEndWords.MatchString(name):
			g.kind = TurnEnd
		}
	}
	l.merge()
}

// pressed looks for the path of the keys that were pressed.
func (g *group) pressed() bool {
	for _, lf := range g.docs[0].leaves {
		if !slices.Contains(g.paths, lf.path) && lf.kind == kindString && len(lf.text) < 32 && strings.Trim(lf.text, "0123456789*#ABCD") == "" {
			g.keys = lf.path
			return true
		}
	}
	return false
}

// repeats reports whether a group's documents are the same but for numbers, and so are those of the other side.
func (l *learner) repeats(g *group) bool {
	same := func(g *group) bool {
		return len(g.docs) > 1 && len(g.when) > 0 && g.docs[0].doc != nil && all(g.docs, func(h *heard) bool { return h.shape() == g.docs[0].shape() })
	}
	return same(g) && slices.ContainsFunc(l.groups, func(o *group) bool {
		return o.dir != g.dir && slices.Equal(o.when, g.when) && same(o)
	})
}

// shape is a document without its numbers.
func (h *heard) shape() string { return numbers.ReplaceAllString(string(h.doc), "0") }

// findAsks looks for marks by which the bot asks for a person.
func (l *learner) findAsks(g *group) {
	if g.dir == Up {
		return
	}
	found := make(map[string]bool)
	for _, h := range g.docs {
		for _, lf := range h.leaves {
			at := handoffWords.FindStringIndex(lf.path)
			switch {
			case slices.Contains(g.paths, lf.path):
			case at != nil && lf.kind == kindString: // what goes along with the request
				key, _, _ := strings.Cut(lf.path[at[0]:], "|json")
				key, _, _ = strings.Cut(key, ".")
				found[lf.path[:at[0]]+key+" exists"] = true
			case lf.kind == kindTrue && handoffWords.MatchString(lf.key):
				found[lf.path+" == true"] = true
			case lf.kind == kindString && handoffWords.MatchString(lf.text) && !strings.Contains(lf.text, " ") && !g.button(lf.path) && (keyWeight(strings.ReplaceAll(lf.path, "[*]", "")) > 0 || lf.key == "verb"):
				found[lf.path+" == "+lf.condition()] = true
			}
		}
	}
	g.asks = slices.Sorted(maps.Keys(found))
}

// findSession looks for the id by which a conversation is known: one value on every conn, and preferably another on
// each.
func (l *learner) findSession() {
	type candidate struct {
		byConn map[int]string
		seen   int
		steady bool
	}
	found := make(map[string]*candidate)
	for _, h := range l.docs {
		for _, lf := range h.leaves {
			// Too short for an id, a word for people, or a name for a kind of message.
			if lf.kind != kindString || len(lf.text) < 3 || !strings.ContainsAny(lf.text, "0123456789") || strings.Contains(lf.text, " ") || strings.Contains(lf.path, "[*]") ||
				!sessionWords.MatchString(lf.path) && !idLike.MatchString(lf.key) || naming(lf.key) {
				continue
			}
			c := found[lf.path]
			if c == nil {
				c = &candidate{byConn: make(map[int]string), steady: true}
				found[lf.path] = c
			}
			if before, ok := c.byConn[h.conn]; ok && before != lf.text {
				c.steady = false
			}
			c.byConn[h.conn] = lf.text
			c.seen++
		}
	}
	best, score := "", 0.0
	for _, path := range slices.Sorted(maps.Keys(found)) {
		c := found[path]
		if !c.steady || c.seen < 2 {
			continue
		}
		got := float64(c.seen)
		if sessionWords.MatchString(path) {
			got *= 3
		}
		if got /= float64(1 + strings.Count(path, ".")); got > score {
			best, score = path, got
		}
	}
	values := make(map[string]bool)
	if best != "" {
		for _, v := range found[best].byConn {
			values[v] = true
		}
		conns := len(found[best].byConn)
		l.session = best
		l.sessionText = values
		l.sessionWhy = fmt.Sprintf("the same in all %s of a conn, on %s", plural(found[best].seen, "message"), plural(conns, "conn"))
		if conns > 1 && len(values) == 1 {
			l.sessionWhy += "; it was the same on all: did one customer come back, or is it a constant?"
		}
	}
	for _, ev := range l.rec.Events {
		for _, name := range slices.Sorted(maps.Keys(ev.Upgrade().Query)) {
			if best == "" && regexp.MustCompile(`(?i)session|conversation|visitor|user`).MatchString(name) {
				best, l.session, l.sessionWhy = "@", "@query."+name, "in the URL of the WebSocket"
			}
		}
	}
	if l.session == "" {
		l.remark("no session id was seen: after a reconnect, a customer is known by the cookie or credential alone")
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
