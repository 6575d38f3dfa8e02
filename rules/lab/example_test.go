package lab_test

import (
	"fmt"
	"strings"

	"attune/rules"
	"attune/rules/lab"
)

func ExampleReplay() {
	set, found := rules.Compile([]rules.File{{Name: "tone.yaml", Data: []byte(`
pack: tone
version: 1
locale: en
owner: cx@example.com
rewrites:
  - id: no-sorry
    what: Leave the apology out.
    why: People want a solution.
    move: plain-words
    match: {text: "sorry, the {thing} is late"}
    say: ["The {thing} is late."]
    examples:
      - {in: "Sorry, the parcel is late.", out: "The parcel is late."}
      - {in: "The parcel is here.", unchanged: true}
`)}})
	if set == nil {
		fmt.Println(found)
		return
	}
	transcript := `{"id":"c1","turns":[{"role":"customer","text":"where is my train"},{"role":"bot","text":"Sorry, the train is late."}]}`
	d, err := lab.NewReader(strings.NewReader(transcript)).Next()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range lab.Replay(set, d) {
		if l.Reply != nil {
			fmt.Println(l.Turn, l.Rules, l.Sent)
		}
	}
	// Output:
	// 1 [no-sorry] The train is late.
}
