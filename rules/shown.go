package rules

import (
	"slices"
	"strings"
)

// Shown is what has left already of a reply that is still coming, piece by piece. It begins as the zero value and grows
// with each Set.Settle. In Facts it lets Judge treat the rest: what has left stays as it is and is booked as said, and only
// behind it anything is reworded or added. It belongs to one reply and to the Set it began with.
type Shown struct {
	// From is how many bytes of the reply have left, Sent what the customer sees in their place.
	From int
	Sent string
	// Closed tells that no more can be said in this reply: what is left to say goes to Judgement.Say.
	Closed bool
	// Cut tells that the customer broke in: an offer waits for the next reply.
	Cut bool

	taken    []taken
	rejected []Rejection
	overdue  []span // left before it was settled
	trial    bool   // nothing is judged yet, the text so far is only looked at
	upto     int    // in a trial: nothing from here on is touched
	with     string
}

// taken is a step of a rewrite whose words have left.
type taken struct {
	rule *rule
	at   int
	step *step
	say  *template
	key  uint32
}

// Settle rewords the part of a reply that begins behind what has left and ends at byte upto (or behind the space that
// follows), as Judge will once the reply is whole, and returns the words to send in its place; shown grows by them. t.Text is the reply so far, with what
// follows upto. st is not changed: signals and offers are Judge's, when the reply has ended.
func (s *Set) Settle(st *State, t *Turn, f *Facts, shown *Shown, upto int) string {
	facts := *f
	facts.Shown = shown
	shown.trial, shown.upto, shown.with = true, upto, t.Text[shown.From:upto]
	var j Judgement
	s.Judge(st.Clone(), t, &facts, &j)
	shown.trial = false
	for _, r := range j.Rejected {
		shown.reject(r)
	}
	with := shown.with
	shown.Pass(with, shown.upto-shown.From)
	return with
}

// Pass notes that the next n bytes of the reply leave as with.
func (sh *Shown) Pass(with string, n int) {
	sh.Sent += with
	sh.From += n
}

// Overdue notes that the next n bytes of the reply leave as they are, since they were held too long to be settled.
func (sh *Shown) Overdue(with string) {
	if len(with) == 0 {
		return
	}
	if n := len(sh.overdue); n > 0 && sh.overdue[n-1].end == sh.From {
		sh.overdue[n-1].end += len(with)
	} else {
		sh.overdue = append(sh.overdue, span{sh.From, sh.From + len(with)})
	}
	sh.Pass(with, len(with))
}

// adds tells whether something was said before the reply.
func (sh *Shown) adds() bool {
	return slices.ContainsFunc(sh.taken, func(x taken) bool { return x.rule.adds() && len(x.step.say) > 0 })
}

func (sh *Shown) reject(r Rejection) {
	if !slices.Contains(sh.rejected, r) {
		sh.rejected = append(sh.rejected, r)
	}
}

// resume books what has left of the reply as said.
func (m *moment) resume() {
	sh := m.facts.Shown
	if sh == nil {
		return
	}
	for i := range sh.taken {
		x := &sh.taken[i]
		if len(x.step.say) == 0 && x.step.do != None {
			m.done(x.rule, x.at, x.step)
		} else {
			m.commit(x.rule, x.at, x.step, x.key)
		}
	}
	if sh.trial {
		return
	}
	for _, r := range sh.rejected {
		m.reject(r.Rule, r.By)
	}
}

// note keeps a step that a trial used.
func (m *moment) note(x *rule, at int, s *step, say *template, key uint32) {
	if sh := m.facts.Shown; sh != nil && sh.trial {
		sh.taken = append(sh.taken, taken{x, at, s, say, key})
	}
}

// again returns the step that a rule of words has used in this reply already: it says the same all through it.
func (m *moment) again(x *rule) *taken {
	sh := m.facts.Shown
	if sh == nil {
		return nil
	}
	for i := range sh.taken {
		if sh.taken[i].rule == x {
			return &sh.taken[i]
		}
	}
	return nil
}

// seen is what the customer will have seen of a text that begins as the reply does.
func (m *moment) seen(text string) string {
	sh := m.facts.Shown
	if sh == nil || sh.From == 0 && sh.Sent == "" {
		return text
	}
	return sh.Sent + text[sh.From:]
}

// reach is the part of the reply that may be touched; grown is how much longer it has become behind its beginning.
func (m *moment) reach(grown int) span {
	sh := m.facts.Shown
	switch {
	case sh == nil:
		return span{0, 1 << 30}
	case sh.trial:
		return span{sh.From, sh.upto + grown}
	}
	return span{sh.From, 1 << 30}
}

// within leaves out the edits that would change what has left, or what is not settled. White space that a change would
// take along stays where it has left already.
func (m *moment) within(text string, edits []edit, reach span) []edit {
	if m.facts.Shown == nil {
		return edits
	}
	out := edits[:0]
	open := -1
	if m.facts.Shown.trial {
		open = unclosed(text[:min(reach.end, len(text))])
	}
	for _, e := range edits {
		if open >= 0 && e.end > open {
			continue
		}
		if e.start < reach.start && e.end > reach.start && e.with == "" && strings.TrimSpace(text[e.start:reach.start]) == "" {
			if e.start = reach.start; e.end < len(text) && text[e.end] == ' ' {
				e.end++
			} else if e.end < len(text) {
				continue // a space would stand before a comma or full stop
			}
		}
		if e.end > reach.end && e.start < reach.end && e.with == "" && strings.TrimSpace(text[reach.end:e.end]) == "" {
			m.facts.Shown.upto += e.end - reach.end // the space behind it goes along
			reach.end = e.end
		}
		if e.start >= reach.start && e.end <= reach.end {
			out = append(out, e)
		}
	}
	return out
}

// missed deals with a rewrite of a sentence that has left, or is not settled. What left too soon is not reworded any more;
// what the rule does instead of saying something is done.
func (m *moment) missed(x *rule, where span) {
	sh := m.facts.Shown
	if sh == nil || sh.trial || m.again(x) != nil || !touchesHeld(sh.overdue, where.start, where.end) {
		return
	}
	if _, s := m.next(x); s == nil || len(s.say) > 0 {
		m.reject(x.id, BySpent)
		return
	}
	if !slices.Contains(m.sc.spent, x) {
		m.sc.spent = append(m.sc.spent, x)
		m.take(x)
	}
}

// extends tells whether a reply with an addition can still be seen so: it begins with what has left, and a trial adds
// nothing behind a reply that goes on.
func (m *moment) extends(sent string, p place) bool {
	sh := m.facts.Shown
	switch {
	case sh == nil:
		return true
	case p == placeBefore:
		return sh.From == 0 && sh.Sent == ""
	}
	return !sh.trial && !sh.Closed && !sh.adds() && strings.HasPrefix(sent, sh.Sent)
}

// tried ends a trial: text is the reply so far with what was changed in its settled part.
func (m *moment) tried(text string) {
	sh := m.facts.Shown
	sh.with = text[len(sh.Sent) : len(text)-(len(m.turn.Text)-sh.upto)]
}

// unclosed is where a quotation or a piece of code begins that has no end yet; -1 when there is none. What stands in one
// is known as such only once it has ended.
func unclosed(text string) int {
	from := max(0, len(text)-longestQuote)
	closer, at := rune(0), -1
	for i, r := range text[from:] {
		switch {
		case closer != 0 && r == closer:
			closer, at = 0, -1
		case closer == 0:
			if c := closerOf(r); c != 0 && strings.ContainsRune("\"`“„«", r) {
				closer, at = c, from+i
			}
		}
	}
	return at
}
