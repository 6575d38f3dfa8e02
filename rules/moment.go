package rules

import "time"

// moment is one turn being judged: what conditions are evaluated on, and what the steps of Judge share.
type moment struct {
	set        *Set
	tongue     *tongue
	st         *State
	facts      *Facts
	turn       *Turn
	j          *Judgement
	sc         *scratch
	limits     limits
	lately     unrest      // the rules that fired lately
	touchpoint *touchpoint // where the conversation is; nil = at none
	restated   bool        // the customer gave a fact again
	failed     bool        // this reply is a failure
	settled    bool        // this reply brings what was asked for
	owed       bool        // an offer was decided and waits for its place in this reply
	offered    bool        // this reply offers a person already
	offers     said        // whether the bot's own words offer a person as Attune does
	crowded    bool        // two replacements of words lay too close to be made at once
	checks     int         // times the fact lock was asked about this reply
	bare       bool        // taking out what a rule wants out would leave nothing: what is added must not take its place
	heaviest   struct {    // the signal with the most points on this turn: the reason for a threshold
		points float64
		rule   *rule
	}
	plan   plan
	waited time.Duration // the wait that the message at hand tells; 0 = none
}

// said is the answer to whether something stands in a reply, found out once.
type said uint8

const (
	notAsked said = iota
	isSaid
	notSaid
)

// limits are the thresholds in force: the scoring's, or the touchpoint's.
type limits struct {
	offer, escalate thresholds
}

// plan is the decision a turn leads to.
type plan struct {
	decision Decision
	explicit bool // asked for by the customer, or crisis: live even where everything else is only watched
	byScore  bool // a threshold decided, and no escalation
	rule     string
	why      string
	desk     string
	esc      *escalation // when an escalation decided
	crisis   *rule
}

// scratch is the memory of one Judge call, reused through a pool.
type scratch struct {
	text   *Text    // of the turn; once its words were replaced, of what came of them
	sent   *Text    // of a reply as it would be sent
	known  *reading // of the turn; nil when it had to be read
	after  *reading // of what the fact lock was asked about last; nil when its words are in sent
	obs    observation
	found  findings
	edits  []edit
	edited string // the reply with them
	trial  []edit
	swaps  []taken // not yet held against the facts
	words  []edit  // see moment.wordEdits
	filled []byte
	names  factReader // see moment.exposesName
	held   []span     // see moment.held
	apart  []int32    // see moment.readApart
	blocks []span
	sorted []*rule
	lock   factLock
	locked bool       // the lock has read the reply at hand
	spent  []*rule    // rewrites of sentences that this reply has no use for any more
	emit   func(*hit) // keeps what is found
	again  func(*hit) // the same, but for cues
	m      moment
	offset int    // moves the first variant of everything; the checks try them all
	only   *head  // only this rewrite may touch a reply; the checks look at one rule at a time
	trace  *trace // Explain's, else nil
	force  string // this rule is taken for switched on, whatever its mode

	threads threads // of the regular expressions of a Watch
}

func newScratch(l *lexicon) *scratch {
	sc := &scratch{text: &Text{lexicon: l}, sent: &Text{lexicon: l}}
	sc.emit = sc.found.add
	sc.again = func(h *hit) {
		if _, ok := h.asCue(); !ok {
			sc.found.add(h)
		}
	}
	return sc
}

// release drops what the scratch still refers to, so that the pool keeps no conversation alive.
func (sc *scratch) release() {
	sc.m = moment{}
	sc.offset, sc.only, sc.force, sc.locked, sc.trace, sc.edited = 0, nil, "", false, nil, ""
	sc.known, sc.after = nil, nil
}

func (f *Facts) locale() string {
	if f.Locale == "" {
		return "en"
	}
	return f.Locale
}

func (f *Facts) channel() string {
	if f.Channel == "" {
		return "text"
	}
	return f.Channel
}

func (f *Facts) floor() string {
	if f.Floor == "" {
		return "bot"
	}
	return f.Floor
}

func (f *Facts) deskOpen(desk string) bool {
	return f.DeskOpen == nil || f.DeskOpen(desk)
}

