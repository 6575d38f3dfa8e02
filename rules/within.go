package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Promised is something that a customer was told to expect within some time.
type Promised struct {
	// Rule is the id of the rule that said so.
	Rule string
	// Within is how long it may take, above 0.
	Within time.Duration
	// Wait: it is how long a person takes to come.
	Wait bool
}

// Wait words how long a person takes to come, as messages say it, and says what that promises: at least a minute.
func (s *Set) Wait(f *Facts, wait time.Duration) (words string, within time.Duration) {
	return s.wait(s.tongueFor(f.Locale, f.Register), f.channel(), wait)
}

func (s *Set) wait(t *tongue, channel string, wait time.Duration) (words string, within time.Duration) {
	minutes := int((wait + 30*time.Second) / time.Minute)
	id := "wait.minutes"
	switch {
	case minutes < 1:
		id = "wait.moment"
	case minutes == 1:
		id = "wait.minute"
	}
	variants, _ := s.message(t, id, "", channel)
	return fillMessage(variants[0], func(string) string { return strconv.Itoa(minutes) }), time.Duration(max(minutes, 1)) * time.Minute
}

// units of time by their words in the languages of the shipped packs; a month and a year are no times to wait for.
var units = map[time.Duration][]string{
	time.Second:        strings.Fields("second seconds sec secs sekunde sekunden segundo segundos seconde secondes"),
	time.Minute:        strings.Fields("minute minutes min mins minuten minuto minutos"),
	time.Hour:          strings.Fields("hour hours hr hrs h stunde stunden std hora horas heure heures"),
	24 * time.Hour:     strings.Fields("day days tag tage tagen día días dia dias jour jours"),
	7 * 24 * time.Hour: strings.Fields("week weeks woche wochen semana semanas semaine semaines"),
}

// amounts are small numbers in words, the index being the number.
var amounts = [...][]string{
	1: strings.Fields("a an one ein eine einem einer einen un una uno une"), 2: strings.Fields("two zwei dos deux"),
	3: strings.Fields("three drei tres trois"), 4: strings.Fields("four vier cuatro quatre"), 5: strings.Fields("five fünf cinco cinq"),
	6: strings.Fields("six sechs seis"), 7: strings.Fields("seven sieben siete sept"), 8: strings.Fields("eight acht ocho huit"),
	9: strings.Fields("nine neun nueve neuf"), 10: strings.Fields("ten zehn diez dix"),
}

var (
	halves = strings.Fields("half halben halbe media medio demi demie")
	manner = strings.Fields("of working business full short an a werktags") // between amount and unit
)

// maxWithin bounds what is taken for a promise.
const maxWithin = 14 * 24 * time.Hour

// within reads the first span of time in a text, 0 when there is none that could be waited for.
func within(text string) time.Duration {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		digits := strings.TrimRightFunc(w, unicode.IsLetter)
		n, err := strconv.Atoi(digits)
		if err != nil {
			n = slices.IndexFunc(amounts[:], func(in []string) bool { return slices.Contains(in, w) })
		}
		half := slices.Contains(halves, w)
		if n <= 0 && !half {
			continue
		}
		rest := words[i+1:]
		if unit := w[len(digits):]; err == nil && unit != "" {
			rest = []string{unit} // "30min"
		}
		for len(rest) > 0 && (slices.Contains(manner, rest[0]) || slices.Contains(halves, rest[0])) {
			half = half || slices.Contains(halves, rest[0])
			rest = rest[1:]
		}
		if len(rest) == 0 {
			continue
		}
		for unit, names := range units {
			if !slices.Contains(names, rest[0]) {
				continue
			}
			d := unit * time.Duration(min(max(n, 1), 1000))
			if half {
				d = unit / 2
			}
			if d <= maxWithin {
				return d
			}
		}
	}
	return 0
}
