package rules

import (
	"fmt"
	"strings"
)

// Page writes a pack down for people: what its numbers come to, and each rule with what it does, why, and an example,
// as Markdown. It is "" when the set has no pack of that name.
func (s *Set) Page(pack string) string {
	for _, p := range s.specs {
		if p.name == pack {
			w := &pageWriter{}
			w.pack(p)
			return w.b.String()
		}
	}
	return ""
}

// Packs lists the names of the packs, in the order of their files.
func (s *Set) Packs() []string {
	var out []string
	for _, p := range s.specs {
		out = append(out, p.name)
	}
	return out
}

type pageWriter struct{ b strings.Builder }

func (w *pageWriter) printf(format string, args ...any) { fmt.Fprintf(&w.b, format, args...) }

// cell makes a text fit into a cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(strings.TrimSpace(s))
}

func (w *pageWriter) pack(p *spec) {
	w.printf("# %s\n\nLocale %s, %d signals, %d rewrites. Written by its rules; change those and not this page.\n", p.name, p.locale, len(p.signals), len(p.rewrites))
	if p.scoring != nil {
		w.printf("\n%s.\n", capital(p.scoring.meaning()))
	}
	w.signals(p)
	w.rewrites(p)
	w.escalations(p)
	w.crisis(p)
	w.verbatim(p)
	w.touchpoints(p)
}

