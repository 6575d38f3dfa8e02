package rules

import "strings"

var factsGerman = factList{
	numbers: `null zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn
		zwanzig dreissig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend million millionen dutzend halb halbe halben
		zweimal dreimal doppelt doppelte erste ersten erster erstes eins anderthalb eineinhalb zweieinhalb hälfte viertel drittel ` + germanNumbers(),
	mildNumbers: `einmal zuerst`,
	counts:      `ein eine einen einem einer eines pro je`,
	idioms:      `noch einmal,auf einmal,während ich,während wir,ungültige eingabe,ungültige auswahl,ungültige option,ungültige antwort`,
	months:      `januar jänner februar märz april mai juni juli august september oktober november dezember weihnachten ostern`,
	days:        `montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag montags dienstags mittwochs donnerstags freitags samstags sonntags`,
	dayParts: `heute morgen übermorgen gestern vorgestern wochenende wochenenden werktag werktage werktags mittag mittags mitternacht vormittag
		vormittags nachmittag nachmittags abend abends nachts täglich wöchentlich monatlich jährlich`,
	nextWords: `nächste nächsten nächster nächstes letzte letzten letzter letztes diese diesen dieser dieses kommende kommenden jede jeden`,
	spans:     `woche wochen monat monate monats jahr jahre jahres tag tage stunde montag dienstag mittwoch donnerstag freitag samstag sonntag`,
	units: `sekunde sekunden minute minuten stunde stunden tag tage tagen woche wochen monat monate monaten jahr jahre jahren uhr prozent euro
		cent kg g km m cm mal personen nächte werktage werktagen`,
	conditions: `bis vor nach nur ausser außer sofern wenn falls beide beides kostenlos gratis frei spätestens frühestens mindestens höchstens
		maximal minimal innerhalb binnen solange ansonsten soweit vorausgesetzt wenigstens zumindest ausschließlich ausschliesslich
		lediglich kostenfrei gebührenfrei`,
	mildConditions: `sobald während wann`,
	limits:         `ab seit über unter zwischen etwa circa ca rund ungefähr fast`,
	conditionPairs: `sei denn,ab sofort`,
	negations:      `nein nicht nie niemals nichts niemand nirgends kein keine keinen keiner keinem keines keins weder ohne kaum selten`,
	negated:        `unmöglich ungültig unberechtigt unbefugt unzulässig unverfügbar nichtverfügbar nichtig`,
	negatedEndings: `e er es en em`,
	not:            `nicht`,
	modals: `kann kannst können könnt konnte konnten könnte könnten darf dürfen dürfte dürften muss müssen muß musst musste mussten müsste müssten
		soll sollen sollte sollten will wollen wird werden würde würden`,
	pointing: `der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner dein deine deinen deinem deiner sein seine ihr
		ihre ihren ihrem ihrer ihres unser unsere unseren unserem unserer euer eure kein keine keinen keinem keiner dieser diese dieses diesen
		diesem jeder jede jedes jeden welche welcher welches zum zur vom beim im am ins ans alle viele einige mehr weitere`,
	never: `ok okay hallo hi guten danke bitte entschuldigung ja nein gern gerne leider herr frau sie ihnen ihr ihre ihren ihrem ihrer ihres
		dank verständnis geduld unannehmlichkeiten umstände verzeihung eingabe auswahl option nachricht nachrichten frage fragen anliegen
		anfrage damen herren kunde kunden kundin kundinnen zeit`,
	stop: stopGerman, nouns: true,
}.build()

// germanNumbers are the numbers that are one word in German: 13 to 999, full thousands up to a hundred of them, and the
// ordinals of a month's days.
func germanNumbers() string {
	small := strings.Fields("ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn")
	tens := strings.Fields("zwanzig dreißig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig")
	below := small[1:]
	for _, t := range tens {
		below = append(below, t)
		for _, one := range small[:9] {
			below = append(below, one+"und"+t)
		}
	}
	var out []string
	for _, n := range below {
		out = append(out, n, "hundert"+n, n+"tausend")
		for _, one := range small[:9] {
			out = append(out, one+"hundert"+n)
		}
	}
	for _, one := range small[:9] {
		out = append(out, one+"hundert", one+"tausend", "hundert"+one, "hundertund"+one)
	}
	for _, stem := range strings.Fields("zweit dritt viert fünft sechst siebt siebent acht neunt zehnt elft zwölft dreizehnt vierzehnt fünfzehnt sechzehnt " +
		"siebzehnt achtzehnt neunzehnt zwanzigst dreißigst einunddreißigst einundzwanzigst zweiundzwanzigst dreiundzwanzigst vierundzwanzigst " +
		"fünfundzwanzigst sechsundzwanzigst siebenundzwanzigst achtundzwanzigst neunundzwanzigst") {
		for _, ending := range strings.Fields("e en er es em") {
			out = append(out, stem+ending)
		}
	}
	return strings.Join(out, " ")
}
