package wire

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// lesson writes the profile down, and leaves out what does not stand up to the recording.
func (l *learner) lesson() *Lesson {
	inject := l.templates()
	for {
		yaml := l.yaml(inject)
		p, err := Parse("learned", yaml)
		if err == nil && len(p[0].Check(l.rec).Findings) == 0 || len(inject) == 0 {
			return &Lesson{YAML: yaml, Remarks: l.remarks}
		}
		l.remark("inject: %s could not be made from the recording", inject[len(inject)-1].name)
		inject = inject[:len(inject)-1]
	}
}

// written is one template.
type written struct{ name, text, why string }

// page writes YAML.
type page struct{ bytes.Buffer }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// quote writes a string as YAML reads it.
func quote(s string) string { return strconv.Quote(s) }

func list(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func (l *learner) yaml(inject []written) []byte {
	var p page
	p.line("# For: a protocol learned from %s.", plural(len(l.rec.Events), "recorded event"))
	p.line("# Tested: recorded. Nothing but the recording it was made from; every line below is a guess.")
	p.line("# Cannot: be trusted before somebody has read it. Seen: %s, %s without a document.", plural(len(l.docs), "document"), plural(sum(l.silent), "message"))
	p.line("profile: learned")
	p.line("framing: %s # %s", l.framing.name, l.framingWhy())
	if keep := l.keepalive(); len(keep) > 0 {
		p.line("keepalive: %s # whole messages that say nothing", list(keep))
	}
	if l.each != "" {
		p.line("each: %s # what tells messages apart is in the elements of this list", quote(l.each))
	}
	if l.session != "" {
		p.line("session: %s # %s", quote(l.session), l.sessionWhy)
	}
	l.frames(&p)
	l.injections(&p, inject)
	return p.Bytes()
}

func sum(counts map[string]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

func (l *learner) framingWhy() string {
	if len(l.docs) == 0 {
		return "no text message holds a document"
	}
	return fmt.Sprintf("%s found that way, more than any other", plural(len(l.docs), "document"))
}

// keepalive lists the short messages that are no document and come again, or are called so.
func (l *learner) keepalive() []string {
	var all []string
	seen := make(map[string]int)
	for _, ev := range l.rec.Events {
		if s := string(ev.Data); ev.Opcode == OpText && len(s) <= 16 && l.silent[s] > 0 {
			seen[s]++
		}
	}
	for _, s := range sortedKeys(seen) {
		if l.framing.name == "raw" && (seen[s] > 1 || heartbeatWords.MatchString(s)) {
			all = append(all, s)
		}
	}
	return all
}

func sortedKeys(m map[string]int) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func (l *learner) frames(p *page) {
	if len(l.docs) == 0 {
		return
	}
	spoken := false
	var alone []string
	p.line("frames:")
	empty := p.Len()
	for _, g := range l.groups {
		switch {
		case len(g.texts) > 0 || g.stream != nil:
			l.speech(p, g)
			spoken = true
		case g.kind != Unknown:
			p.line("  - {dir: %s, kind: %s%s} # %s, told by its name or by repeating", g.dir, g.kind, whenField(g.when), plural(len(g.docs), "message"))
		case len(g.asks) > 0:
			p.line("  - {dir: %s, kind: handoff%s} # seen %s", g.dir, whenField(append(slices.Clone(g.when), g.asks[0])), plural(len(g.docs), "time"))
		default:
			alone = append(alone, fmt.Sprintf("%s %s (%d)", g.dir, strings.Join(g.when, " and "), len(g.docs)))
		}
	}
	if p.Len() == empty {
		p.Truncate(empty - len("frames:\n"))
	}
	if len(alone) > 0 {
		p.line("# Left alone, since no words were seen in them: %s.", strings.Join(alone, "; "))
	}
	if !spoken {
		l.remark("no words were found: name the paths of texts by hand")
	}
}

func whenField(when []string) string {
	if len(when) == 0 {
		return ""
	}
	return ", when: " + list(when)
}

// speech writes the frames of a group in which somebody speaks.
func (l *learner) speech(p *page, g *group) {
	when, echoWhen := slices.Clone(g.when), slices.Clone(g.when)
	if e := g.echo; e != nil {
		switch {
		case e.off != "":
			l.echo(p, g, append(echoWhen, e.off))
		case e.on != "":
			when = append(when, e.on)
		case e.seen == e.total:
			l.echo(p, g, when)
			return
		default:
			l.remark("%s %s: %d of %d messages say what the customer said before, and nothing tells them from the bot's", g.dir, strings.Join(g.when, " and "), e.seen, e.total)
		}
	}
	if s := g.stream; s != nil && s.marker != "" {
		p.line("  - {dir: down, kind: turn_end%s} # ends a reply that came in pieces", whenField(append(slices.Clone(when), s.marker)))
	}
	p.line("  - dir: %s", g.dir)
	p.line("    kind: %s%s", l.kind(g), l.kindWhy(g))
	role := "customer"
	if g.dir == Down {
		role = "bot"
	}
	p.line("    role: %s", role)
	if g.sender != "" {
		p.line("    sender: %s", quote(g.sender))
	}
	texts := g.paths0()
	if len(when) == 0 {
		when = []string{texts[0] + " is string"}
		l.remark("%s messages have nothing that tells them apart: every one with %s counts as speech", g.dir, texts[0])
	}
	p.line("    when: %s # %s", list(when), plural(len(g.docs), "message"))
	p.line("    text: %s # %s", list(texts), g.textWhy())
	if len(g.labels) > 0 {
		var labels, payloads []string
		for _, b := range g.labels {
			labels, payloads = append(labels, b.labels), append(payloads, b.payloads)
		}
		p.line("    labels: %s # what buttons show and send: %s", list(labels), plural(g.labels[0].seen, "button"))
		p.line("    payloads: %s", list(payloads))
	}
	if g.dir == Up && len(l.offered) > 0 {
		p.line("    opaque_if_offered: true # %s", l.clickWhy(g))
	}
	if len(g.asks) > 0 && g.kind != Handoff {
		p.line("    handoff: %s # by its name", list(g.asks))
	}
	l.streamLines(p, g)
	if e := g.echo; e != nil && e.on != "" {
		l.echo(p, g, echoWhen)
	}
}

func (l *learner) kind(g *group) Kind {
	switch {
	case g.kind == Handoff:
		return Handoff
	case g.stream != nil && !g.stream.mixed:
		return Delta
	case g.final:
		return Final
	}
	return Message
}

func (l *learner) kindWhy(g *group) string {
	switch {
	case g.stream != nil:
		return fmt.Sprintf(" # %s in %s", plural(g.stream.replies, "reply in pieces, reply"), plural(g.stream.pieces, "message"))
	case g.final:
		return " # says again what a stream has said"
	}
	return ""
}

func (l *learner) streamLines(p *page, g *group) {
	if g.final && g.stream == nil {
		p.line("    stream: {final: true}")
		return
	}
	s := g.stream
	if s == nil {
		return
	}
	fields := "mode: " + s.mode
	if s.key != "" {
		fields += ", key: " + quote(s.key)
	}
	if s.end != "" {
		fields += ", end_when: " + list([]string{s.end})
	} else {
		fields += ", idle: 700ms"
		l.remark("%s: nothing was seen that ends a reply in pieces; it ends when nothing comes for 700 ms", s.path)
	}
	p.line("    stream: {%s}", fields)
}

func (l *learner) echo(p *page, g *group, when []string) {
	p.line("  - {dir: down, kind: echo, role: customer%s, text: %s} # equal to an earlier utterance in %d of %d messages", whenField(when), list(g.paths0()), g.echo.seen, g.echo.total)
}

// paths0 lists the paths of the group's texts: of a list upstream only the last, since some widgets send the history.
func (g *group) paths0() []string {
	var all []string
	if g.stream != nil {
		all = append(all, g.stream.path)
	}
	for _, t := range g.texts {
		path := t.path
		if g.dir == Up {
			path = strings.ReplaceAll(path, "[*]", "[-1]")
		}
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}

func (g *group) textWhy() string {
	var all []string
	for _, t := range g.texts {
		all = append(all, fmt.Sprintf("in %d of %d messages, like words %d times of %d", t.seen, len(g.docs), t.human, t.all))
	}
	if len(all) == 0 {
		return "pieces that make words together"
	}
	return strings.Join(all, "; ")
}

func (l *learner) clickWhy(g *group) string {
	n := 0
	for _, h := range g.docs {
		for _, t := range g.texts {
			if slices.ContainsFunc(h.says(t.path), func(s string) bool { return l.offered[s] }) {
				n++
			}
		}
	}
	return fmt.Sprintf("%s equal what a button sends or shows", plural(n, "utterance"))
}

func (l *learner) injections(p *page, inject []written) {
	if len(inject) == 0 {
		p.line("inject: unsupported # no message of the bot's was plain enough to make a template from")
		l.remark("inject: nothing can be said in the bot's place until you write a template")
		return
	}
	p.line("inject:")
	for _, w := range inject {
		p.line("  %s: '%s' # %s", w.name, strings.ReplaceAll(w.text, "'", "''"), w.why)
	}
	l.remark("inject: the templates are copies of messages: see whether ids, times and numbers in them may be said again")
}

var (
	timeLike = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d`)
	countKey = regexp.MustCompile(`(?i)^(seq|sequence|n|count|index|watermark)$|_at$|timestamp|^time$|^ts$`)
)

// templates makes templates from the plainest message of the bot's and of the customer's.
func (l *learner) templates() []written {
	var all []written
	for _, dir := range []Direction{Down, Up} {
		var best written
		for _, g := range l.groups {
			if g.dir != dir || len(g.texts) != 1 || g.kind != Unknown || g.stream != nil && !g.stream.mixed || g.final || g.echo != nil && g.echo.seen == g.echo.total {
				continue
			}
			for _, h := range g.docs {
				if g.echo != nil && l.echoes(g, h) {
					continue
				}
				if text, ok := l.template(g, h); ok && (best.text == "" || len(text) < len(best.text)) {
					best = written{"bot", text, fmt.Sprintf("made from line %d", h.line)}
				}
			}
		}
		if best.text == "" {
			if dir == Down {
				return nil
			}
			continue
		}
		if dir == Up {
			best.name = "to_backend"
		}
		all = append(all, best)
	}
	return all
}

// template writes a document with variables in the place of its words, its ids and times and the session; false when
// it has what cannot be said again.
func (l *learner) template(g *group, h *heard) (string, bool) {
	var out strings.Builder
	at, spoken := 0, false
	for _, lf := range h.leaves {
		quoted, variable := "", ""
		switch {
		case lf.path == g.texts[0].path && !spoken:
			spoken, quoted = true, "{{text}}"
		case lf.path == l.session, l.sessionText[lf.text] && lf.kind == kindString:
			quoted = "{{session}}"
		case g.button(lf.path), g.final, countKey.MatchString(lf.key) && lf.kind == kindNumber:
			return "", false
		case lf.kind == kindString && timeLike.MatchString(lf.text):
			variable = "{{now}}"
		case lf.kind == kindString && idLike.MatchString(lf.key):
			variable = "att-{{n}}"
		default:
			continue
		}
		if lf.end == 0 || lf.kind != kindString {
			return "", false // inside a string of JSON
		}
		if quoted != "" {
			out.Write(h.doc[at : lf.start-1])
			out.WriteString(quoted)
			at = lf.end + 1
			continue
		}
		out.Write(h.doc[at:lf.start])
		out.WriteString(variable)
		at = lf.end
	}
	if !spoken || h.doc == nil {
		return "", false
	}
	out.Write(h.doc[at:])
	return out.String(), true
}
