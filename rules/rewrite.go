package rules

import (
	"slices"
	"strings"
)

// acknowledgeEvery is the number of customer turns in which at most one acknowledgement is made.
const acknowledgeEvery = 3

// next finds the step whose turn it is: the first from the last one used whose needs hold, and whose question does not come
// beside another one that takes the same answer. The index counts from 0; it is -1 when no step is left.
func (m *moment) next(x *rule) (int, *step) {
	w := x.rewrite
	from := 0
	if !w.endless {
		from = m.st.used(x.steps)
	}
	for i := from; i < len(w.steps); i++ {
		if s := w.steps[i]; s.needs.holds(m) && (s.ask == "" || !m.asksBeside(x) || !m.takesYes(m.turn.Text)) {
			return i, s
		}
	}
	return -1, nil
}

// asksBeside tells whether the bot puts a question in a sentence that is not the one a rewrite is about.
func (m *moment) asksBeside(x *rule) bool {
	for i, s := range m.sc.text.sentences {
		if s.asks(m.sc.text) && (x.clause == nil || !m.sc.found.holds(x.clause, int32(i))) {
			return true
		}
	}
	return false
}

// allowed tells whether the budgets let a step be used now. It rejects the rule when they do not.
func (m *moment) allowed(x *rule, s *step) bool {
	d := &m.st.d
	offers := s.ask != "" || s.adds&addsOffer != 0
	quiet := d.QuietTo > 0 && d.Turn <= d.QuietTo
	var used string
	switch {
	case m.shadow(&x.head), (offers || s.do != None) && !m.facts.Mode.staffed():
		m.reject(x.id, ByShadow)
		return false
	case offers && quiet:
		used = "an offer was declined a moment ago"
	case offers && d.Ask != nil:
		used = "a question of Attune's is open"
	case offers && (m.offered || m.offersAlready()):
		used = "the reply has an offer"
	case offers && s.ask == "" && m.owed:
		used = "an offer that can be answered is coming"
	case (offers || s.do != None) && d.cool():
		used = "a person has just given the conversation back"
	case s.adds&addsApology != 0 && d.Apology:
		used = "this failure has had its apology"
	case x.rewrite.move == moveAcknowledge && d.AckTurn > 0 && d.Turn+1-d.AckTurn < acknowledgeEvery:
		used = "the last acknowledgement was a moment ago"
	case !s.until.IsZero() && !m.turn.At.IsZero() && !m.turn.At.Before(s.until):
		used = "its approval has run out"
	default:
		return true
	}
	m.reject(x.id, BySpent)
	if m.sc.trace != nil {
		m.sc.trace.usedUp(x.id, used)
	}
	return false
}

// offersAlready tells whether the reply offers a person as Attune does: it has been here before, or the bot has its
// words from the same hand. A second offer would be a second voice.
func (m *moment) offersAlready() bool {
	if m.offers == notAsked {
		m.offers = notSaid
		if slices.ContainsFunc(m.tongue.offers, func(t *template) bool { return t.saidIn(m.turn.Text) }) {
			m.offers = isSaid
		}
	}
	return m.offers == isSaid
}

// take returns the step to use, or nil. A step that does something instead of saying it is carried out here.
func (m *moment) take(x *rule) (int, *step) {
	i, s := m.next(x)
	if s == nil {
		m.reject(x.id, BySpent)
		if m.sc.trace != nil {
			m.sc.trace.usedUp(x.id, "no step is left whose needs hold")
		}
		return -1, nil
	}
	if !m.allowed(x, s) {
		return -1, nil
	}
	if s.do != None && len(s.say) == 0 {
		m.done(x, i, s)
		m.note(x, i, s, nil, 0)
		return -1, nil
	}
	return i, s
}

// done books a step: the next one is due, budgets are used, what it does is decided.
func (m *moment) done(x *rule, i int, s *step) {
	d := &m.st.d
	if !x.rewrite.endless {
		for m.st.used(x.steps) <= i {
			m.st.use(x.steps)
		}
	}
	if len(s.say) > 0 {
		if !slices.Contains(m.j.Rules, x.id) {
			m.j.Rules = append(m.j.Rules, x.id)
		}
		if x.rewrite.move == moveAcknowledge {
			d.AckTurn = d.Turn + 1
		}
		if s.adds&addsApology != 0 {
			d.Apology = true
		}
		if s.within > 0 {
			m.j.Promises = append(m.j.Promises, Promised{Rule: x.id, Within: s.within})
		}
		m.offered = m.offered || s.ask != "" || s.adds&addsOffer != 0
	}
	if s.ask != "" {
		m.open(s.ask, x.id, "")
		if m.plan.decision == None {
			m.plan = plan{decision: Offer, rule: x.id, why: x.why}
			m.spend()
		}
	}
	if s.do > m.plan.decision {
		m.plan = plan{decision: s.do, rule: x.id, why: x.why}
		m.spend()
	}
	if x.tracked {
		m.record(x.hash)
	}
}

// variantOf picks the variant to say: the first by session and rule, then they rotate. Voice gets only what can be
// spoken.
func (m *moment) variantOf(x *rule, i int, s *step) (*template, uint32) {
	key := x.steps + uint32(i) + 1
	n, at := len(s.say), 0
	if n > 1 {
		at = variant(m.facts.Session, x.id, n) + m.st.used(key) + m.sc.offset
	}
	for k := range n {
		if t := s.say[(at+k)%n]; t.voice || m.facts.channel() != "voice" {
			return t, key
		}
	}
	return nil, key
}

