package rules

import (
	"bytes"
	"strings"
)

// slotType restricts what a capture or a typed gap takes.
type slotType uint8

const (
	slotAny      slotType = iota // 1 to maxCapture tokens
	slotWord                     // one token
	slotNumber                   // digits, or a number in words
	slotOrdinal                  // "3rd", "third", "2."
	slotDuration                 // a number and a unit of time
)

var slotTypes = map[string]slotType{
	"": slotAny, "any": slotAny, "word": slotWord, "number": slotNumber, "ordinal": slotOrdinal, "duration": slotDuration,
}

// gapType gives the type of a gap by its name: {number}, {ordinal} and {duration} stand for themselves.
func gapType(name string) (slotType, bool) {
	t, ok := slotTypes[name]
	return t, ok && t >= slotNumber
}

// Bounds of typed slots in tokens.
const (
	maxNumber   = 5  // "two hundred and twenty five"
	maxDuration = 14 // "two and a half hours and thirty minutes"
)

// most returns how many tokens a slot of this type may cover.
func (s slotType) most() int {
	switch s {
	case slotAny:
		return maxCapture
	case slotNumber:
		return maxNumber
	case slotDuration:
		return maxDuration
	}
	return 1
}

// slot returns how many of the tokens [at, last) are the longest slot of a type that begins at token at, 0 when none
// does. It reads the words of all languages at once: customers mix them, and a pattern has words of its own.
func (t *Text) slot(typ slotType, at, last int) int {
	switch typ {
	case slotNumber:
		return t.numberSlot(at, last)
	case slotOrdinal:
		return t.ordinalSlot(at, last)
	case slotDuration:
		return t.durationSlot(at, min(last, at+maxDuration))
	}
	return 0
}

// numberSlot reads "12", "1.250,50", "twenty five", "2 million", "two hundred and fifty".
func (t *Text) numberSlot(at, last int) int {
	if at >= last {
		return 0
	}
	i := at
	if !t.inDigits(i) && !t.slotIs(i, slotNumbers) {
		return 0
	}
	for i++; i < last && i-at < maxNumber; i++ {
		if t.slotIs(i, slotNumbers) {
			continue
		}
		// "and" belongs to the number only where it is said inside one: "two and three" are two numbers.
		if i+1 < last && i+1-at < maxNumber && t.slotIs(i, slotAnd) && t.slotIs(i-1, slotBeforeAnd) &&
			(t.slotIs(i+1, slotNumbers) || t.slotIs(i+1, slotOnes)) {
			i++
			continue
		}
		break
	}
	return i - at
}

// inDigits tells whether token i is a number written in digits.
func (t *Text) inDigits(i int) bool {
	return t.tokens[i].kind&(kindDigit|kindLetter|kindAddress) == kindDigit
}

// pointBehind tells whether digits carry a point, which makes an ordinal of them where the sentence goes on.
func (t *Text) pointBehind(i int) bool {
	end := int(t.tokens[i].end)
	return t.inDigits(i) && end < len(t.plain) && t.plain[end] == '.'
}

// ordinalSlot reads "3rd", "third", "1º", and "2." where something follows in the sentence.
func (t *Text) ordinalSlot(at, last int) int {
	if at >= last {
		return 0
	}
	if t.inDigits(at) {
		if at+1 < last && t.pointBehind(at) {
			return 1
		}
		return 0
	}
	if t.slotIs(at, slotOrdinals) {
		return 1
	}
	if digits, rest := leadingDigits(t.word(at)); digits > 0 && slotOrdinalEnds[string(rest)] {
		return 1
	}
	return 0
}

// durationSlot reads a number and a unit of time, with the ways to say halves and the rest: "2 days", "an hour", "half
// an hour", "two and a half hours", "3 hours and 20 minutes", "30min".
func (t *Text) durationSlot(at, last int) int {
	i := t.timeSpan(at, last)
	if i == at {
		return 0
	}
	rest := i
	if rest < last && t.slotIs(rest, slotAnd) {
		rest++
		half := rest
		if half < last && t.slotIs(half, slotArticles) {
			half++
		}
		if half < last && t.slotIs(half, slotHalves) && (half+1 == last || !t.slotIs(half+1, slotArticles)) {
			return half + 1 - at
		}
	}
	if rest < last && (t.inDigits(rest) || t.slotIs(rest, slotNumbers) || t.tokens[rest].kind&kindDigit != 0) {
		if end := t.timeSpan(rest, last); end > rest {
			i = end
		}
	}
	return i - at
}

