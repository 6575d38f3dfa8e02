package rules

import (
	"maps"
	"slices"
	"strings"
)

// factWords are the words of one language that are facts by themselves.
type factWords struct {
	single   map[string]factWord
	pairs    map[string][]factPair // by first word
	spans    map[string]bool       // "week": what "next" makes a date of
	pointing map[string]bool       // "that": makes "one" a pronoun; in German, makes what follows a noun
	stops    map[string]bool       // function words, which are no names however they are written
	never    map[string]bool       // more words that are no names
	idioms   map[string][]string   // by first word: the words behind it with which it is a turn of speech and no fact
	nouns    bool                  // every noun is capitalised
	listed   vocabulary            // whatever single, pairs or idioms begin with: most words are none of these
}

// factWord is what one word stands for.
type factWord struct {
	kind  factKind
	key   string // the word all of its forms count as; "" for itself
	modal string // a modal verb it holds as well
	only  factOnly
}

type factPair struct {
	second string
	kind   factKind
}

// factOnly is when a word with two readings is a fact.
type factOnly uint8

const (
	always factOnly = iota
	onlyMonth
	onlyAfterNumber
	onlyBeforeTime
	onlyCounting
	onlyAfterNe
)

// pair looks up two neighbouring words that are one fact ("up to").
func (w *factWords) pair(first, second []byte) (factKind, bool) {
	for _, p := range w.pairs[string(first)] {
		if p.second == string(second) {
			return p.kind, true
		}
	}
	return 0, false
}

// factWordsOf returns the words of a locale; those of English where there are none.
func factWordsOf(locale string) *factWords {
	switch mainLanguage(locale) {
	case "de":
		return factsGerman
	case "es":
		return factsSpanish
	case "fr":
		return factsFrench
	}
	return factsEnglish
}

// idiom returns how many words behind the first belong to a turn of speech that begins with it, 0 when there is none.
func (w *factWords) idiom(first []byte, word func(i int) []byte) int {
next:
	for _, rest := range w.idioms[string(first)] {
		n := 0
		for s := range strings.FieldsSeq(rest) {
			if n++; string(word(n)) != s {
				continue next
			}
		}
		return n
	}
	return 0
}

// factList is the source of a factWords: lists of words separated by spaces, pairs by commas.
type factList struct {
	numbers, counting, months, monthOrVerb, days, dayParts, nextWords, spans, units string
	conditions, negations, modals                                                   string
	conditionPairs, dayPairs                                                        string
	contracted                                                                      map[string]string // negated word -> modal in it
	onlyAfterNe                                                                     string
	idioms                                                                          string // separated by commas
	pointing, never                                                                 string
	stops                                                                           map[string]bool
	nouns                                                                           bool
}

func (l factList) build() *factWords {
	w := &factWords{
		single: map[string]factWord{}, pairs: map[string][]factPair{}, spans: wordSet(l.spans), pointing: wordSet(l.pointing),
		stops: l.stops, never: wordSet(l.never), nouns: l.nouns, idioms: map[string][]string{},
	}
	enter := func(list string, f factWord) {
		for _, s := range strings.Fields(list) {
			w.single[s] = f
		}
	}
	enter(l.units, factWord{kind: factTime, only: onlyAfterNumber})
	enter(l.nextWords, factWord{kind: factDay, only: onlyBeforeTime})
	enter(l.numbers, factWord{kind: factNumber})
	enter(l.counting, factWord{kind: factNumber, only: onlyCounting})
	enter(l.months, factWord{kind: factDate})
	enter(l.days+" "+l.dayParts, factWord{kind: factDay})
	enter(l.conditions, factWord{kind: factCondition})
	for _, s := range strings.Fields(l.modals) {
		w.single[s] = factWord{kind: factModal, modal: s}
	}
	for _, s := range strings.Fields(l.monthOrVerb) {
		f := w.single[s]
		w.single[s] = factWord{kind: factDate, modal: f.modal, only: onlyMonth}
	}
	enter(l.negations, factWord{kind: factNegation})
	enter(l.onlyAfterNe, factWord{kind: factNegation, only: onlyAfterNe})
	for word, modal := range l.contracted {
		f := factWord{kind: factNegation, key: "not", modal: modal}
		w.single[word] = f
		w.single[strings.ReplaceAll(word, "'", "")] = f
	}
	for s := range strings.SplitSeq(l.idioms, ",") {
		if first, rest, ok := strings.Cut(strings.TrimSpace(s), " "); ok {
			w.idioms[first] = append(w.idioms[first], rest)
		}
	}
	for _, list := range []struct {
		pairs string
		kind  factKind
	}{{l.conditionPairs, factCondition}, {l.dayPairs, factDay}} {
		for _, p := range strings.Split(list.pairs, ",") {
			if first, second, ok := strings.Cut(strings.TrimSpace(p), " "); ok {
				w.pairs[first] = append(w.pairs[first], factPair{second, list.kind})
			}
		}
	}
	for _, words := range [...][]string{slices.Sorted(maps.Keys(w.single)), slices.Sorted(maps.Keys(w.pairs)), slices.Sorted(maps.Keys(w.idioms))} {
		for _, word := range words {
			w.listed.number(word)
		}
	}
	return w
}