// at tells how many seats are free at a desk, and how long one has to wait there.
func (f *Facts) at(desk string) (available int, wait time.Duration) {
	if f.Desk == nil {
		return f.AgentsAvailable, f.QueueWait
	}
	return f.Desk(desk)
}

func (f *Facts) busy(desk string) bool {
	n, _ := f.at(desk)
	return n == 0
}

// tuned tells whether the mode lets replies be reworded, and staffed whether it lets people be offered.
func (m Mode) tuned() bool   { return m == Full || m == Tone }
func (m Mode) staffed() bool { return m == Full || m == Escalation }

// live tells whether the mode lets a decision be acted on. Where somebody may be in danger only observe-all looks on.
func (m Mode) live(d Decision, explicit bool) bool {
	return m.staffed() || m != ObserveAll && (d == Crisis || explicit && m == Observe)
}

// band is the name of the range the score lies in.
func (m *moment) band() string {
	name := ""
	for _, b := range m.tongue.scoring.bands {
		if m.st.d.Score < b.from {
			break
		}
		name = b.name
	}
	return name
}

// active tells whether a rule takes part in this turn.
func (m *moment) active(h *head) bool {
	if m.sc.force != "" && h.id == m.sc.force {
		return true
	}
	return !m.set.silentRule(h, m.turn.At)
}

// shadow tells whether a rule is only watched.
func (m *moment) shadow(h *head) bool {
	return h.mode == modeShadow && h.id != m.sc.force
}

// look adds to what was found in the words of the turn what only the conversation tells: answers to what was asked, and
// the detectors.
func (m *moment) look(s *side) {
	sc := m.sc
	if sc.trace != nil && s.matcher != nil {
		sc.trace.mended(sc.text, s.matcher.slips)
	}
	if s.answers != nil && m.questioned() {
		s.answers.scan(sc.text, sc.emit)
	}
	for i := range s.detectors {
		d := &s.detectors[i]
		if d.cues != 0 && d.cues&sc.obs.cues.set == 0 {
			continue
		}
		if where, ok := d.detect(&sc.obs, &m.st.d.History); ok {
			sc.found.add(&hit{id: d.leaf, sentence: sc.text.sentenceOf(where), start: where.start, end: where.end})
		}
	}
}

// scan looks for the words and expressions of all rules of the side, and for the cues.
func (s *side) scan(t *Text, emit func(*hit)) {
	if s.matcher != nil {
		s.matcher.scan(t, emit)
	}
	if s.regexes != nil {
		s.regexes.scan(t, emit)
	}
}

// sentenceOf returns the sentence in which a raw span starts, or -1 for the turn as a whole.
func (t *Text) sentenceOf(where span) int {
	if where.start >= where.end {
		return -1
	}
	for i := range t.sentences {
		if where.start < t.sentenceSpan(i).end {
			return i
		}
	}
	return -1
}

// candidates lists the rules of a side that some hit speaks for, in their order.
func (m *moment) candidates(s *side) []int32 {
	f := &m.sc.found
	if !f.listed {
		f.listed, f.rules = true, f.rules[:0]
		for _, leaf := range f.touched {
			for _, at := range s.byLeaf[leaf] {
				f.rules = insertOnce(f.rules, at)
			}
		}
	}
	return f.rules
}

// insertOnce keeps a short list of numbers sorted and without doubles.
func insertOnce(list []int32, v int32) []int32 {
	i := len(list)
	for i > 0 && list[i-1] > v {
		i--
	}
	if i > 0 && list[i-1] == v {
		return list
	}
	list = append(list, v)
	for k := len(list) - 1; k > i; k-- {
		list[k], list[k-1] = list[k-1], list[k]
	}
	return list
}

// sentences is the number of sentences to look at; a turn without words counts as one.
func (m *moment) sentences() int32 {
	return int32(max(1, len(m.sc.text.sentences)))
}

// where returns the first sentence in which a clause holds, or -1.
func (m *moment) where(c *clause) int32 {
	for s := range m.sentences() {
		if m.sc.found.holds(c, s) {
			return s
		}
	}
	return -1
}
