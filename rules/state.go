package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Bounds of what a State keeps. Together they hold its encoded form under MaxState.
const (
	maxTallies  = 24 // rules whose firing conditions ask about
	maxSpoken   = 24 // messages and steps whose turn has come
	maxStanding = 16 // escalations whose condition holds
	maxHeard    = 2  // acknowledgements waiting for a reply
	maxSlots    = 2  // captures of one of them
	maxSlot     = 60 // bytes of a capture
	maxExpected = 24
)

// MaxState is the largest encoded State in bytes.
const MaxState = 2048

// coolDown is how many customer turns nothing is offered by score after a person gave the conversation back, and
// silence how many nothing is offered after the customer declined an offer or chose not to wait.
const (
	coolDown = 3
	silence  = 3
)

// State is what Judge remembers of a conversation. The zero value is a new conversation. One caller at a time; a copy
// for another caller is made with Clone.
type State struct {
	d stateData
}

// stateData is the encoded form. Rules are known by the hash of their id, so that a reload of the packs does not
// orphan them and a state stays small.
type stateData struct {
	Version  int               `json:"v"`
	Score    float64           `json:"s,omitempty"`
	Feelings [Feelings]float64 `json:"f,omitzero"`
	Turn     int               `json:"t,omitempty"`  // customer turns so far
	Spoke    int64             `json:"at,omitempty"` // when somebody last spoke, Unix seconds; 0 = unknown
	Failures int               `json:"bf,omitempty"` // failures of the bot in a row
	Spent    uint8             `json:"th,omitempty"` // thresholds that fired and are not rearmed: bit Decision
	QuietTo  int               `json:"q,omitempty"`  // no offers up to and with this customer turn
	CoolTo   int               `json:"c,omitempty"`  // nothing by score up to and with this customer turn
	AckTurn  int               `json:"a,omitempty"`  // customer turn of the last acknowledgement
	Apology  bool              `json:"ap,omitempty"` // the failure at hand was apologised for
	Crisis   bool              `json:"cr,omitempty"` // someone may be in danger: replies are left alone
	Expected string            `json:"e,omitempty"`  // what the last question of the bot expects
	Ask      *openAsk          `json:"k,omitempty"`
	Offer    *pendingOffer     `json:"o,omitempty"`
	Heard    []heard           `json:"h,omitempty"`
	Tallies  []tally           `json:"n,omitempty"`
	Spoken   []spoken          `json:"m,omitempty"`
	Standing []uint32          `json:"w,omitempty"`
	History  history           `json:"x,omitzero"`
	Visits   []visit           `json:"vi,omitempty"`
	Parting  bool              `json:"pa,omitempty"` // the customer's last words took leave
	Surveyed bool              `json:"sv,omitempty"` // no touchpoint asks any more
}

// openAsk is a question of Attune's that waits for its answer.
type openAsk struct {
	ID     string `json:"i"`
	Locale string `json:"l,omitempty"`
	Rule   string `json:"r,omitempty"` // the rule that asked
	Desk   string `json:"d,omitempty"`
	Left   int    `json:"n"` // customer turns it still waits
}

// pendingOffer was decided on a customer turn and is spoken with the next reply.
type pendingOffer struct {
	Rule    string `json:"r"`
	Desk    string `json:"d,omitempty"`
	ByScore bool   `json:"s,omitempty"` // no more than a sum of signs led to it, so it can wait
	Late    bool   `json:"l,omitempty"` // a reply that settled something has gone before it
}

// heard is what a rewrite took from the customer's last utterance.
type heard struct {
	Rule  uint32 `json:"r"`
	Turn  int    `json:"t"`
	Slots []slot `json:"s,omitempty"`
}

type slot struct {
	Name string `json:"n"`
	Text string `json:"t"`
}

// tally is how often a rule fired: its hash, the count, and one bit per customer turn, the lowest for the last.
type tally struct {
	rule  uint32
	count uint32
	bits  uint32
	turn  int // customer turn of the lowest bit
}

// UnmarshalJSON reads a short array.
func (t *tally) UnmarshalJSON(b []byte) error {
	var a [4]int64
	if err := json.Unmarshal(b, &a); err != nil {
		return fmt.Errorf("tally: %w", err)
	}
	*t = tally{rule: uint32(a[0]), count: uint32(a[1]), bits: uint32(a[2]), turn: int(a[3])}
	return nil
}