var factsEnglish = factList{
	numbers: `zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
		twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion dozen half
		third fourth fifth sixth seventh eighth ninth tenth twice double triple quarter`,
	counting: `one`,
	months: `january february april june july august september october november december jan feb apr jun jul aug sept oct nov dec
		christmas easter`,
	monthOrVerb: `march may`,
	days:        `monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays`,
	dayParts: `today tomorrow tonight yesterday weekend weekends weekday weekdays noon midday midnight morning mornings afternoon afternoons
		evening evenings overnight fortnight daily weekly monthly yearly annually`,
	nextWords: `next last this past coming every each`,
	spans: `week weeks month months year years quarter day days hour hours weekend monday tuesday wednesday thursday friday saturday sunday
		morning afternoon evening night spring summer autumn fall winter`,
	units: `second seconds minute minutes min mins hour hours hr hrs day days week weeks month months year years am pm a.m p.m o'clock percent
		dollar dollars cent cents euro euros pound pounds pence kg g km m cm mm miles mile gb mb kb people persons nights guests
		times attempts items working business`,
	conditions:     `by until till before after only except unless if both free within minimum maximum provided otherwise`,
	conditionPairs: `up to,at least,at most,as long,no later,no earlier,no more,no less,more than,less than,free of`,
	dayPairs:       `right now`,
	idioms:         `by the way`,
	negations:      `no not never none nothing neither nor nobody nowhere without`,
	modals:         `can could may might must shall should will would`,
	contracted: map[string]string{
		"can't": "can", "cannot": "can", "couldn't": "could", "won't": "will", "wouldn't": "would", "shouldn't": "should", "mustn't": "must",
		"mightn't": "might", "shan't": "shall", "don't": "", "doesn't": "", "didn't": "", "isn't": "", "aren't": "", "wasn't": "", "weren't": "",
		"haven't": "", "hasn't": "", "hadn't": "", "ain't": "", "needn't": "",
	},
	pointing: `that this which the another any every each no some right wrong other last next first new old only correct same`,
	never: `ok okay hi hello hey dear thanks thank please sorry yes no sure great good goodbye bye welcome unfortunately however also so
		and but or mr mrs ms miss sir madam oops alright english`,
	stops: stopsEnglish,
}.build()

var factsGerman = factList{
	numbers: `null zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn
		zwanzig dreissig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend million millionen dutzend halb halbe halben
		zweimal dreimal doppelt doppelte erste ersten zweite zweiten dritte dritten vierte vierten fünfte fünften eins`,
	months: `januar jänner februar märz april mai juni juli august september oktober november dezember weihnachten ostern`,
	days:   `montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag montags dienstags mittwochs donnerstags freitags samstags sonntags`,
	dayParts: `heute morgen übermorgen gestern vorgestern wochenende wochenenden werktag werktage werktags mittag mittags mitternacht vormittag
		vormittags nachmittag nachmittags abend abends nachts täglich wöchentlich monatlich jährlich`,
	nextWords: `nächste nächsten nächster nächstes letzte letzten letzter letztes diese diesen dieser dieses kommende kommenden jede jeden`,
	spans:     `woche wochen monat monate monats jahr jahre jahres tag tage stunde montag dienstag mittwoch donnerstag freitag samstag sonntag`,
	units: `sekunde sekunden minute minuten stunde stunden tag tage tagen woche wochen monat monate monaten jahr jahre jahren uhr prozent euro
		cent kg g km m cm mal personen nächte werktage werktagen`,
	conditions: `bis vor nach nur ausser außer sofern wenn falls beide beides kostenlos gratis frei spätestens frühestens mindestens höchstens
		maximal minimal innerhalb binnen solange ansonsten`,
	conditionPairs: `es denn`,
	negations:      `nein nicht nie niemals nichts niemand nirgends kein keine keinen keiner keinem keines keins weder ohne`,
	modals: `kann kannst können könnt konnte konnten könnte könnten darf dürfen dürfte dürften muss müssen muß musst musste mussten müsste müssten
		soll sollen sollte sollten will wollen wird werden würde würden`,
	pointing: `der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner dein deine deinen deinem deiner sein seine ihr
		ihre ihren ihrem ihrer ihres unser unsere unseren unserem unserer euer eure kein keine keinen keinem keiner dieser diese dieses diesen
		diesem jeder jede jedes jeden welche welcher welches zum zur vom beim im am ins ans alle viele einige mehr weitere`,
	never: `ok okay hallo hi guten danke bitte entschuldigung ja nein gern gerne leider herr frau sie ihnen ihr ihre ihren ihrem ihrer ihres`,
	stops: stopsGerman, nouns: true,
}.build()

