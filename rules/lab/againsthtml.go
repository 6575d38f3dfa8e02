package lab

import (
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"

	"attune/rules/lab/chart"
)

// reportStyle is the style sheet of HTML reports.
//
//go:embed report.css
var reportStyle string

// page writes HTML. Every text that is not written here goes through its methods, which escape it.
type page struct{ strings.Builder }

// add writes markup with escaped texts in the place of each %v.
func (p *page) add(markup string, texts ...any) {
	for i, t := range texts {
		texts[i] = html.EscapeString(fmt.Sprint(t))
	}
	_, _ = fmt.Fprintf(p, markup, texts...)
}

// WriteHTML writes the report as one page that needs nothing else: no script, no font, no picture from elsewhere. It
// quotes what customers and bots said, so it is to be kept as the recordings are.
func (r *AgainstReport) WriteHTML(w io.Writer) error {
	p := &page{}
	p.add(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Attune: two rule sets on the same conversations</title>
`)
	_, _ = p.WriteString("<style>\n" + reportStyle + "</style>\n</head>\n<body>\n<main>\n")
	r.headHTML(p)
	r.movesHTML(p)
	if err := r.hoursHTML(p); err != nil {
		return err
	}
	if err := r.rulesHTML(p); err != nil {
		return err
	}
	r.outcomesHTML(p)
	r.wordingsHTML(p)
	_, _ = p.WriteString("<footer>Written by <code>attune replay --against</code>. It quotes recorded conversations: keep it as you keep them.</footer>\n</main>\n</body>\n</html>\n")
	if _, err := io.WriteString(w, p.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (r *AgainstReport) headHTML(p *page) {
	s := &r.Before.Summary
	p.add("<h1>Two rule sets on the same conversations</h1>\n")
	p.add("<dl class=\"sets\"><div class=\"before\"><dt>before</dt><dd>%v <code>%v</code></dd></div>", r.Before.Name, r.Before.Digest)
	p.add("<div class=\"after\"><dt>after</dt><dd>%v <code>%v</code></dd></div></dl>\n", r.After.Name, r.After.Digest)
	p.add("<p>%v conversations with %v turns; %v of them differ.</p>\n", s.Dialogues, s.Turns, r.Different)
	offer, people := r.Newly()
	lessOffer, lessPeople := r.NoLonger()
	before, after := r.Load()
	p.add("<ul class=\"cards\">\n")
	card := func(title, value, note string) {
		p.add("<li><b>%v</b><strong>%v</strong><span>%v</span></li>\n", title, value, note)
	}
	card("Offered a person", turned(before.Offers, after.Offers), fmt.Sprintf("%d newly, %d no longer", offer, lessOffer))
	card("Given a person", turned(before.Persons, after.Persons), fmt.Sprintf("%d newly, %d no longer", people, lessPeople))
	card("Agents' minutes", fmt.Sprintf("%.0f → %.0f", r.Minutes*float64(before.Persons), r.Minutes*float64(after.Persons)),
		fmt.Sprintf("at %g each; accepted offers add up to %.0f → %.0f", r.Minutes, r.Minutes*float64(before.Offers), r.Minutes*float64(after.Offers)))
	card("Flagged turns", turned(s.Flagged, r.After.Summary.Flagged), fmt.Sprintf("%d newly, %d no longer", r.NewlyFlagged, r.NoLongerFlagged))
	card("Reworded replies", turned(s.Reworded, r.After.Summary.Reworded), fmt.Sprintf("of %d; %d in other words", s.ByRole["bot"], r.OtherWords))
	card("First decision", fmt.Sprintf("%d earlier", r.Earlier), fmt.Sprintf("%d later", r.Later))
	p.add("</ul>\n")
}

func (r *AgainstReport) movesHTML(p *page) {
	p.add("<h2>What comes of the conversations</h2>\n<table class=\"moves\"><thead><tr><th scope=\"col\">before ↓ after →</th>")
	for _, name := range endingNames {
		p.add("<th scope=\"col\">%v</th>", name)
	}
	p.add("</tr></thead><tbody>\n")
	for i, name := range endingNames {
		p.add("<tr><th scope=\"row\">%v</th>", name)
		for j := range endings {
			class := "same"
			switch {
			case r.Moves[i][j] == 0:
				class = "none"
			case j > i:
				class = "more"
			case j < i:
				class = "less"
			}
			p.add("<td class=\"%v\">%v</td>", class, r.Moves[i][j])
		}
		p.add("</tr>\n")
	}
	p.add("</tbody></table>\n")
}

func (r *AgainstReport) hoursHTML(p *page) error {
	p.add("<h2>By the hour of the day</h2>\n")
	if r.Hours == nil {
		p.add("<p>No times are recorded in these conversations.</p>\n")
		return nil
	}
	before, after := r.Load()
	p.add("<p>Handoffs an hour: %v over %v hours of recordings.", fmt.Sprintf("%.2f → %.2f", ratio(before.Persons, r.CalendarHours), ratio(after.Persons, r.CalendarHours)), r.CalendarHours)
	p.add(" The busiest hour takes %v.</p>\n", turned(r.Busiest[0], r.Busiest[1]))
	for _, c := range []struct {
		title string
		of    func(Load) int
	}{{"conversations given a person", func(l Load) int { return l.Persons }}, {"conversations offered a person", func(l Load) int { return l.Offers }}} {
		bars := chart.Bars{Title: c.title + ", by the hour", X: c.title + ", by the hour of the day", Series: []string{"before", "after"}}
		for _, h := range r.Hours {
			bars.Groups = append(bars.Groups, chart.Group{Name: fmt.Sprint(h.Hour), Values: []float64{float64(c.of(h.Before)), float64(c.of(h.After))}})
		}
		if err := bars.WriteSVG(p); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}

// chartedRules is how many rules the chart shows; the table has all.
const chartedRules = 12

func (r *AgainstReport) rulesHTML(p *page) error {
	all := r.Rules()
	p.add("<h2>By rule</h2>\n")
	if len(all) == 0 {
		p.add("<p>Every rule does the same in both sets.</p>\n")
		return nil
	}
	bars := chart.Bars{Title: "how often rules fire, decide and apply", X: "the rules that differ most, numbered as in the table: turns on which they fire, decide or apply", Series: []string{"before", "after"}}
	for i, x := range all[:min(len(all), chartedRules)] {
		bars.Groups = append(bars.Groups, chart.Group{Name: fmt.Sprint(i + 1), Values: []float64{
			float64(x.Before.Fired + x.Before.Decided + x.Before.Applied), float64(x.After.Fired + x.After.Decided + x.After.Applied),
		}})
	}
	if err := bars.WriteSVG(p); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	p.add("<table><thead><tr><th scope=\"col\"></th><th scope=\"col\">rule</th><th scope=\"col\">fired</th><th scope=\"col\">decided</th><th scope=\"col\">applied</th></tr></thead><tbody>\n")
	for i := range all {
		x := &all[i]
		p.add("<tr><td>%v</td><th scope=\"row\">%v</th><td>%v</td><td>%v</td><td>%v</td></tr>\n", i+1, x.Rule,
			turned(x.Before.Fired, x.After.Fired), turned(x.Before.Decided, x.After.Decided), turned(x.Before.Applied, x.After.Applied))
	}
	p.add("</tbody></table>\n")
	return nil
}

func (r *AgainstReport) outcomesHTML(p *page) {
	p.add("<h2>Conversations of which something else comes</h2>\n")
	if len(r.Outcomes) == 0 {
		p.add("<p>None.</p>\n")
		return
	}
	p.add("<table><thead><tr><th scope=\"col\">conversation</th><th scope=\"col\">turn</th><th scope=\"col\">before</th><th scope=\"col\">after</th><th scope=\"col\">what was said there</th></tr></thead><tbody>\n")
	for _, o := range r.Outcomes {
		p.add("<tr><th scope=\"row\">%v</th><td>%v</td><td>%v</td><td>%v</td><td dir=\"auto\">%v</td></tr>\n",
			o.Dialogue, o.Turn, because(o.Before, o.BeforeReason), because(o.After, o.AfterReason), o.Text)
	}
	p.add("</tbody></table>\n")
	if r.MoreOutcomes > 0 {
		p.add("<p>And %v more.</p>\n", r.MoreOutcomes)
	}
}

func (r *AgainstReport) wordingsHTML(p *page) {
	p.add("<h2>Replies worded otherwise</h2>\n")
	if len(r.Wordings) == 0 {
		p.add("<p>None.</p>\n")
		return
	}
	p.add("<p>What goes is <del>struck out</del>, what comes is <ins>underlined</ins>.</p>\n<ol class=\"wordings\">\n")
	for _, x := range r.Wordings {
		p.add("<li><p dir=\"auto\">")
		for _, c := range x.Diff {
			switch c.Kind {
			case Removed:
				p.add("<del>%v</del>", c.Text)
			case Added:
				p.add("<ins>%v</ins>", c.Text)
			default:
				p.add("%v", c.Text)
			}
		}
		p.add("</p><small>%v×, first in %v turn %v; %v → %v</small></li>\n", x.Times, x.Dialogue, x.Turn, named(x.BeforeRules), named(x.AfterRules))
	}
	p.add("</ol>\n")
	if r.MoreWordings > 0 {
		p.add("<p>And %v more replies.</p>\n", r.MoreWordings)
	}
}

// turned is arrow in the signs of a page.
func turned(before, after int) string { return strings.Replace(arrow(before, after), "->", "→", 1) }

// named lists rules for people.
func named(rules []string) string {
	if len(rules) == 0 {
		return "as the bot says it"
	}
	return strings.Join(rules, ", ")
}
