package wire

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// lesson writes the profile down, and leaves out templates that do not stand up to the recording.
func (l *learner) lesson() *Lesson {
	inject, remarks := l.templates(), l.remarks
	for {
		l.remarks = slices.Clone(remarks)
		yaml := l.yaml(inject)
		wrong := l.wrong(yaml)
		if wrong == "" {
			return &Lesson{YAML: yaml, Remarks: l.remarks}
		}
		if len(inject) == 0 {
			l.remark("the proposal does not check out on the recording: %s", wrong)
			return &Lesson{YAML: yaml, Remarks: l.remarks}
		}
		remarks = append(remarks, fmt.Sprintf("inject: no template for %s could be made that the profile would read back", inject[len(inject)-1].name))
		inject = inject[:len(inject)-1]
	}
}

// wrong is the first thing wrong with a proposal, "" when it stands up to the recording.
func (l *learner) wrong(yaml []byte) string {
	all, err := Parse("learned", yaml)
	if err != nil {
		return err.Error()
	}
	if found := all[0].Check(l.rec).Findings; len(found) > 0 {
		return found[0].String()
	}
	return ""
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
		case g.kind == DTMF:
			p.line("  - {dir: %s, kind: %s%s, text: %s} # %s, told by its name", g.dir, g.kind, whenField(g.when), list([]string{g.keys}), plural(len(g.docs), "message"))
		case g.kind != Unknown:
			p.line("  - {dir: %s, kind: %s%s} # %s, told by its name or by repeating", g.side(), g.kind, whenField(g.when), plural(len(g.docs), "message"))
		case len(g.asks) > 0:
			p.line("  - {dir: %s, kind: handoff%s} # seen %s", g.dir, whenField(append(slices.Clone(g.when), g.asks[0])), plural(len(g.docs), "time"))
		default:
			alone = append(alone, fmt.Sprintf("%s (%d)", g.name(), len(g.docs)))
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

// name is what remarks call the group.
func (g *group) name() string {
	if len(g.when) == 0 {
		return g.dir.String() + " without any mark"
	}
	return g.dir.String() + " " + strings.Join(g.when, " and ")
}

// side is the direction as the profile writes it.
func (g *group) side() string {
	if g.both {
		return "any"
	}
	return g.dir.String()
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
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
	if len(g.when) == 0 {
		echoWhen = []string{g.places()[0] + " is string"}
	}
	if e := g.echo; e != nil {
		switch {
		case e.off != "":
			l.echo(p, g, append(echoWhen, e.off))
		case e.on != "":
			when = append(when, e.on)
		case e.seen == e.total:
			l.echo(p, g, echoWhen)
			return
		default:
			l.remark("%s: %d of %d messages say what the customer said before, and nothing tells them from the bot's", g.name(), e.seen, e.total)
		}
	}
	if s := g.stream; s != nil && s.marker != "" {
		p.line("  - {dir: down, kind: turn_end%s} # ends a reply that came in pieces", whenField(append(slices.Clone(when), s.marker)))
	}
	if g.partial != "" {
		p.line("  - {dir: up, kind: partial, role: customer%s, text: %s} # a hypothesis, by its name and since it is false now and then", whenField(append(slices.Clone(when), g.partial+" == false")), list(g.places()))
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
	texts := g.places()
	if len(when) == 0 {
		l.remark("%s messages have nothing that tells them apart: every one with %s counts as speech", g.dir, strings.Join(texts, " or "))
		for _, other := range texts[1:] {
			defer p.line("  - {dir: %s, kind: message, role: %s, when: %s, text: %s}", g.dir, role, list([]string{other + " is string"}), list([]string{other}))
		}
		texts = texts[:1]
		when = []string{texts[0] + " is string"}
	}
	p.line("    when: %s # %s", list(when), plural(len(g.docs), "message"))
	g.textLines(p, texts)
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
	case g.kind != Unknown:
		return g.kind
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
		return fmt.Sprintf(" # %s seen in pieces, in %s", count(g.stream.replies, "reply", "replies"), plural(g.stream.pieces, "message"))
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
	p.line("  - {dir: down, kind: echo, role: customer%s, text: %s} # equal to an earlier utterance in %d of %d messages", whenField(when), list(g.places()), g.echo.seen, g.echo.total)
}

// latest is a path upstream that leads to one text: of hypotheses the first, of anything else the last.
func latest(path string) string {
	return strings.ReplaceAll(strings.ReplaceAll(path, "alternatives[*]", "alternatives[0]"), "[*]", "[-1]")
}

// places lists the paths of the group's texts: of a list upstream only the last, since some widgets send the history.
func (g *group) places() []string {
	var all []string
	if g.stream != nil {
		all = append(all, g.stream.path)
	}
	for _, t := range g.texts {
		path := t.path
		if g.dir == Up {
			path = latest(path)
		}
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}

// textLines writes the paths of texts, each with what speaks for it.
func (g *group) textLines(p *page, texts []string) {
	if len(texts) == 1 {
		p.line("    text: %s # %s", list(texts), g.textWhy(texts[0]))
		return
	}
	p.line("    text:")
	for _, path := range texts {
		p.line("      - %s # %s", quote(path), g.textWhy(path))
	}
}

func (g *group) textWhy(path string) string {
	for _, t := range g.texts {
		if t.path == path || latest(t.path) == path {
			return fmt.Sprintf("in %d of %d messages, %d of %d strings like sentences", t.seen, len(g.docs), t.human, t.all)
		}
	}
	return "pieces that make words together"
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
	return fmt.Sprintf("%s what a button shows or sends", count(n, "utterance was", "utterances were"))
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
	secretKey = regexp.MustCompile(`(?i)token|secret|passw|auth|jwt|api.?key|credential`)
	timeLike  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d`)
	countKey  = regexp.MustCompile(`(?i)^(seq|sequence|n|count|index|watermark)$|_at$|timestamp|^time$|^ts$`)
)

// templates makes templates from the plainest message of the bot's and of the customer's.
func (l *learner) templates() []written {
	var all []written
	for _, dir := range []Direction{Down, Up} {
		var best written
		for _, g := range l.groups {
			if g.dir != dir || len(g.texts) == 0 || g.kind != Unknown || g.stream != nil && !g.stream.mixed || g.final || g.echo != nil && g.echo.seen == g.echo.total {
				continue
			}
			for _, h := range g.docs {
				if g.echo != nil && l.echoes(g, h) || dir == Down && g.agents(h) {
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

// agents reports whether a document's mark says that a person wrote it.
func (g *group) agents(h *heard) bool {
	lf := h.at(g.sender)
	return lf != nil && senderRole([]byte(lf.text), Bot) == Agent
}

// template writes a document with variables in the place of its words, its ids and times and the session; false when
// it has what cannot be said again, or more than one text.
func (l *learner) template(g *group, h *heard) (string, bool) {
	var out strings.Builder
	at, spoken := 0, false
	for _, lf := range h.leaves {
		quoted, variable := "", ""
		switch {
		case g.words(lf.path) && !spoken && !strings.Contains(lf.path, "[*]"):
			spoken, quoted = true, "{{text}}"
		case lf.path == l.session, l.sessionText[lf.text] && lf.kind == kindString:
			quoted = "{{session}}"
		case g.words(lf.path), g.button(lf.path), secretKey.MatchString(lf.key), slices.Contains(g.asks, lf.path+" == true"), countKey.MatchString(lf.key) && lf.kind == kindNumber:
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
