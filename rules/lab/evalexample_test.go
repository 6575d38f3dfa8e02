package lab_test

import (
	"fmt"
	"strings"

	"attune/rules"
	"attune/rules/lab"
)

func ExampleEval() {
	set, found := rules.Compile([]rules.File{{Name: "words.yaml", Data: []byte(`
pack: words
version: 1
locale: en
owner: cx@example.com
scoring: {half_life: 4, flag: 2, offer: {score: 5}, escalate: {score: 8}, rearm_below: 3}
signals:
  - id: still
    what: The customer says that nothing has changed.
    why: Being made to repeat oneself reads as being ignored.
    from: customer
    match: {phrases: ["(still)"]}
    points: 2
    feels: [ignored]
    examples: {fires: ["it still rings"], silent: ["it rings"]}
`)}})
	if set == nil {
		fmt.Println(found)
		return
	}
	transcript := `{"id":"c1","turns":[{"role":"customer","text":"it rings","label":{"dissatisfied":0}},` +
		`{"role":"customer","text":"it still rings","label":{"dissatisfied":1}}]}`
	d, err := lab.NewReader(strings.NewReader(transcript)).Next()
	if err != nil {
		fmt.Println(err)
		return
	}
	e := lab.NewEval(set, lab.Everyday(), lab.EvalOptions{})
	e.Add(d)
	flagged := e.Report().Parts[0].ByTurn.Flagged
	fmt.Println("precision", flagged.Precision, "recall", flagged.Recall, "F1", flagged.F1)
	// Output:
	// precision 1 recall 1 F1 1
}