// spoken is how many times a message or a step of a rewrite was used.
type spoken struct {
	key  uint32
	used uint32
}

// UnmarshalJSON reads the pair as an array.
func (s *spoken) UnmarshalJSON(b []byte) error {
	var a [2]uint32
	if err := json.Unmarshal(b, &a); err != nil {
		return fmt.Errorf("spoken: %w", err)
	}
	*s = spoken{key: a[0], used: a[1]}
	return nil
}

// Clone returns a copy that shares nothing with st.
func (st *State) Clone() *State {
	c := *st
	if a := st.d.Ask; a != nil {
		open := *a
		c.d.Ask = &open
	}
	if o := st.d.Offer; o != nil {
		pending := *o
		c.d.Offer = &pending
	}
	c.d.Heard = slices.Clone(st.d.Heard)
	c.d.Tallies = slices.Clone(st.d.Tallies)
	c.d.Spoken = slices.Clone(st.d.Spoken)
	c.d.Standing = slices.Clone(st.d.Standing)
	c.d.Visits = slices.Clone(st.d.Visits)
	c.d.History = st.d.History.clone()
	return &c
}

const stateVersion = 1

// errState is returned for bytes that are not a State.
var errState = errors.New("rules: not a state of a conversation")

// UnmarshalBinary reads what MarshalBinary wrote. Bytes of an unknown version, or with numbers no Judge can have
// left, are an error and leave st as it was.
func (st *State) UnmarshalBinary(b []byte) error {
	var d stateData
	if err := json.Unmarshal(b, &d); err != nil {
		return fmt.Errorf("%w: %w", errState, err)
	}
	if d.Version != stateVersion {
		return fmt.Errorf("%w: version %d", errState, d.Version)
	}
	bad := !inRange(d.Score) || d.Turn < 0 || d.Failures < 0
	for _, v := range d.Feelings {
		bad = bad || !inRange(v)
	}
	if bad || len(d.Tallies) > maxTallies || len(d.Spoken) > maxSpoken || len(d.Standing) > maxStanding || len(d.Heard) > maxHeard || len(d.Visits) > maxVisits {
		return errState
	}
	st.d = d
	return nil
}

// maxScore is the ceiling of the score and of each feeling: far above any threshold, it only bounds endless abuse.
const maxScore = 1000

func inRange(v float64) bool { return v >= 0 && v <= maxScore && !math.IsNaN(v) }

// Score is the decayed score after the last judged turn.
func (st *State) Score() float64 { return st.d.Score }

// Feelings are the decayed feelings after the last judged turn, indexed by Feeling.
func (st *State) Feelings() [Feelings]float64 { return st.d.Feelings }

// Turns is how many customer turns were judged.
func (st *State) Turns() int { return st.d.Turn }

// Crisis tells that a crisis rule fired and no person has been with the customer since.
func (st *State) Crisis() bool { return st.d.Crisis }

// Asking is the id of the ask that waits for its answer, or "".
func (st *State) Asking() string {
	if st.d.Ask == nil {
		return ""
	}
	return st.d.Ask.ID
}

// Returned is told when an agent gave the conversation back or resolved it: the score is zero and for three customer
// turns nothing is offered or escalated by score. Explicit requests and crisis are heard as ever.
func (st *State) Returned() {
	d := &st.d
	d.Score, d.Feelings = 0, [Feelings]float64{}
	d.Failures, d.Apology, d.Crisis = 0, false, false
	d.Spent = 0
	d.CoolTo = d.Turn + coolDown
	d.Ask, d.Offer, d.Heard = nil, nil, nil
	d.Standing = nil
}

// cool tells whether a person gave the conversation back a moment ago.
func (d *stateData) cool() bool { return d.CoolTo > 0 && d.Turn <= d.CoolTo }

// resumeAfter is the silence, in seconds, after which a conversation goes on with half its score.
const resumeAfter = int64(30 * time.Minute / time.Second)

// resume takes note of the moment at which somebody spoke. When nobody had for 30 minutes, score and feelings are halved
// and an open ask has expired. Turns without a time, and times that go back, mean nothing.
func (st *State) resume(at time.Time) {
	if at.IsZero() {
		return
	}
	now := at.Unix()
	if st.d.Spoke != 0 && now-st.d.Spoke >= resumeAfter {
		st.scale(0.5)
		st.d.Ask, st.d.Offer, st.d.Heard = nil, nil, nil
	}
	st.d.Spoke = max(st.d.Spoke, now)
}

