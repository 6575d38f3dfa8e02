package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"attune/rules"
)

// Line is what a set made of one turn; its JSON is the format of `attune replay --format jsonl`.
type Line struct {
	// Dialogue is the dialogue's id, Turn the index in its turns, from 0.
	Dialogue string `json:"dialogue"`
	Turn     int    `json:"turn"`
	Role     string `json:"role"`
	Text     string `json:"text"`
	// Score is the score after the turn, Points what the turn added; to four decimals.
	Score    float64  `json:"score"`
	Points   float64  `json:"points"`
	Feelings Feelings `json:"feelings"`
	// Flagged tells that the points of this turn reach the pack's flag.
	Flagged  bool     `json:"flagged"`
	Decision string   `json:"decision"`
	Signals  []string `json:"signals"`
	// Reason is the rule behind the decision; empty for none.
	Reason string `json:"reason"`
	// Reply is set on bot turns.
	*Reply

	// Survey is the touchpoint whose question the turn is about, and Answer what became of it: opened, accepted, declined
	// or expired. Empty on other turns.
	Survey string `json:"-"`
	Answer string `json:"-"`
}

// Reply is what became of a reply.
type Reply struct {
	// Sent is what the customer would have read; always there.
	Sent     string      `json:"sent"`
	Rules    []string    `json:"rules"`
	Rejected []Rejection `json:"rejected"`
}

// Rejection is a rewrite that was not used, and what stopped it.
type Rejection struct {
	Rule string `json:"rule"`
	By   string `json:"by"`
}

// Feelings are those above zero.
type Feelings struct {
	Frustrated  float64 `json:"frustrated,omitempty"`
	Angry       float64 `json:"angry,omitempty"`
	Dominated   float64 `json:"dominated,omitempty"`
	Ignored     float64 `json:"ignored,omitempty"`
	Unfulfilled float64 `json:"unfulfilled,omitempty"`
}

// Replayer runs dialogues through a set. One caller at a time; it keeps its memory between dialogues.
type Replayer struct {
	set   *rules.Set
	facts rules.Facts
	state rules.State // of the dialogue at hand
	j     rules.Judgement
	line  Line
	reply Reply
}

// NewReplayer runs dialogues through set in the world of facts: mode, free agents, opening hours. The locale comes
// from each dialogue, and the floor stays with the bot, since nobody takes over in a recording. Attune's own answers
// are not inserted: the recorded turns are judged as they are.
func NewReplayer(set *rules.Set, facts rules.Facts) *Replayer {
	facts.Floor = ""
	return &Replayer{set: set, facts: facts}
}

// Everyday are the facts of an ordinary moment: one free agent, open hours, everything acted on.
func Everyday() rules.Facts {
	return rules.Facts{AgentsAvailable: 1}
}

// Run judges the turns of a dialogue in order and hands out a line for each. The line is valid during the call. It
// stops at the first error of emit.
func (r *Replayer) Run(d *Dialogue, emit func(*Line) error) error {
	r.state = rules.State{}
	f := r.facts
	f.Session = d.ID
	f.Locale, f.Path, f.Channel = d.Lang, d.Path, d.Channel
	for i := range d.Turns {
		t := &d.Turns[i]
		r.set.Judge(&r.state, &t.Turn, &f, &r.j)
		r.fill(d, i)
		if err := emit(&r.line); err != nil {
			return err
		}
	}
	return nil
}

// Scorecards tells how the dialogue run last went at the touchpoints it came by.
func (r *Replayer) Scorecards() []rules.Scorecard { return r.set.Scorecards(&r.state) }

// Replay runs one dialogue in an ordinary moment and returns all lines.
func Replay(set *rules.Set, d *Dialogue) []Line {
	lines := make([]Line, 0, len(d.Turns))
	// emit keeps copies, so nothing can fail.
	_ = NewReplayer(set, Everyday()).Run(d, func(l *Line) error {
		lines = append(lines, l.clone())
		return nil
	})
	return lines
}

func (r *Replayer) fill(d *Dialogue, i int) {
	j, l, t := &r.j, &r.line, &d.Turns[i]
	*l = Line{
		Dialogue: d.ID, Turn: i, Role: t.Role.String(), Text: t.Text,
		Score: round(j.Score), Points: round(j.Points), Flagged: j.Flagged,
		Decision: j.Decision.String(), Reason: j.Reason,
		Signals: append(l.Signals[:0], j.Signals...),
		Survey:  j.Survey,
		Feelings: Feelings{
			Frustrated: round(j.Feelings[rules.Frustrated]), Angry: round(j.Feelings[rules.Angry]),
			Dominated: round(j.Feelings[rules.Dominated]), Ignored: round(j.Feelings[rules.Ignored]),
			Unfulfilled: round(j.Feelings[rules.Unfulfilled]),
		},
	}
	if l.Signals == nil {
		l.Signals = []string{}
	}
	if j.Survey != "" {
		l.Answer = j.AskOutcome
	}
	if t.Role != rules.Bot {
		return
	}
	p := &r.reply
	p.Sent = j.Sent
	p.Rules = append(p.Rules[:0], j.Rules...)
	p.Rejected = p.Rejected[:0]
	for _, x := range j.Rejected {
		p.Rejected = append(p.Rejected, Rejection{Rule: x.Rule, By: x.By})
	}
	if p.Rules == nil {
		p.Rules = []string{}
	}
	if p.Rejected == nil {
		p.Rejected = []Rejection{}
	}
	l.Reply = p
}

func (l *Line) clone() Line {
	c := *l
	c.Signals = append([]string{}, l.Signals...)
	if l.Reply != nil {
		c.Reply = &Reply{
			Sent: l.Sent, Rules: append([]string{}, l.Rules...), Rejected: append([]Rejection{}, l.Rejected...),
		}
	}
	return c
}

// round keeps four decimals: more would differ between processors that multiply and add in one step.
func round(v float64) float64 {
	return math.Round(v*1e4) / 1e4
}

// LineWriter writes lines as JSON. Unlike json.Marshal it leaves <, > and & as they are.
type LineWriter struct {
	buf bytes.Buffer
	enc *json.Encoder
}

// Append returns dst with the line and its line end.
func (w *LineWriter) Append(dst []byte, l *Line) ([]byte, error) {
	if w.enc == nil {
		w.enc = json.NewEncoder(&w.buf)
		w.enc.SetEscapeHTML(false)
	}
	w.buf.Reset()
	if err := w.enc.Encode(l); err != nil {
		return dst, fmt.Errorf("write line: %w", err)
	}
	return append(dst, w.buf.Bytes()...), nil
}
