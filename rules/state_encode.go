package rules

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// AppendBinary appends what MarshalBinary returns. It is what encoding/json would write, byte for byte, in a seventh of the
// time: every conversation that said something is encoded every second.
func (st *State) AppendBinary(dst []byte) ([]byte, error) {
	d := st.d
	d.Version = stateVersion
	if !finite(d.Score) {
		return dst, fmt.Errorf("encode state: a score of %v", d.Score)
	}
	for _, v := range d.Feelings {
		if !finite(v) {
			return dst, fmt.Errorf("encode state: a feeling of %v", v)
		}
	}
	start := len(dst)
	dst = d.append(dst)
	// The bounds of a state keep ordinary ones small; should they ever add up, the least needed goes first.
	for drop := 0; len(dst)-start > MaxState && drop < 3; drop++ {
		switch drop {
		case 0:
			d.Heard = nil
		case 1:
			d.History = history{}
		case 2:
			d.Tallies = nil
		}
		dst = d.append(dst[:start])
	}
	return dst, nil
}

// MarshalBinary encodes the state as JSON of at most MaxState bytes.
func (st *State) MarshalBinary() ([]byte, error) { return st.AppendBinary(nil) }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (d *stateData) append(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"v":`...), int64(d.Version), 10)
	if d.Score != 0 {
		dst = appendFloat(append(dst, `,"s":`...), d.Score)
	}
	if d.Feelings != [Feelings]float64{} {
		dst = append(dst, `,"f":`...)
		for i, v := range d.Feelings {
			dst = appendFloat(append(dst, "[,"[min(i, 1)]), v)
		}
		dst = append(dst, ']')
	}
	dst = appendNumber(dst, `,"t":`, int64(d.Turn))
	dst = appendNumber(dst, `,"at":`, d.Spoke)
	dst = appendNumber(dst, `,"bf":`, int64(d.Failures))
	dst = appendNumber(dst, `,"th":`, int64(d.Spent))
	dst = appendNumber(dst, `,"q":`, int64(d.QuietTo))
	dst = appendNumber(dst, `,"c":`, int64(d.CoolTo))
	dst = appendNumber(dst, `,"a":`, int64(d.AckTurn))
	dst = appendTrue(dst, `,"ap":`, d.Apology)
	dst = appendTrue(dst, `,"cr":`, d.Crisis)
	dst = appendString(dst, `,"e":`, d.Expected)
	if a := d.Ask; a != nil {
		dst = appendText(append(dst, `,"k":{"i":`...), a.ID)
		dst = appendString(dst, `,"l":`, a.Locale)
		dst = appendString(dst, `,"r":`, a.Rule)
		dst = appendString(dst, `,"d":`, a.Desk)
		dst = append(strconv.AppendInt(append(dst, `,"n":`...), int64(a.Left), 10), '}')
	}
	if o := d.Offer; o != nil {
		dst = appendText(append(dst, `,"o":{"r":`...), o.Rule)
		dst = appendString(dst, `,"d":`, o.Desk)
		dst = appendTrue(dst, `,"s":`, o.ByScore)
		dst = append(appendTrue(dst, `,"l":`, o.Late), '}')
	}
	dst = appendArray(dst, `,"h":`, d.Heard, func(dst []byte, h *heard) []byte {
		dst = appendUint(append(dst, `{"r":`...), uint64(h.Rule))
		dst = strconv.AppendInt(append(dst, `,"t":`...), int64(h.Turn), 10)
		dst = appendArray(dst, `,"s":`, h.Slots, func(dst []byte, s *slot) []byte {
			dst = appendText(append(dst, `{"n":`...), s.Name)
			return append(appendText(append(dst, `,"t":`...), s.Text), '}')
		})
		return append(dst, '}')
	})
	dst = appendArray(dst, `,"n":`, d.Tallies, func(dst []byte, t *tally) []byte { return t.append(dst) })
	dst = appendArray(dst, `,"m":`, d.Spoken, func(dst []byte, s *spoken) []byte { return s.append(dst) })
	dst = appendArray(dst, `,"w":`, d.Standing, func(dst []byte, rule *uint32) []byte { return appendUint(dst, uint64(*rule)) })
	if h := &d.History; !h.isZero() {
		dst = h.append(append(dst, `,"x":`...))
	}
	dst = appendArray(dst, `,"vi":`, d.Visits, func(dst []byte, v *visit) []byte { return v.append(dst) })
	dst = appendTrue(dst, `,"pa":`, d.Parting)
	dst = appendTrue(dst, `,"sv":`, d.Surveyed)
	return append(dst, '}')
}

func (t *tally) append(dst []byte) []byte {
	dst = appendUint(append(dst, '['), uint64(t.rule))
	dst = appendUint(append(dst, ','), uint64(t.count))
	dst = appendUint(append(dst, ','), uint64(t.bits))
	return append(strconv.AppendInt(append(dst, ','), int64(t.turn), 10), ']')
}

func (s *spoken) append(dst []byte) []byte {
	dst = appendUint(append(dst, '['), uint64(s.key))
	return append(appendUint(append(dst, ','), uint64(s.used)), ']')
}

func (v *visit) append(dst []byte) []byte {
	dst = appendUint(append(dst, '['), uint64(v.touchpoint))
	return append(appendUint(append(dst, ','), uint64(v.events)), ']')
}

func (h *history) isZero() bool {
	return h.Customer == nil && h.Bot == nil &&
		h.Waiting|h.NoInput|h.NoMatch|h.BargeIns|h.Silences|h.Lost == 0 && !h.Rejoined
}

func (h *history) append(dst []byte) []byte {
	start := len(dst)
	dst = appendArray(dst, `,"c":`, h.Customer, func(dst []byte, p *past) []byte { return p.append(dst) })
	dst = appendArray(dst, `,"b":`, h.Bot, func(dst []byte, p *past) []byte { return p.append(dst) })
	dst = appendNumber(dst, `,"w":`, int64(h.Waiting))
	dst = appendNumber(dst, `,"i":`, int64(h.NoInput))
	dst = appendNumber(dst, `,"m":`, int64(h.NoMatch))
	dst = appendNumber(dst, `,"g":`, int64(h.BargeIns))
	dst = appendNumber(dst, `,"q":`, int64(h.Silences))
	dst = appendNumber(dst, `,"r":`, int64(h.Lost))
	return closeObject(appendTrue(dst, `,"j":`, h.Rejoined), start)
}

func (p *past) append(dst []byte) []byte {
	start := len(dst)
	dst = appendNumber(dst, `,"f":`, int64(p.Flags))
	if s := &p.Sketch; !s.isZero() {
		dst = append(s.append(append(dst, `,"s":"`...)), '"')
	}
	return closeObject(dst, start)
}

func (s *sketch) isZero() bool {
	return *s == sketch{}
}

// append writes the sketch in URL-safe base64, nothing for a turn that said nothing.
func (s *sketch) append(dst []byte) []byte {
	if s.hash == 0 {
		return dst
	}
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, 96), s.hash)
	var room [sketchWords]uint16
	figures := s.figures(&room)
	b = append(b, s.tokens, s.words, byte(len(figures)))
	for _, mark := range s.said() {
		b = binary.LittleEndian.AppendUint16(b, mark)
	}
	for _, mark := range figures {
		b = binary.LittleEndian.AppendUint16(b, mark)
	}
	for _, g := range s.grams {
		b = binary.LittleEndian.AppendUint64(b, g)
	}
	return base64.RawURLEncoding.AppendEncode(dst, b)
}

// closeObject makes an object of members that begin at start, each with a comma before it.
func closeObject(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{'
	return append(dst, '}')
}

// appendArray appends a member that is left out when it is empty.
func appendArray[T any](dst []byte, key string, list []T, each func(dst []byte, x *T) []byte) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(dst, key...)
	for i := range list {
		dst = each(append(dst, "[,"[min(i, 1)]), &list[i])
	}
	return append(dst, ']')
}

func appendUint(dst []byte, v uint64) []byte { return strconv.AppendUint(dst, v, 10) }

// appendNumber, appendTrue and appendString append members that are left out when they are zero.
func appendNumber(dst []byte, key string, v int64) []byte {
	if v == 0 {
		return dst
	}
	return strconv.AppendInt(append(dst, key...), v, 10)
}

func appendTrue(dst []byte, key string, v bool) []byte {
	if !v {
		return dst
	}
	return append(append(dst, key...), "true"...)
}

func appendString(dst []byte, key, s string) []byte {
	if s == "" {
		return dst
	}
	return appendText(append(dst, key...), s)
}

// appendText appends a JSON string. Nearly all are ids, which need no escapes.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; asciiClass[c] == 0 && c != '-' && c != '.' && c != '_' && c != ' ' {
			quoted, _ := json.Marshal(s) // of a string, which cannot fail
			return append(dst, quoted...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

// appendFloat writes a number as encoding/json does.
func appendFloat(dst []byte, v float64) []byte {
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, v, format, -1, 64)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' { // e-09
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
