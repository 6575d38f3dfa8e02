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
	turnEndWords   = regexp.MustCompile(`(?i)stream.?end|turn.?end|final.?ping|response.?end`)
	sessionWords   = regexp.MustCompile(`(?i)session|conversation|dialog|thread|room|call|visitor|user|chat|topic|sid$`)
	numbers        = regexp.MustCompile(`\d+`)
	idLike         = regexp.MustCompile(`(?i)(^|_)id$|Id$|^uuid$|^ref$`)
)

// nameKinds says by their names, and by what repeats, what messages without words are for.
func (l *learner) nameKinds() {
	for _, g := range l.groups {
		l.findAsks(g)
		name := ""
		for _, c := range g.when {
			name += " == " + c[strings.Index(c, " == ")+4:]
		}
		switch wordless := len(g.texts) == 0 && g.stream == nil; {
		case handoffWords.MatchString(name):
			g.kind = Handoff
		case !wordless:
		case typingWords.MatchString(name):
			g.kind = Typing
		case heartbeatWords.MatchString(name), l.repeats(g):
			g.kind = Heartbeat
		case turnEndWords.MatchString(name):
			g.kind = TurnEnd
		}
	}
}

// repeats reports whether a group's documents are the same but for numbers, and so are those of the other side.
func (l *learner) repeats(g *group) bool {
	same := func(g *group) bool {
		return len(g.docs) > 1 && len(g.when) > 0 && all(g.docs, func(h *heard) bool { return h.shape() == g.docs[0].shape() })
	}
	return same(g) && slices.ContainsFunc(l.groups, func(o *group) bool {
		return o.dir != g.dir && slices.Equal(o.when, g.when) && same(o)
	})
}

// shape is a document without its numbers.
func (h *heard) shape() string {
	var all []string
	for _, lf := range h.leaves {
		all = append(all, lf.path+"="+numbers.ReplaceAllString(lf.text, "0"))
	}
	return strings.Join(all, ";")
}

// findAsks looks for marks by which the bot asks for a person.
func (l *learner) findAsks(g *group) {
	if g.dir == Up {
		return
	}
	found := make(map[string]bool)
	for _, h := range g.docs {
		for _, lf := range h.leaves {
			switch {
			case slices.Contains(g.paths, lf.path):
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
			if lf.kind != kindString || len(lf.text) < 3 || strings.Contains(lf.text, " ") || strings.Contains(lf.path, "[*]") ||
				!sessionWords.MatchString(lf.path) && !idLike.MatchString(lf.key) || slices.Contains(tellingKeys[:8], lf.key) {
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
		if sessionWords.MatchString(lastKey(path)) {
			got *= 3
		}
		if got /= float64(1 + strings.Count(path, ".")); got > score {
			best, score = path, got
		}
	}
	conns, values := 0, make(map[string]bool)
	if best != "" {
		for _, v := range found[best].byConn {
			values[v] = true
		}
		conns = len(found[best].byConn)
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
