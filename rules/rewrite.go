package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// acknowledgeEvery is the number of customer turns in which at most one acknowledgement is made.
const acknowledgeEvery = 3

// next finds the step whose turn it is: the first from the last one used whose needs hold. The index counts from 0;
// it is -1 when no step is left.
func (m *moment) next(x *rule) (int, *step) {
	w := x.rewrite
	from := 0
	if !w.endless {
		from = m.st.used(x.steps)
	}
	for i := from; i < len(w.steps); i++ {
		if w.steps[i].needs.holds(m) {
			return i, w.steps[i]
		}
	}
	return -1, nil
}

// allowed tells whether the budgets let a step be used now. It rejects the rule when they do not.
func (m *moment) allowed(x *rule, s *step) bool {
	d := &m.st.d
	offers := s.ask != "" || s.adds&addsOffer != 0
	quiet := d.QuietTo > 0 && d.Turn <= d.QuietTo
	by := ""
	switch {
	case m.shadow(&x.head):
		by = ByShadow
	case (offers || s.do != None) && !m.facts.Mode.staffed():
		by = ByShadow
	case offers && (quiet || d.Ask != nil || m.offered || m.offersAlready()):
		by = BySpent
	case offers && s.ask == "" && m.owed: // an offer that can be answered is coming
		by = BySpent
	case (offers || s.do != None) && d.cool(): // straight back to where the conversation came from
		by = BySpent
	case s.adds&addsApology != 0 && d.Apology:
		by = BySpent
	case x.rewrite.move == moveAcknowledge && d.AckTurn > 0 && d.Turn+1-d.AckTurn < acknowledgeEvery:
		by = BySpent
	case !s.until.IsZero() && !m.turn.At.IsZero() && !m.turn.At.Before(s.until):
		by = BySpent
	}
	if by != "" {
		m.reject(x.id, by)
	}
	return by == ""
}

// offersAlready tells whether the reply offers a person as Attune does: it has been here before, or the bot has its
// words from the same hand. A second offer would be a second voice.
func (m *moment) offersAlready() bool {
	for _, t := range m.tongue.offers {
		if t.saidIn(m.turn.Text) {
			return true
		}
	}
	return false
}