var factsSpanish = factList{
	numbers: `cero dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte
		veintiuno veinticinco treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento cientos mil millón millones docena medio media
		primero primera segundo segunda tercero tercera doble`,
	months:    `enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre navidad`,
	days:      `lunes martes miércoles miercoles jueves viernes sábado sabado domingo sábados domingos`,
	dayParts:  `hoy mañana ayer anteayer anoche mediodía medianoche tarde tardes noche noches diario diariamente semanal mensual anual`,
	nextWords: `próximo próxima próximos próximas pasado pasada este esta cada`,
	spans:     `semana semanas mes meses año años día días lunes martes miércoles jueves viernes sábado domingo`,
	units: `segundo segundos minuto minutos hora horas día días semana semanas mes meses año años euros euro dólares céntimos pesos por ciento kg km m
		veces personas noches laborables hábiles`,
	conditions: `hasta antes después despues solo sólo solamente únicamente excepto salvo si ambos ambas gratis gratuito gratuita mínimo máximo dentro
		siempre`,
	conditionPairs: `a menos,al menos,como máximo,como mínimo,por lo,siempre que,más de,menos de`,
	dayPairs:       `pasado mañana`,
	negations:      `no nunca jamás nada nadie ningún ninguno ninguna sin ni tampoco`,
	modals:         `puede puedo puedes pueden podemos podría podrían podrá podrán debe debo debes deben debería deberían tendrá tiene tienen`,
	pointing:       `el la los las un una este esta ese esa aquel otro otra cada`,
	never:          `ok vale hola gracias sí no lo siento disculpe disculpa perdón buenos buenas señor señora sr sra usted ustedes`,
	stops:          stopsSpanish,
}.build()

var factsFrench = factList{
	numbers: `zéro deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante cent
		cents mille million millions douzaine demi demie premier première second seconde deuxième troisième quatrième double`,
	months:    `janvier février mars avril mai juin juillet août septembre octobre novembre décembre noël pâques`,
	days:      `lundi mardi mercredi jeudi vendredi samedi dimanche lundis mardis samedis dimanches`,
	dayParts:  `aujourd'hui demain hier après-demain avant-hier midi minuit matin matins soir soirs week-end weekend quotidien hebdomadaire mensuel annuel`,
	nextWords: `prochain prochaine dernier dernière ce cette chaque`,
	spans:     `semaine semaines mois an ans année jour jours lundi mardi mercredi jeudi vendredi samedi dimanche`,
	units: `seconde secondes minute minutes heure heures h jour jours semaine semaines mois an ans euros euro centimes pour kg km m fois personnes nuits
		ouvrés ouvrables`,
	conditions: `avant après jusque jusqu'à jusqu'au seulement uniquement sauf si gratuit gratuite gratuits gratuitement minimum maximum dès
		d'ici sinon`,
	conditionPairs: `au moins,au plus,à moins,d'ici le,jusqu'à ce,tous deux,toutes deux,à condition,plus de,moins de`,
	negations:      `non pas jamais rien aucun aucune personne sans ni`,
	onlyAfterNe:    `plus que`,
	modals: `peux peut peuvent pouvez pouvons pourrais pourrait pourrez pourra pourront doit dois doivent devez devons devrait devrez devra faut faudra
		veux voulez`,
	pointing: `le la les un une ce cette cet autre chaque l'autre`,
	never:    `ok bonjour bonsoir merci oui non désolé désolée pardon monsieur madame mademoiselle salut vous`,
	stops:    stopsFrench,
}.build()
