package rules_test

import (
	"bytes"
	"reflect"
	"strings"
	"sync"
	"testing"

	"attune/rules"

	"pgregory.net/rapid"
)

// story has a conversation judged and returns what came of each turn.
func story(set *rules.Set, s scene, expected string) (out []rules.Judgement, state []byte) {
	var st rules.State
	judge := func(role rules.Role, text, expected string) {
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: role, Text: text, Expected: expected}, &s.world, &j)
		out = append(out, j)
	}
	for _, line := range s.before {
		role, text, _ := strings.Cut(line, ": ")
		if role == "c" {
			judge(rules.Customer, text, "")
		} else {
			judge(rules.Bot, text, "")
		}
	}
	judge(rules.Bot, s.reply, expected)
	judge(rules.Customer, "no", "")
	judge(rules.Bot, s.reply, "")
	state, _ = st.MarshalBinary()
	return out, state
}

// TestRepliesThatComeAgain holds what is remembered of replies against reading each of them anew: the same judgements and
// states, byte for byte, however often and from however many conversations at once, in any markup and language.
func TestRepliesThatComeAgain(t *testing.T) {
	remembers := shipped(t)
	forgets, sentences := remembers.Forgetful(), botSentences(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, sentences)
		s.world.Locale = rapid.SampledFrom([]string{"", "en-GB", "de", "fr", "pt"}).Draw(t, "locale")
		expected := rapid.SampledFrom([]string{"", "form"}).Draw(t, "expected")
		want, wantState := story(forgets, s, expected)
		for _, other := range []string{"another", "one more"} { // what one conversation alone has heard is not remembered
			o := s
			o.world.Session = other
			story(remembers, o, expected)
		}
		var all sync.WaitGroup
		faults := make(chan int, 4)
		for range cap(faults) {
			all.Go(func() {
				for again := range 3 {
					if got, state := story(remembers, s, expected); !reflect.DeepEqual(got, want) || !bytes.Equal(state, wantState) {
						faults <- again
						return
					}
				}
			})
		}
		all.Wait()
		select {
		case again := <-faults:
			got, _ := story(remembers, s, expected)
			t.Fatalf("said again %d times, it is judged otherwise\nbot  %q\nwant %+v\ngot  %+v", again, s.reply, want, got)
		default:
		}
	})
}

// TestOneCustomersRepliesAreNotKept says a reply over and over in one conversation, and then in another one.
func TestOneCustomersRepliesAreNotKept(t *testing.T) {
	set := shipped(t)
	const reply = "Your balance, Mia, is 1182 points."
	say := func(session string) {
		var st rules.State
		var j rules.Judgement
		for range 20 {
			set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: reply}, &rules.Facts{Session: session}, &j)
		}
	}
	if say("a"); set.Remembers(reply) {
		t.Error("a reply that one conversation alone has heard is kept")
	}
	if say("b"); !set.Remembers(reply) {
		t.Error("a reply that two conversations have heard is not kept")
	}
}