// take returns the step to use, or nil. A step that does something instead of saying it is carried out here.
func (m *moment) take(x *rule) (int, *step) {
	i, s := m.next(x)
	if s == nil {
		m.reject(x.id, BySpent)
		return -1, nil
	}
	if !m.allowed(x, s) {
		return -1, nil
	}
	if s.do != None && len(s.say) == 0 {
		m.done(x, i, s)
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
		m.j.Rules = append(m.j.Rules, x.id)
		if x.rewrite.move == moveAcknowledge {
			d.AckTurn = d.Turn + 1
		}
		if s.adds&addsApology != 0 {
			d.Apology = true
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
		m.st.record(x.hash)
	}
}

// variantOf picks the variant to say: the first by session and rule, then they rotate. Voice gets only what can be
// spoken.
func (m *moment) variantOf(x *rule, i int, s *step) (*template, uint32) {
	key := x.steps + uint32(i) + 1
	n := len(s.say)
	at := variant(m.facts.Session, x.id, n) + m.st.used(key) + m.sc.offset
	for k := range n {
		if t := s.say[(at+k)%n]; t.voice || m.facts.channel() != "voice" {
			return t, key
		}
	}
	return nil, key
}

// swap replaces the matching words, or takes the cheer out, in every sentence the rule holds for.
func (m *moment) swap(x *rule, original string) {
	i, s := m.take(x)
	if s == nil {
		return
	}
	var edits []edit
	key := uint32(0)
	if x.rewrite.place == placeCheer {
		edits = cheerEdits(&m.sc.text, original)
	} else {
		var t *template
		if t, key = m.variantOf(x, i, s); t == nil {
			m.reject(x.id, BySpent)
			return
		}
		edits = m.wordEdits(x, t, original)
	}
	if len(edits) == 0 || !m.sc.with(edits) {
		return
	}
	if by := m.unsafe(applied(original, m.sc.trial)); by != "" {
		m.reject(x.id, by)
		return
	}
	m.sc.edits = append(m.sc.edits[:0], m.sc.trial...)
	m.commit(x, i, s, key)
}

func (m *moment) commit(x *rule, i int, s *step, key uint32) {
	if len(s.say) > 1 {
		m.st.use(key)
	}
	if x.rewrite.place == placeCheer {
		m.j.Rules = append(m.j.Rules, x.id)
	}
	m.done(x, i, s)
}

// wordEdits replaces every hit of the rule's words.
func (m *moment) wordEdits(x *rule, t *template, original string) []edit {
	f := &m.sc.found
	var out []edit
	for sentence := range int32(len(m.sc.text.sentences)) {
		if !f.holds(x.clause, sentence) {
			continue
		}
		leaf := f.source(x.clause, sentence)
		if leaf < 0 {
			continue
		}
		open := m.sc.text.tokenSpan(int(m.sc.text.sentences[sentence].first), int(m.sc.text.sentences[sentence].first)+1).start
		for i := f.first(leaf); i >= 0; i = f.mets[i].next {
			h := &f.mets[i]
			if h.sentence != sentence || h.end <= h.start || len(out) > 0 && int(h.start) < out[len(out)-1].end {
				continue
			}
			with, ok := t.fill(nil, m.facts.Syntax, func(name string) (string, bool) {
				for _, c := range f.caps[h.caps:h.capsEnd] {
					if c.name == name {
						return original[c.start:c.end], true
					}
				}
				return "", false
			})
			if ok {
				out = append(out, fitted(original, int(h.start), int(h.end), string(with), int(h.start) <= open))
			}
		}
	}
	return out
}

// fitted puts a replacement for words into its sentence: the capital of the beginning is kept, and words that go take
// the space, and a comma behind them, along.
func fitted(text string, start, end int, with string, opens bool) edit {
	if with != "" {
		r, n := utf8.DecodeRuneInString(text[start:])
		if opens && n > 0 && unicode.IsUpper(r) {
			with = capital(with)
		}
		return edit{start, end, with}
	}
	if opens {
		for end < len(text) && (text[end] == ' ' || text[end] == ',') {
			end++
		}
		r, n := utf8.DecodeRuneInString(text[end:])
		if n > 0 && unicode.IsLetter(r) {
			return edit{start, end + n, string(unicode.ToUpper(r))}
		}
		return edit{start, end, ""}
	}
	if start > 0 && text[start-1] == ' ' && (end == len(text) || !isWordByte(text[end])) {
		start--
	}
	return edit{start, end, ""}
}

func isWordByte(c byte) bool {
	return c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// replace puts what the rule says in the place of a sentence. A sentence with markup inside is left alone.
func (m *moment) replace(x *rule, sentence int32, text string) bool {
	for _, done := range m.j.Rules {
		if done == x.id {
			return false // once in a reply
		}
	}
	i, s := m.take(x)
	if s == nil {
		return false
	}
	t, key := m.variantOf(x, i, s)
	if t == nil {
		m.reject(x.id, BySpent)
		return false
	}
	for _, other := range s.say {
		if other.src != "" && other.saidIn(text) {
			return false // done already: by us before, or by the bot itself
		}
	}
	where := m.sc.text.sentenceSpan(int(sentence))
	if m.markup() && strings.ContainsAny(text[where.start:where.end], "<>") {
		m.reject(x.id, ByFacts)
		return false
	}
	with, ok := t.fill(nil, m.facts.Syntax, func(name string) (string, bool) {
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
	if n := len(with); n > 0 && with[n-1] == '.' && text[where.end-1] == ':' {
		with = append(with[:n-1], colon(text[where.start:where.end])...) // a list follows
	}
	e, ok := m.sentenceEdit(text, where, string(with))
	if !ok {
		m.reject(x.id, ByFacts)
		return false
	}
	if !m.sc.with([]edit{e}) {
		return false
	}
	if by := m.unsafe(applied(text, m.sc.trial)); by != "" {
		m.reject(x.id, by)
		return false
	}
	m.sc.edits = append(m.sc.edits[:0], m.sc.trial...)
	m.commit(x, i, s, key)
	return true
}

// colon is the colon at the end of a sentence, with the space that French puts before it.
func colon(sentence string) string {
	body := strings.TrimRight(sentence[:len(sentence)-1], " \u00a0\u202f")
	return sentence[len(body):]
}

// sentenceEdit replaces a sentence. Emphasis around it stays, for it may hold more than this sentence; emphasis that
// begins or ends inside would be torn. A sentence that goes takes the space around it along, and an item of a list its
// line.
func (m *moment) sentenceEdit(text string, where span, with string) (edit, bool) {
	if m.markup() {
		return widened(text, edit{where.start, where.end, with}), true
	}
	inner := text[where.start:where.end]
	start := where.end - len(strings.TrimLeft(inner, "*_~"))
	end := where.start + len(strings.TrimRight(inner, "*_~"))
	if start >= end || !paired(text[start:end]) {
		return edit{}, false
	}
	if with != "" {
		return edit{start, end, with}, true
	}
	if text[where.start:start] != text[end:where.end] {
		return edit{}, false
	}
	return widened(text, edit{where.start, where.end, ""}), true
}

// paired tells whether emphasis, code and links that begin in a piece of Markdown also end in it.
func paired(s string) bool {
	for _, mark := range "*`~" {
		runs, last := 0, rune(0)
		for _, r := range s {
			if r == mark && last != mark {
				runs++
			}
			last = r
		}
		if runs%2 != 0 {
			return false
		}
	}
	return strings.Count(s, "[") == strings.Count(s, "]")
}

// widened is an edit that takes out a sentence, with the white space that would be left over.
func widened(text string, e edit) edit {
	if e.with != "" {
		return e
	}
	line := strings.LastIndexByte(text[:e.start], '\n') + 1
	if mark := strings.TrimSpace(text[line:e.start]); mark != "" && beginsBlock(mark+" ") {
		if rest := strings.TrimLeft(text[e.end:], " \t\r"); rest == "" || rest[0] == '\n' {
			e.start, e.end = line, len(text)-len(rest)
			if rest != "" {
				e.end++
			} else if e.start > 0 {
				e.start--
			}
			return e
		}
	}
	for e.end < len(text) && text[e.end] == ' ' {
		e.end++
	}
	for e.end == len(text) && e.start > 0 && text[e.start-1] == ' ' {
		e.start--
	}
	return e
}

// unsafe tells why a reply must not be sent: a fact is lost or moved, or it has grown too much. Facts that authored
// text brings along were declared, or refused, when the pack was loaded.
func (m *moment) unsafe(sent string) string {
	if strings.TrimSpace(sent) == "" {
		return ByFacts
	}
	if growsTooMuch(m.turn.Text, sent, m.facts.channel() == "voice") {
		return ByGrowth
	}
	if !m.keepsFacts(sent) {
		return ByFacts
	}
	return ""
}

// keepsFacts holds what is sent against the facts of what the bot said.
func (m *moment) keepsFacts(sent string) bool {
	sc := m.sc
	if !sc.locked {
		sc.lock.open(m.facts.locale(), m.turn.Text, m.markup())
		sc.locked = true
	}
	ok, _ := sc.lock.check(sent, nil)
	return ok
}

// markup tells that the reply has tags.
func (m *moment) markup() bool { return m.facts.Syntax == HTML || m.facts.Syntax == SSML }
