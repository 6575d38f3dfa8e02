package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostSlotWords is how many words of a customer go into a reply. What is longer is a story and not the name of a thing.
const mostSlotWords = 6

// namesThing tells whether a piece of the customer's words may be said back to them as the thing they speak of. What we
// echo we seem to agree with, so it must hold no claim, figure or insult: no verb of commitment and nobody who did
// something, no negation, modal verb or condition, no address, no money, no number but that of an order, no second clause.
// Words of all languages count: a session's locale is often only the default.
func namesThing(locale, s string) bool {
	var r factReader
	facts := r.read(locale, s, false)
	t := &r.own
	if len(t.tokens) == 0 || len(t.tokens) > mostSlotWords || len(t.sentences) > 1 || strings.ContainsAny(s, ",;:\n") {
		return false
	}
	for i := range t.tokens {
		if unechoed[string(t.word(i))] || unechoed[string(t.second(i))] {
			return false
		}
	}
	for i := range facts {
		switch f := &facts[i]; f.kind {
		case factMoney, factTime, factURL, factEmail, factCode, factCondition, factNegation, factModal:
			return false
		case factNumber, factDate, factID:
			if text := s[f.start:f.end]; hasDigit(text) && !isOrderNumber(text, s[:f.start]) {
				return false
			}
		}
	}
	return true
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }

// isOrderNumber tells whether a figure is the number of something and not how much of it: of four digits at least, with
// letters before them, or behind a word such as "order".
func isOrderNumber(figure, before string) bool {
	digits := 0
	last := rune(0)
	for _, r := range figure {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !unicode.IsLetter(r) && r != '-' && r != '#' && r != '_' && r != '/':
			return false
		}
		last = r
	}
	first, _ := utf8.DecodeRuneInString(figure)
	if unicode.IsDigit(first) && strings.ContainsRune(figure, '/') || unicode.IsDigit(first) && unicode.IsLetter(last) {
		return false // a date, "500eur"
	}
	if digits >= 4 || !unicode.IsDigit(first) {
		return true
	}
	word := strings.TrimRight(before, " #")
	return numbered[strings.ToLower(word[strings.LastIndexByte(word, ' ')+1:])]
}

// numbered are words that a number behind them names.
var numbered = wordSet(`order number no. nr. no nr ticket case invoice booking parcel bestellung nummer auftrag rechnung paket buchung
	pedido número factura reserva paquete commande numéro facture réservation colis`)

// unechoed are words of which nothing is said back: who promised what to whom, money, and insults.
var unechoed = wordSet(`
	i you we he she they who promise promised promises guarantee guaranteed guarantees agreed said says told assured swore swear owe owed owes
	ich du sie er wir versprochen versprach verspricht versprachen versprechen garantiert garantieren zugesagt gesagt schuldet schulden
	yo usted ustedes prometió prometieron prometido promete prometen garantizó garantizado dijo dijeron debe deben asegurado aseguró
	je tu il elle nous vous ils promis promet promettez garanti garantie dit devez dû
	euro euros eur dollar dollars usd pound pounds gbp pence cent cents percent prozent dólar dólares pesos céntimos centimes
	fuck fucking fucked shit shitty bullshit crap crappy damn damned goddamn bloody bastard bastards bitch idiot idiots idiotic stupid moron
	morons asshole arsehole arse cunt dick piss useless pathetic scam scammers thieves thief liar liars fraud fraudulent
	scheiss scheisse arsch arschloch idioten dumm dumme blöd blöde wichser verdammt verdammte verdammter verdammtes betrüger lügner
	mierda puta puto joder coño gilipollas idiota idiotas estúpido estúpida cabrón cabrones imbécil ladrones estafa estafadores
	merde putain con connard connards conne imbécile imbéciles salaud salauds foutu foutue voleurs arnaque escroc escrocs`)
