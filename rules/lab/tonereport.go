package lab

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// ToneReport tells how often replies make the moves. Its JSON is the output of `attune eval --tone --format json`.
type ToneReport struct {
	// Rules is the digest of the set.
	Rules string   `json:"rules"`
	Files []string `json:"files"`
	// OtherLanguages counts replies that were not read, since the lists are English.
	OtherLanguages int         `json:"other_languages"`
	Groups         []ToneGroup `json:"groups"`
}

// ToneGroup is the report on some of the replies: all; hard (it refuses, found nothing, or did not understand);
// uneasy (the customer's last turn was flagged); changed (Attune would have sent other words).
type ToneGroup struct {
	Group string    `json:"group"`
	Rows  []ToneRow `json:"rows"`
}

// ToneRow is how one kind of speaker replies: bot (as recorded), attune (the same replies as they would be sent), or
// agent (people).
type ToneRow struct {
	Speaker string `json:"speaker"`
	Replies int    `json:"replies"`
	// Words is the mean length of a reply.
	Words float64     `json:"words"`
	Moves []MoveCount `json:"moves"`
}

// MoveCount is in how many replies a move is made at least once, and their share from 0 to 1.
type MoveCount struct {
	Move    string  `json:"move"`
	Replies int     `json:"replies"`
	Share   float64 `json:"share"`
}

// Report works out the shares. Groups and speakers without a reply are left out.
func (t *Tone) Report() *ToneReport {
	r := &ToneReport{Rules: t.digest, Files: []string{}, OtherLanguages: t.foreign, Groups: []ToneGroup{}}
	for group := range t.counts {
		g := ToneGroup{Group: toneGroupNames[group]}
		for speaker := range t.counts[group] {
			c := &t.counts[group][speaker]
			if c.replies == 0 {
				continue
			}
			row := ToneRow{Speaker: toneSpeakerNames[speaker], Replies: c.replies, Words: round(ratio(c.words, c.replies))}
			for i, name := range moveNames {
				row.Moves = append(row.Moves, MoveCount{Move: name, Replies: c.moves[i], Share: round(ratio(c.moves[i], c.replies))})
			}
			g.Rows = append(g.Rows, row)
		}
		if g.Rows != nil {
			r.Groups = append(r.Groups, g)
		}
	}
	return r
}

// WriteJSON writes the report as JSON, indented for people.
func (r *ToneReport) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

var toneGroupTitles = map[string]string{
	"all":     "all replies",
	"hard":    "replies that refuse, found nothing or did not understand",
	"uneasy":  "replies to a flagged turn",
	"changed": "replies that Attune changes",
}

// WriteText writes the report for people.
func (r *ToneReport) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "moves, rules %s\n", r.Rules)
	if len(r.Files) > 0 {
		b.WriteString("measured on " + strings.Join(r.Files, ", ") + "\n")
	}
	b.WriteString("% of replies in which a move is made; blame, jargon and cheer are to be avoided\n")
	if r.OtherLanguages > 0 {
		fmt.Fprintf(&b, "%d replies in other languages were not read\n", r.OtherLanguages)
	}
	for _, g := range r.Groups {
		fmt.Fprintf(&b, "\n== %s\n%-8s %8s %6s", toneGroupTitles[g.Group], "", "replies", "words")
		for _, name := range moveNames {
			fmt.Fprintf(&b, " %*s", toneColumn(name), name)
		}
		b.WriteString("\n")
		for _, row := range g.Rows {
			fmt.Fprintf(&b, "%-8s %8d %6.1f", row.Speaker, row.Replies, row.Words)
			for _, m := range row.Moves {
				fmt.Fprintf(&b, " %*.1f", toneColumn(m.Move), 100*m.Share)
			}
			b.WriteString("\n")
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// toneColumn is the width of a move's column.
func toneColumn(name string) int { return max(len(name), 7) }