// timeSpan reads one amount and its unit from token at and returns where it ends, at when there is none.
func (t *Text) timeSpan(at, last int) int {
	i := at
	if i >= last {
		return at
	}
	if digits, rest := leadingDigits(t.word(i)); digits > 0 && len(rest) > 0 && slotUnits[string(rest)] {
		return i + 1
	}
	switch n := t.numberSlot(i, last); {
	case t.slotIs(i, slotHalves):
		if i++; i < last && t.slotIs(i, slotArticles) { // "half an hour"
			i++
		}
	case n > 0:
		i = t.andHalf(i+n, last)
	case t.slotIs(i, slotArticles):
		if i++; i < last && (t.slotIs(i, slotHalves) || t.slotIs(i, slotSome)) {
			i++
		}
	case t.slotIs(i, slotSome):
		i++
	default:
		return at
	}
	if i < last && i > at+1 && t.slotIs(i-1, slotSome) && string(t.word(i)) == "of" { // "a couple of"
		i++
	}
	for range 2 {
		if i < last && t.slotIs(i, slotManner) {
			i++
		}
	}
	if i < last && t.slotIs(i, slotUnits) {
		return i + 1
	}
	return at
}

// andHalf goes over "and a half" from token i.
func (t *Text) andHalf(i, last int) int {
	j := i
	if j >= last || !t.slotIs(j, slotAnd) {
		return i
	}
	if j++; j < last && t.slotIs(j, slotArticles) {
		j++
	}
	if j < last && t.slotIs(j, slotHalves) {
		return j + 1
	}
	return i
}

func (t *Text) slotIs(i int, words map[string]bool) bool {
	return words[string(t.word(i))]
}

// leadingDigits splits "3rd" and "30min".
func leadingDigits(word []byte) (digits int, rest []byte) {
	rest = bytes.TrimLeft(word, "0123456789.,")
	return len(word) - len(rest), rest
}

// The words of slots, of all languages. Numbers are those that the fact lock knows, without the ordinals and halves among
// them; "une", "eine" and the like are articles here, so that "{number} days" is not "a days".
var (
	slotHalves      = wordSet(`half halb halbe halben halber halbes medio media demi demie`)
	slotArticles    = wordSet(`a an ein eine einen einem einer un una une`)
	slotSome        = wordSet(`few several couple paar einige mehrere unos unas varios varias quelques plusieurs`)
	slotManner      = wordSet(`business working whole full long entire good solid more other ganze ganzen ganzer volle vollen lange weitere weiteren bonne bon`)
	slotAnd         = wordSet(`and und y et`)
	slotOnes        = wordSet(`un una une`) // "vingt et un"
	slotBeforeAnd   = wordSet(`hundred thousand million hundert tausend treinta cuarenta cincuenta sesenta setenta ochenta noventa vingt trente quarante cinquante soixante`)
	slotOrdinalEnds = wordSet(`st nd rd th o a er era ero do da to ta te ter ten ère ere e eme ème ième ieme`)
	slotUnits       = wordSet(`second seconds sec secs s minute minutes min mins hour hours hr hrs h day days d week weeks wk wks month months year years yr
		yrs night nights weekend weekends fortnight fortnights sekunde sekunden minuten stunde stunden std tag tage tagen woche wochen
		monat monate monaten monats jahr jahre jahren nacht nächte nächten werktag werktage werktagen segundo segundos minuto minutos
		hora horas día días dia dias semana semanas mes meses año años noche noches seconde secondes heure heures jour jours
		semaine semaines mois an ans année années nuit nuits`)
	slotOrdinals = ordinalWords()
	slotNumbers  = numberWords()
)

func ordinalWords() map[string]bool {
	words := wordSet(`first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
		sixteenth seventeenth eighteenth nineteenth twentieth thirtieth hundredth umpteenth nth
		primer tercer premier premiers première premières seconde deuxième troisième quatrième cinquième sixième septième huitième neuvième
		dixième onzième douzième vingtième centième énième`)
	inflect := func(stems, endings string) {
		for s := range strings.FieldsSeq(stems) {
			for e := range strings.FieldsSeq(endings) {
				words[s+e] = true
			}
		}
	}
	inflect(`erst zweit dritt viert fünft sechst siebt siebent acht neunt zehnt elft zwölft zwanzigst hundertst`, `e en er es em`)
	inflect(`primer segund tercer cuart quint sext séptim septim octav noven décim decim enésim`, `o a os as`)
	return words
}

func numberWords() map[string]bool {
	words := wordSet(`one uno eins zwo dreissig veintiuno veintiún veintidós veintitrés veinticuatro veinticinco veintiséis
		veintisiete veintiocho veintinueve doscientos doscientas trescientos trescientas quinientos quinientas zweihundert dreihundert
		anderthalb eineinhalb zweieinhalb dreieinhalb`)
	for _, f := range []*factWords{factsEnglish, factsGerman, factsSpanish, factsFrench} {
		for w, fact := range f.single {
			if fact.kind == factNumber && fact.only == always && !slotOrdinals[w] && !slotHalves[w] {
				words[w] = true
			}
		}
	}
	for w := range wordSet(`twice double triple quarter doppelt doppelte einmal zweimal dreimal zuerst doble`) {
		delete(words, w)
	}
	for _, one := range strings.Fields(`ein zwei drei vier fünf sechs sieben acht neun`) {
		for _, ten := range strings.Fields(`zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig`) {
			words[one+"und"+ten] = true
		}
	}
	return words
}