// approves takes the edits on trial over, unless what comes of the text must not be sent.
func (m *moment) approves(x *rule, text string) bool {
	sc := m.sc
	edited := applied(text, sc.trial)
	if by := m.unsafe(m.seen(edited)); by != "" {
		m.reject(x.id, by)
		return false
	}
	sc.edits, sc.edited = append(sc.edits[:0], sc.trial...), edited
	return true
}

func (m *moment) commit(x *rule, i int, s *step, key uint32) {
	if len(s.say) > 1 {
		m.st.use(key)
	}
	if x.rewrite.place == placeCheer && !slices.Contains(m.j.Rules, x.id) {
		m.j.Rules = append(m.j.Rules, x.id)
	}
	m.done(x, i, s)
}

// replace puts what the rule says in the place of a sentence. A sentence with markup inside is left alone, and so is every
// one in a language whose negations are not known.
func (m *moment) replace(x *rule, sentence int32, text string, reach span) bool {
	where := m.sc.text.sentenceSpan(int(sentence))
	if where.start < reach.start || where.end > reach.end {
		m.missed(x, where)
		return false
	}
	if m.checks >= mostChecks || !x.rewrite.empty() && slices.Contains(m.j.Rules, x.id) {
		return false // once in a reply
	}
	if slices.Contains(m.sc.spent, x) {
		return false
	}
	i, s, t, key := m.choose(x, m.left(text))
	if t == nil {
		m.sc.spent = append(m.sc.spent, x)
		return false
	}
	if !factWordsOf(m.facts.locale()).negates || m.mixed(text, where) {
		m.reject(x.id, ByFacts)
		return false
	}
	with, ok := t.fill(m.sc.filled[:0], m.facts.Syntax, func(name string) (string, bool) {
		c, found := m.sc.found.capture(x.clause, sentence, name)
		if !found {
			return "", false
		}
		return text[c.start:c.end], true
	})
	if !ok {
		m.reject(x.id, ByFacts)
		return false
	}
	with = marked(with, text[where.start:where.end])
	m.sc.filled = with
	e, ok := m.sentenceEdit(text, where, string(with))
	if !ok {
		m.reject(x.id, ByFacts)
		return false
	}
	if edits := m.within(text, []edit{e}, reach); len(edits) == 0 || !m.sc.with(edits) {
		return false
	}
	if !m.approves(x, text) {
		return false
	}
	m.commit(x, i, s, key)
	m.note(x, i, s, t, key)
	m.bare = m.bare && len(with) == 0 // what was to go has been said in other words
	return true
}

// left is a reply without the sentences that were reworded already: what the bot said there is not said any more.
func (m *moment) left(text string) string {
	if len(m.sc.edits) == 0 {
		return text
	}
	gone := slices.Clone(m.sc.edits)
	for i := range gone {
		gone[i].with = ""
	}
	return applied(text, gone)
}

// choose returns the step and variant of a rewrite of sentences; nil when this reply has no use for it.
func (m *moment) choose(x *rule, text string) (int, *step, *template, uint32) {
	i, s := m.take(x)
	if s == nil {
		return -1, nil, nil, 0
	}
	for _, other := range s.say {
		if other.src != "" && other.saidIn(text) {
			return -1, nil, nil, 0 // done already: by us before, or by the bot itself
		}
	}
	t, key := m.variantOf(x, i, s)
	if t == nil {
		m.reject(x.id, BySpent)
	}
	return i, s, t, key
}

// empty tells whether the rewrite only takes out what it matches.
func (w *rewrite) empty() bool {
	return len(w.steps) == 1 && len(w.steps[0].say) == 1 && w.steps[0].say[0].src == ""
}

// unsafe tells why a reply must not be sent: a fact is lost or moved, or it has grown too much. Facts that authored
// text brings along were declared, or refused, when the pack was loaded.
func (m *moment) unsafe(sent string) string {
	if emptied(sent, m.markup()) {
		m.bare = true
		return ByFacts
	}
	if growsTooMuch(m.turn.Text, sent, m.facts.channel() == "voice") {
		return ByGrowth
	}
	if torn(m.turn.Text, sent) || !m.keepsFacts(sent) {
		return ByFacts
	}
	return ""
}

// emptied tells whether nothing is left to read.
func emptied(s string, markup bool) bool {
	for strings.TrimSpace(s) != "" {
		s = strings.TrimSpace(s)
		n := 0
		if markup && s[0] == '<' {
			n = tagLength(s)
		}
		if n == 0 {
			return false
		}
		s = s[n:]
	}
	return true
}

// Bounds of what is spent on one reply. Replies of people's bots are far below; what lies above passes as it is.
const (
	mostChecks   = 16       // times that the fact lock reads it
	longestReply = 16 << 10 // bytes
)

// keepsFacts holds what is sent against the facts of what the bot said.
func (m *moment) keepsFacts(sent string) bool {
	sc := m.sc
	m.checks++
	if !sc.locked {
		if sc.known != nil {
			sc.lock.openFacts(m.facts.locale(), sc.known.facts, m.markup())
		} else {
			sc.lock.open(m.facts.locale(), sc.text, m.markup())
		}
		sc.locked = true
	}
	var ok bool
	var kind string
	if sc.after = m.reading(sent); sc.after != nil {
		ok, kind = sc.lock.holds(sc.after.facts, nil)
	} else {
		sc.sent.read(sent, m.markup())
		ok, kind = sc.lock.check(sc.sent, nil)
	}
	if !ok && sc.trace != nil {
		sc.trace.refused(kind)
	}
	return ok
}

// markup tells that the reply has tags.
func (m *moment) markup() bool { return m.facts.Syntax == HTML || m.facts.Syntax == SSML }
