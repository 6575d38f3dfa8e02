package rules

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// What encoding/json needs to write a state as State.append does.

func (t tally) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "[%d,%d,%d,%d]", t.rule, t.count, t.bits, t.turn), nil
}

func (s spoken) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "[%d,%d]", s.key, s.used), nil }

func (v visit) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "[%d,%d]", v.touchpoint, v.events), nil
}

func (s sketch) MarshalText() ([]byte, error) { return s.append(nil), nil }

// TestStateIsThatOfEncodingJSON holds what is stored against encoding/json, and reads it again.
func TestStateIsThatOfEncodingJSON(t *testing.T) {
	text := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-z.\- ]{1,12}`), rapid.StringN(0, 8, 20))
	number := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, maxScore), rapid.SampledFrom([]float64{1e-7, 2.5e-17, 0.1, 1e-6}))
	u32, few := rapid.Uint32(), rapid.IntRange(0, 3)
	marks := rapid.SliceOfNDistinct(rapid.Uint16(), 0, 4, rapid.ID)
	pasts := rapid.Custom(func(t *rapid.T) past {
		p := past{Flags: pastFlags(rapid.Uint16Range(0, 127).Draw(t, "flags"))}
		if rapid.Bool().Draw(t, "said") {
			p.Sketch = sketch{hash: max(1, rapid.Uint64().Draw(t, "hash")), tokens: rapid.Byte().Draw(t, "tokens")}
			for _, mark := range marks.Draw(t, "marks") {
				p.Sketch.add(mark, rapid.Bool().Draw(t, "digits"))
			}
			p.Sketch.grams[0] = rapid.Uint64().Draw(t, "grams")
		}
		return p
	})
	turns := rapid.Map(rapid.SliceOfN(pasts, 0, 2), func(list []past) []past {
		if len(list) == 0 {
			return nil
		}
		return list
	})
	rapid.Check(t, func(t *rapid.T) {
		d := stateData{
			Version: stateVersion, Score: number.Draw(t, "score"), Turn: few.Draw(t, "turn"), Spoke: rapid.Int64Range(0, 1<<40).Draw(t, "spoke"),
			Failures: few.Draw(t, "failures"), Spent: rapid.Byte().Draw(t, "spent"), QuietTo: few.Draw(t, "quiet"), CoolTo: few.Draw(t, "cool"),
			AckTurn: few.Draw(t, "ack"), Apology: rapid.Bool().Draw(t, "apology"), Crisis: rapid.Bool().Draw(t, "crisis"), Expected: text.Draw(t, "expected"),
			Standing: rapid.SliceOfN(u32, 0, 3).Draw(t, "standing"), Parting: rapid.Bool().Draw(t, "parting"), Surveyed: rapid.Bool().Draw(t, "surveyed"),
		}
		for i := range d.Feelings {
			d.Feelings[i] = number.Draw(t, "feeling")
		}
		if rapid.Bool().Draw(t, "asks") {
			d.Ask = &openAsk{text.Draw(t, "id"), text.Draw(t, "locale"), text.Draw(t, "rule"), text.Draw(t, "desk"), few.Draw(t, "left")}
		}
		if rapid.Bool().Draw(t, "offers") {
			d.Offer = &pendingOffer{text.Draw(t, "rule"), text.Draw(t, "desk"), rapid.Bool().Draw(t, "by score"), rapid.Bool().Draw(t, "late")}
		}
		for range few.Draw(t, "lists") {
			d.Heard = append(d.Heard, heard{u32.Draw(t, "heard"), few.Draw(t, "turn"), []slot{{text.Draw(t, "name"), text.Draw(t, "text")}}[:few.Draw(t, "slots")/3]})
			d.Tallies = append(d.Tallies, tally{u32.Draw(t, "rule"), u32.Draw(t, "count"), u32.Draw(t, "bits"), few.Draw(t, "turn")})
			d.Spoken = append(d.Spoken, spoken{u32.Draw(t, "key"), u32.Draw(t, "used")})
			d.Visits = append(d.Visits, visit{u32.Draw(t, "touchpoint"), visitEvents(u32.Draw(t, "events"))})
		}
		d.History = history{
			Customer: turns.Draw(t, "customer"), Bot: turns.Draw(t, "bot"),
			Waiting: rapid.Byte().Draw(t, "waiting"), NoInput: rapid.Byte().Draw(t, "no input"), Lost: rapid.Byte().Draw(t, "lost"), Rejoined: rapid.Bool().Draw(t, "rejoined"),
		}
		if rapid.Bool().Draw(t, "no history") {
			d.History = history{}
		}
		want, err := json.Marshal(&d)
		got := d.append(nil)
		if err != nil || string(got) != string(want) {
			t.Fatalf("state: %s\nwant:  %s (%v)", got, want, err)
		}
		var again stateData
		if err := json.Unmarshal(got, &again); err != nil {
			t.Fatal(err)
		}
		if back := again.append(nil); string(back) != string(got) {
			t.Fatalf("again: %s\nwas:   %s", back, got)
		}
	})
}

func TestAStateThatIsNoNumberIsNotStored(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		var a, b State
		a.d.Score, b.d.Feelings[Ignored] = v, v
		for _, st := range []*State{&a, &b} {
			if got, err := st.MarshalBinary(); err == nil {
				t.Errorf("%v was stored as %s", v, got)
			}
		}
	}
}

func BenchmarkEncodeState(b *testing.B) {
	st := State{d: stateData{
		Version: stateVersion, Score: 2.7, Turn: 4, Spoke: 1_700_000_000, Tallies: []tally{{1 << 30, 2, 3, 4}}, Spoken: []spoken{{1 << 31, 1}},
		History: history{Customer: make([]past, pastCustomer), Bot: make([]past, pastBot)},
	}}
	st.d.Feelings[Ignored] = 1.25
	for i := range pastCustomer {
		s := sketch{hash: 1 << 60, tokens: 20, marks: [sketchWords]uint16{1, 2, 3, 4, 5, 6, 7, 8}, words: 8}
		st.d.History.Customer[i].Sketch, st.d.History.Bot[i].Sketch = s, s
	}
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		var dst []byte
		for b.Loop() {
			dst, _ = st.AppendBinary(dst[:0])
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(&st.d)
		}
	})
}