func (w *pageWriter) table(title, note string, columns ...string) {
	w.printf("\n## %s\n\n%s\n\n| %s |\n|%s\n", title, note, strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
}

func (w *pageWriter) row(cells ...string) {
	for i := range cells {
		cells[i] = cell(cells[i])
	}
	w.printf("| %s |\n", strings.Join(cells, " | "))
}

// example is the last turn of the first example, which is the one that counts.
func (e *examplesSpec) example() string {
	if e == nil || len(e.fires) == 0 || len(e.fires[0].turns) == 0 {
		return ""
	}
	t := e.fires[0].turns[len(e.fires[0].turns)-1]
	if t.text == "" {
		return strings.TrimSpace(t.event + " " + t.value)
	}
	return "“" + t.text + "”"
}

func (w *pageWriter) signals(p *spec) {
	if len(p.signals) == 0 {
		return
	}
	w.table("What it hears", "Points count on the turn itself and fade; feelings say what they are about.", "rule", "of", "what and why", "points", "example")
	for _, x := range p.signals {
		weight := ""
		if x.points > 0 {
			weight = fmt.Sprintf("%g", x.points)
		}
		var feels []string
		for _, f := range x.feels {
			feels = append(feels, f.String())
		}
		if len(feels) > 0 {
			weight = strings.TrimSpace(weight + " " + strings.Join(feels, ", "))
		}
		switch {
		case x.halves:
			weight += " halves the score"
		case x.calms > 0:
			weight += fmt.Sprintf(" takes %g off", x.calms)
		}
		if x.failure {
			weight += ", a failure"
		}
		if x.settles {
			weight += ", settles"
		}
		w.row("`"+x.id+"`", x.from.String(), x.what+" *"+x.why+"*", strings.TrimPrefix(weight, ", "), x.examples.example())
	}
}

func (w *pageWriter) rewrites(p *spec) {
	for i, name := range moves {
		first := true
		for _, x := range p.rewrites {
			if string(x.move) != name {
				continue
			}
			if first {
				w.table("What it says: "+name, moveNotes[i], "rule", "what and why", "the bot", "sent")
				first = false
			}
			in, out := "", ""
			for _, e := range x.examples.all() {
				if !e.unchanged && e.out != nil {
					in, out = e.in, e.out.text
					break
				}
			}
			w.row("`"+x.id+"`", x.what+" *"+x.why+"*", in, out)
		}
	}
}

// moveNotes say what each of the moves is for, in their order.
var moveNotes = [...]string{
	"Show that somebody read what was written, in the customer's own words.",
	"Say who does what, instead of hiding behind the passive.",
	"Keep the no, and put a way on beside it.",
	"Lead on to what comes next.",
	"Name the way to a person.",
	"Say it in words that are read once.",
	"Take out cheer that does not fit.",
}

func (e *rewriteExamples) all() []*rewriteExample {
	if e == nil {
		return nil
	}
	return e.list
}

func (w *pageWriter) escalations(p *spec) {
	if len(p.escalations) == 0 && len(p.asks) == 0 {
		return
	}
	w.table("When it brings people in", "Beside the score.", "rule", "when", "does", "what and why")
	for _, x := range p.escalations {
		var when []string
		if x.when != nil {
			for _, part := range x.when.parts {
				when = append(when, part.source)
			}
		}
		w.row("`"+x.id+"`", "`"+strings.Join(when, " && ")+"`", x.do.String(), x.what+" *"+x.why+"*")
	}
}

func (w *pageWriter) crisis(p *spec) {
	if len(p.crisis) == 0 {
		return
	}
	w.table("When somebody may be in danger", "Past every score, budget and opening hour.", "rule", "what and why", "country, verified", "example")
	for _, x := range p.crisis {
		w.row("`"+x.id+"`", x.what+" *"+x.why+"*", x.country+", "+x.verified.Format("2006-01-02"), x.examples.example())
	}
}

func (w *pageWriter) verbatim(p *spec) {
	if len(p.verbatim) == 0 {
		return
	}
	w.table("What it never touches", "A reply with such words goes out byte for byte.", "rule", "why", "example")
	for _, x := range p.verbatim {
		w.row("`"+x.id+"`", x.why, x.examples.example())
	}
}

func (w *pageWriter) touchpoints(p *spec) {
	if len(p.touchpoints) == 0 {
		return
	}
	w.table("Touchpoints", "Places in the journey, each with the feeling aimed for.", "touchpoint", "story", "feelings", "aims")
	for _, x := range p.touchpoints {
		w.row("`"+x.id+"`", x.story, strings.Join(x.feel, ", "), x.aims())
	}
}

// aims says in figures what is aimed for at a touchpoint.
func (t *touchpointSpec) aims() string {
	var out []string
	if t.askText != nil {
		out = append(out, fmt.Sprintf("%g %% of the sessions are asked", t.share))
		if t.target > 0 {
			out = append(out, fmt.Sprintf("%g %% say yes", t.target))
		}
	}
	for _, p := range t.proxies {
		bound := "at least"
		if p.atMost {
			bound = "at most"
		}
		text := fmt.Sprintf("%s %s %g %%", p.name, bound, p.want)
		if !measured(p.name) {
			text += " (not measured yet)"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// DetectorPage writes down what packs may name under detect: each detector with what it sees, whose turns it reads, its
// parameters, and where it comes from, as Markdown.
func DetectorPage() string {
	w := &pageWriter{}
	w.printf("# Detectors\n\nA detector sees what people do rather than what they say. A rule names one in its match, with its parameters beside it:\n\n" +
		"```yaml\nmatch: {detect: customer.repeat, window: 3, same: mostly}\n```\n\n" +
		"Written by the code; change that and not this page.\n")
	for _, d := range detectorList() {
		w.printf("\n## %s\n\n%s. Reads the turns of the %s.\n\nSource: %s\n", d.name, capital(d.doc), readers[d.role], d.source)
		if len(d.params) == 0 {
			w.printf("\nNo parameters.\n")
			continue
		}
		w.printf("\n| parameter | takes | default | meaning |\n| --- | --- | --- | --- |\n")
		for i := range d.params {
			p := &d.params[i]
			w.row("`"+p.name+"`", p.takes(), "`"+p.standard+"`", p.doc)
		}
	}
	return w.b.String()
}

// readers name whose turns a detector reads.
var readers = [...]string{Customer: "customer", Bot: "bot", Agent: "agent", Event: "line: what happens without words"}

// takes says what a parameter takes.
func (p *paramSpec) takes() string {
	switch p.kind {
	case paramCount:
		return fmt.Sprintf("a whole number from %g to %g", p.low, p.high)
	case paramShare:
		return fmt.Sprintf("a number from %g to %g", p.low, p.high)
	case paramChoice:
		return strings.Join(p.choices, ", ")
	default:
		return "text"
	}
}
