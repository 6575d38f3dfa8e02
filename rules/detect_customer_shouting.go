package rules

import "unicode"

// customerShouting is `customer.shouting`: most letters are capitals. The least letters and the share follow the
// practice of moderation filters; on airline complaints capitals had no more precision than the base, so points
// should be few. Order numbers and acronyms are capitals without being loud: words with digits do not count, and at
// least two words of four letters must be in capitals.
func customerShouting() detectorSpec {
	return detectorSpec{
		name: "customer.shouting", role: Customer,
		doc:    "the customer writes in capitals",
		source: "Quidget, When should chatbots escalate, and the practice of moderation filters; on airline complaints capitals had no more precision than the base, so points should be few.",
		params: []paramSpec{
			{name: "share", kind: paramShare, standard: "0.6", low: 0.1, high: 1, doc: "capitals among the letters"},
			{name: "letters", kind: paramCount, standard: "10", low: 2, high: 1000, doc: "letters at least"},
		},
		make: func(p settings) detector {
			share, least := p.share("share"), p.count("letters")
			return func(o *observation, _ *history) (span, bool) { return span{}, shouts(o.text, share, least) }
		},
	}
}

func shouts(t *Text, share float64, least int) bool {
	const loudest = 2
	words := 0
	for i := range t.tokens {
		if t.tokens[i].kind&kindCaps != 0 {
			words++
		}
	}
	if words < loudest { // nearly always; the letters need not be counted
		return false
	}
	letters, capitals, loud := 0, 0, 0
	for i := range t.tokens {
		k := &t.tokens[i]
		if k.kind&(kindDigit|kindAddress) != 0 || k.kind&kindLetter == 0 {
			continue
		}
		n := 0
		for _, r := range string(t.plain[k.start:k.end]) {
			switch {
			case unicode.IsUpper(r):
				n++
				capitals++
				letters++
			case unicode.IsLetter(r):
				letters++
			}
		}
		if k.kind&kindCaps != 0 && n >= 4 {
			loud++
		}
	}
	return letters >= least && loud >= loudest && float64(capitals) >= share*float64(letters)
}
