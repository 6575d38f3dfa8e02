package rules_test

import (
	"fmt"

	"attune/rules"
)

const tonePack = `pack: tone
version: 1
locale: en
owner: cx@example.com
signals:
  - id: bot-fallback
    what: The bot says that it did not understand.
    why: After two such failures people prefer a person.
    from: bot
    match: {detect: bot.fallback}
    points: 3
    failure: true
    feels: [unfulfilled]
    examples: {fires: ["Sorry, I did not get that."], silent: ["Got it, thanks!"]}
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
`

// A conversation is judged turn by turn. What is said in it stays in the state.
func ExampleSet_Judge() {
	set, found := rules.Compile([]rules.File{{Name: "tone.yaml", Data: []byte(tonePack)}})
	if set == nil {
		fmt.Println(found)
		return
	}
	var st rules.State
	var j rules.Judgement
	for _, t := range []rules.Turn{
		{Role: rules.Customer, Text: "where is parcel 4711"},
		{Role: rules.Bot, Text: "Sorry, the parcel is late."},
		{Role: rules.Customer, Text: "but where is it"},
		{Role: rules.Bot, Text: "Sorry, I did not get that."},
		{Role: rules.Bot, Text: "Sorry, I did not get that."},
	} {
		set.Judge(&st, &t, &rules.Facts{AgentsAvailable: 1}, &j)
		fmt.Printf("%-8s score %.0f, signals %v, decision %v", t.Role, j.Score, j.Signals, j.Decision)
		if t.Role == rules.Bot {
			fmt.Printf(", sent %q", j.Sent)
		}
		fmt.Println()
	}
	// Output:
	// customer score 0, signals [], decision none
	// bot      score 0, signals [], decision none, sent "The parcel is late."
	// customer score 0, signals [], decision none
	// bot      score 3, signals [bot-fallback], decision none, sent "Sorry, I did not get that."
	// bot      score 6, signals [bot-fallback], decision offer, sent "Sorry, I did not get that. I can bring a colleague in. Shall I?"
}

// Every fault of every file is reported at once.
func ExampleCompile() {
	_, found := rules.Compile([]rules.File{{Name: "typo.yaml", Data: []byte("pack: typo\nversion: 1\nlocale: en\nowner: cx@example.com\nsignls: []\n")}})
	fmt.Println(found)
	// Output:
	// typo.yaml:5:1: error: unknown key "signls" in a pack
	//     5 | signls: []
	//       | ^
	// hint: did you mean "signals"?
}

func ExampleSet_Check() {
	wrong := []byte(`pack: wrong
version: 1
locale: en
owner: cx@example.com
signals:
  - id: thanks
    what: The customer thanks.
    why: The worry is over.
    from: customer
    match: {phrases: ["(thank you | thanks)"]}
    calms: half
    examples: {fires: ["cheers"], silent: ["no"]}
`)
	set, _ := rules.Compile([]rules.File{{Name: "wrong.yaml", Data: wrong}})
	fmt.Println(set.Check())
	// Output:
	// wrong.yaml:12:24: error: "thanks" does not fire on this example
	//    12 |     examples: {fires: ["cheers"], silent: ["no"]}
	//       |                        ^
	// hint: 'attune rules explain TEXT' shows what it is taken for and why
}
