package rules_test

import "testing"

// TestFactLockHoldsCommonWords: words that change what is true without looking like facts.
func TestFactLockHoldsCommonWords(t *testing.T) {
	for locale, list := range map[string][]held{
		"en": {
			{"You have to sign.", []string{"Please note that you have to sign."}, []string{"You sign.", "You may sign."}},
			{"You need to sign.", nil, []string{"You sign.", "You can sign."}},
			{"You ought to sign.", nil, []string{"You sign."}},
			{"It can be used once.", []string{"You can use it once."}, []string{"It can be used.", "It can be used twice."}},
			{"It comes once you have paid.", nil, []string{"It comes, you have paid."}},
			{"Once again, it is here.", []string{"It is here."}, nil},
			{"It is on the eleventh floor.", nil, []string{"It is on the twelfth floor.", "It is on the floor."}},
			{"Delivery is complimentary.", nil, []string{"Delivery is fast."}},
			{"It takes a week.", []string{"That takes a week."}, []string{"It takes a day.", "It takes two weeks.", "It takes time."}},
			{"It takes an hour.", nil, []string{"It takes a minute."}},
			{"It costs 5 euros per month.", nil, []string{"It costs 5 euros per year."}},
			{"The first parcel is late.", []string{"Late is the first parcel."}, []string{"The second parcel is late.", "The parcel is late."}},
			{"The second parcel is late.", nil, []string{"The first parcel is late.", "The parcel is late."}},
			{"Call when it is here.", []string{"Please call when it is here."}, []string{"Call, it is here."}},
			{"Keep it on while it loads.", nil, []string{"Keep it on, it loads."}},
			{"Please wait while I look.", []string{"I'm looking."}, nil},
			{"It comes as soon as it is paid.", nil, []string{"It comes, it is paid."}},
			{"Keep it in case it fails.", nil, []string{"Keep it, it fails."}},
			{"We hardly use it.", nil, []string{"We use it."}},
			{"You barely need it.", nil, []string{"You need it."}},
			{"That is impossible.", []string{"That is not possible."}, []string{"That is possible."}},
			{"We are unable to send it.", []string{"We can't send it.", "We cannot send it."}, []string{"We are able to send it.", "We can send it."}},
			{"It is unavailable.", []string{"It isn't available."}, []string{"It is available."}},
			{"The code is invalid.", []string{"The code is not valid."}, []string{"The code is valid."}},
			{"You are ineligible.", nil, []string{"You are eligible."}},
			{"It was unauthorised.", nil, []string{"It was authorised."}},
			{"See example.com/pay for it.", []string{"It is at example.com/pay."}, []string{"See example.com/buy for it.", "See example.org/pay for it.", "See example.com for it."}},
			{"See shop.example.com.", []string{"Have a look at shop.example.com"}, []string{"See shop.example.org."}},
			{"It takes 5 - 7 days.", []string{"That is 5 - 7 days."}, []string{"It takes 5, 7 days.", "It takes 5 or 7 days."}},
			{"It takes 5–7 days.", []string{"That is 5–7 days."}, []string{"It takes 5 7 days."}},
			{"Open from 9 to 5.", []string{"We are open from 9 to 5."}, []string{"Open at 9 and 5.", "Open from 9 and 5.", "Open 9, 5."}},
			{"It is for people under 18.", nil, []string{"It is for people over 18.", "It is for people of 18."}},
			{"We wrote to you from the shop.", []string{"The shop wrote you a letter."}, nil},
			{"It is all about that.", []string{"It is that."}, nil},
			{"Type `a` and then `b`.", []string{"Write `a` and next `b`."}, []string{"Type `b` and then `a`.", "Type `a` and then."}},
			{"Do I `need to` say it?", nil, []string{"Do I say it?"}},
			{"It is at `least` 5.", nil, []string{"It is at least 5.", "It is 5."}},
			{"Type `` a`b `` and c.", []string{"Write `` a`b `` with c."}, []string{"Type `` a`d `` and c."}},
		},
		"de": {
			{"Es geht ab Montag.", nil, []string{"Es geht Montag."}},
			{"Es geht ab 5 Euro.", nil, []string{"Es geht für 5 Euro."}},
			{"Holen Sie es ab.", []string{"Bitte abholen."}, nil},
			{"Sie können das einmal ändern.", nil, []string{"Sie können das ändern.", "Sie können das zweimal ändern."}},
			{"Bitte versuchen Sie es noch einmal.", []string{"Bitte versuchen Sie es."}, nil},
			{"Das dauert eine Woche.", nil, []string{"Das dauert einen Tag."}},
			{"Das ist unmöglich.", []string{"Das ist nicht möglich."}, []string{"Das ist möglich."}},
			{"Ein ungültiger Code.", []string{"Der Code ist nicht gültig."}, []string{"Ein gültiger Code."}},
			{"Es geht, sobald bezahlt ist.", nil, []string{"Es geht, bezahlt ist."}},
			{"Das kostet hundertfünfzig Euro.", []string{"Es kostet hundertfünfzig Euro."}, []string{"Das kostet hundertsechzig Euro.", "Das kostet Geld."}},
			{"Es dauert einundzwanzig Tage.", nil, []string{"Es dauert zweiundzwanzig Tage.", "Es dauert."}},
			{"Es sind zweitausend.", nil, []string{"Es sind dreitausend.", "Es sind viele."}},
			{"Am dreiundzwanzigsten kommt es.", nil, []string{"Am vierundzwanzigsten kommt es."}},
			{"Es kostet die Hälfte.", nil, []string{"Es kostet alles."}},
			{"Es kommt, es sei denn, es ist weg.", []string{"Es kommt bald, es sei denn, es ist weg."}, []string{"Es kommt, es ist weg."}},
			{"Das ist ausschließlich für Kunden.", nil, []string{"Das ist für Kunden."}},
			{"Der Versand ist kostenfrei.", nil, []string{"Der Versand ist da."}},
		},
		"es": {
			{"Abrimos desde el lunes.", nil, []string{"Abrimos el lunes."}},
			{"Tarda una semana.", nil, []string{"Tarda un día."}},
			{"Es imposible.", []string{"No es posible."}, []string{"Es posible."}},
			{"El código es inválido.", []string{"El código no es válido."}, []string{"El código es válido."}},
			{"Llame cuando llegue.", nil, []string{"Llame, llega."}},
			{"Llega la semana próxima.", []string{"Va a llegar la semana próxima."}, []string{"Llega la semana pasada.", "Llega."}},
			{"Abre este fin de semana.", nil, []string{"Abre."}},
			{"Llega a más tardar el lunes.", nil, []string{"Llega el lunes."}},
			{"Se puede usar una vez.", nil, []string{"Se puede usar."}},
			{"Escríbalo una vez más.", []string{"Escríbalo."}, nil},
			{"Son veintitrés euros.", nil, []string{"Son veinticuatro euros."}},
		},
		"fr": {
			{"C'est ouvert à partir de lundi.", nil, []string{"C'est ouvert lundi."}},
			{"Cela prend une semaine.", nil, []string{"Cela prend un jour."}},
			{"Il arrive lundi prochain.", []string{"Il va arriver lundi prochain."}, []string{"Il arrive lundi dernier.", "Il arrive lundi."}},
			{"C'est ouvert ce week-end.", nil, []string{"C'est ouvert."}},
			{"Appelez s'il est perdu.", nil, []string{"Appelez, il est perdu."}},
			{"Répétez, s'il vous plaît.", []string{"Répétez."}, nil},
			{"Tout est livré hormis cela.", nil, []string{"Tout est livré avec cela."}},
			{"C'est impossible.", []string{"Ce n'est pas possible."}, []string{"C'est possible."}},
			{"Le code est invalide.", nil, []string{"Le code est valide."}},
		},
		"it": {
			{"Costa 12,50 € per Mia Hill.", []string{"Sono 12,50 € per Mia Hill."}, []string{"Costa 12,60 € per Mia Hill.", "Costa 12,50 € per Mia Hall."}},
			{"Vedi https://x.example/a.", nil, []string{"Vedi https://x.example/b."}},
		},
		"ar": {
			{"السعر ١٢٫٥٠ هنا.", nil, []string{"السعر ١٢٫٥١ هنا."}},
		},
	} {
		t.Run(locale, func(t *testing.T) {
			for _, h := range list {
				h.run(t, locale)
			}
		})
	}
}

// TestFactLockHoldsCode: blocks of code stay byte for byte, however long.
func TestFactLockHoldsCode(t *testing.T) {
	long := "```\n" + lines(40, "please note that it runs") + "```"
	for _, h := range []held{
		{"Use:\n" + long, []string{"Take:\n" + long}, []string{"Use:\n" + long[:len(long)-10] + "\n```"}},
		{"Use:\n\n    run it now\n    and wait", []string{"Take:\n\n    run it now\n    and wait"}, []string{"Use:\n\n    run it\n    and wait", "Use:\n\nrun it now\nand wait"}},
		{"Use:\n~~~\nrun it now\n~~~\nThanks.", []string{"Take:\n~~~\nrun it now\n~~~\nWith thanks."}, []string{"Use:\n~~~\nrun it\n~~~\nThanks."}},
		{"Use:\n```\nrun it now", nil, []string{"Use:\n```\nrun it"}},
	} {
		h.run(t, "en")
	}
}

func lines(n int, line string) string {
	var out []byte
	for range n {
		out = append(append(out, line...), '\n')
	}
	return string(out)
}