func (st *State) scale(by float64) {
	if st.d.Score > 0 {
		st.d.Score = millionths(st.d.Score * by)
	}
	for i, v := range st.d.Feelings {
		if v > 0 {
			st.d.Feelings[i] = millionths(v * by)
		}
	}
}

// millionths rounds to six decimals. Machines differ in the last bit of powers and of fused products; what they make of
// a transcript must not.
func millionths(v float64) float64 { return math.Round(v*1e6) / 1e6 }

func (st *State) lower(by float64) {
	st.d.Score = max(0, st.d.Score-by)
	for i := range st.d.Feelings {
		st.d.Feelings[i] = max(0, st.d.Feelings[i]-by)
	}
}

// hashID is the name of a rule or message inside a State: FNV-1a.
func hashID(parts ...string) uint32 {
	h := uint32(2166136261)
	for _, p := range parts {
		for i := 0; i < len(p); i++ {
			h = (h ^ uint32(p[i])) * 16777619
		}
		h = (h ^ 0xff) * 16777619
	}
	return h
}

// record counts that a rule fired on this turn.
func (st *State) record(rule uint32) {
	d := &st.d
	for i := range d.Tallies {
		t := &d.Tallies[i]
		if t.rule == rule {
			t.advance(d.Turn)
			t.bits |= 1
			t.count++
			return
		}
	}
	if len(d.Tallies) == maxTallies { // forget the rule that fired longest ago
		oldest := 0
		for i := range d.Tallies {
			if d.Tallies[i].turn < d.Tallies[oldest].turn {
				oldest = i
			}
		}
		d.Tallies[oldest] = d.Tallies[len(d.Tallies)-1]
		d.Tallies = d.Tallies[:len(d.Tallies)-1]
	}
	d.Tallies = append(d.Tallies, tally{rule: rule, count: 1, bits: 1, turn: d.Turn})
}

func (t *tally) advance(turn int) {
	if gap := turn - t.turn; gap >= 32 {
		t.bits = 0
	} else if gap > 0 {
		t.bits <<= gap
	}
	t.turn = turn
}

// fired tells whether a rule fired in the last n customer turns, this one included; at most 32 are remembered.
func (st *State) fired(rule uint32, n int) bool {
	for i := range st.d.Tallies {
		if st.d.Tallies[i].rule == rule && n > 0 {
			t := st.d.Tallies[i]
			t.advance(st.d.Turn)
			if n >= 32 {
				return t.bits != 0
			}
			return t.bits&(1<<n-1) != 0
		}
	}
	return false
}

func (st *State) count(rule uint32) int {
	for i := range st.d.Tallies {
		if st.d.Tallies[i].rule == rule {
			return int(st.d.Tallies[i].count)
		}
	}
	return 0
}

// used is how many times a message or step was spoken.
func (st *State) used(key uint32) int {
	for i := range st.d.Spoken {
		if st.d.Spoken[i].key == key {
			return int(st.d.Spoken[i].used)
		}
	}
	return 0
}

// use counts one more.
func (st *State) use(key uint32) {
	d := &st.d
	for i := range d.Spoken {
		if d.Spoken[i].key == key {
			s := d.Spoken[i]
			s.used++
			copy(d.Spoken[i:], d.Spoken[i+1:]) // the last used stand last
			d.Spoken[len(d.Spoken)-1] = s
			return
		}
	}
	if len(d.Spoken) == maxSpoken {
		copy(d.Spoken, d.Spoken[1:])
		d.Spoken = d.Spoken[:maxSpoken-1]
	}
	d.Spoken = append(d.Spoken, spoken{key: key, used: 1})
}

// standing tells whether an escalation's condition held before, and keeps whether it does now.
func (st *State) standing(rule uint32, holds bool) (before bool) {
	d := &st.d
	for i, r := range d.Standing {
		if r != rule {
			continue
		}
		if !holds {
			d.Standing = append(d.Standing[:i], d.Standing[i+1:]...)
		}
		return true
	}
	if !holds {
		return false
	}
	if len(d.Standing) == maxStanding {
		return true // rather silent than on every turn
	}
	d.Standing = append(d.Standing, rule)
	return false
}
