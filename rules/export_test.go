package rules

// DetectorNames lists every detector, for tests that want them all.
func DetectorNames() []string {
	var names []string
	for _, d := range detectorList() {
		names = append(names, d.name)
	}
	return names
}

// FactsOf names the facts of a plain text in order: "number 12.50". Words that may only be capitals because they open
// a sentence are left out unless weak is set.
func FactsOf(locale, text string, weak bool) []string {
	var out []string
	for _, f := range factsOf(locale, text) {
		if !f.weak || weak {
			out = append(out, f.kind.String()+" "+text[f.start:f.end])
		}
	}
	return out
}

// Keeps tells whether a rewritten text keeps the facts of a plain original and brings none of its own.
func Keeps(locale, original, sent string) bool {
	ok, _ := lock(locale, original, sent, []fact{})
	return ok
}
