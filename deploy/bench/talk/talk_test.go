package talk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"attune/deploy/bench/talk"
	"attune/rules"
)

func Example() {
	script := talk.Script{Stiff: 1}
	id := talk.ID{Widget: 3, Seq: 7}
	reply, err := script.AppendReply(nil, talk.AppendMessage(nil, id, "s-3"))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(script.Check(id, reply))
	fmt.Println(script.Check(talk.ID{Widget: 3, Seq: 6}, reply))
	// Output:
	// false <nil>
	// false reply to message 6 of widget 3: out of order, it answers 000003-00000007
}

// answered is the backend's reply to a message.
func answered(t *testing.T, s talk.Script, id talk.ID) string {
	t.Helper()
	reply, err := s.AppendReply(nil, talk.AppendMessage(nil, id, "s"))
	if err != nil {
		t.Fatal(err)
	}
	return string(reply)
}

func TestCheckSeesFaults(t *testing.T) {
	s := talk.Script{Stiff: 1}
	id := talk.ID{Widget: 12, Seq: 1}
	good := answered(t, s, id)
	for _, tt := range []struct {
		name     string
		reply    string
		reworded bool
		fault    string
	}{
		{"as sent", good, false, ""},
		{"reworded", strings.Replace(good, "Please do not hesitate to contact us.", "Just ask again.", 1), true, ""},
		{"another's", answered(t, s, talk.ID{Widget: 13, Seq: 1}), false, "out of order"},
		{"the next one", answered(t, s, talk.ID{Widget: 12, Seq: 2}), false, "out of order"},
		{"cut", good[:len(good)-1], false, "cut off"},
		{"cut within the id", good[:40], false, "id is spoilt"},
		{"empty", "", false, "not a message"},
		{"a field changed", strings.Replace(good, "0.87", "0.88", 1), false, "changed"},
		{"a field dropped", strings.Replace(good, `"locale":"en",`, "", 1), false, "changed"},
		{"number lost", strings.Replace(good, "413", "", 1), false, "number is gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reworded, err := s.Check(id, []byte(tt.reply))
			if reworded != tt.reworded || (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("Check = %v, %v, want %v and %q\n%s", reworded, err, tt.reworded, tt.fault, tt.reply)
			}
		})
	}
}

func TestOnlyOurMessagesAreAnswered(t *testing.T) {
	for _, m := range []string{"", "hello", `{"id":"1"}`, `{"id":"00000a-00000000","x":1}`, `{"id":"000000_00000000","x":1}`} {
		if _, err := (talk.Script{}).AppendReply(nil, []byte(m)); !errors.Is(err, talk.ErrNotOurs) {
			t.Errorf("%q is answered: %v", m, err)
		}
	}
}

func TestMessagesAreVariedAndOfOneSize(t *testing.T) {
	said, heard := map[string]bool{}, map[string]bool{}
	for seq := range 1000 {
		id := talk.ID{Widget: 5, Seq: seq}
		message := talk.AppendMessage(nil, id, "r1-000005")
		reply := answered(t, talk.Script{Stiff: 1}, id)
		for _, p := range []string{string(message), reply} {
			if !json.Valid([]byte(p)) || len(p) < 200 || len(p) > 360 {
				t.Fatalf("%d bytes: %s", len(p), p)
			}
		}
		var m struct{ Text string }
		if err := json.Unmarshal(message, &m); err != nil {
			t.Fatal(err)
		}
		said[m.Text] = true
		if err := json.Unmarshal([]byte(reply), &m); err != nil {
			t.Fatal(err)
		}
		heard[m.Text] = true
	}
	if len(said) < 400 || len(heard) < 400 {
		t.Errorf("%d different utterances and %d different replies", len(said), len(heard))
	}
}

// What the bench calls reworded must be: the whole conversation is judged as
// Attune does.
func TestEnglishPackRewordsEveryStiffReply(t *testing.T) {
	data, err := os.ReadFile("../../../rules/packs/core-en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, found := rules.Compile([]rules.File{{Name: "core-en.yaml", Data: data}})
	if set == nil {
		t.Fatal(found)
	}
	var st rules.State
	var j rules.Judgement
	facts := rules.Facts{Session: "s", AgentsAvailable: 1, Mode: rules.Tone}
	for i, text := range talk.Replies() {
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: talk.Utterances()[i%len(talk.Utterances())]}, &facts, &j)
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: text}, &facts, &j)
		if len(j.Rules) == 0 {
			t.Errorf("%q is left as it is", text)
		}
	}
}

// The example of RFC 6455 section 1.3.
func TestAccept(t *testing.T) {
	if got := talk.Accept("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("the answer is %q", got)
	}
}
