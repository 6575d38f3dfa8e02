package rules_test

import (
	"testing"

	"attune/rules"

	"github.com/google/go-cmp/cmp"
)

// held is an original, texts that may be sent instead, and texts that must be refused.
type held struct {
	original         string
	allowed, refused []string
}

func (h held) run(t *testing.T, locale string) {
	t.Helper()
	t.Run(h.original, func(t *testing.T) {
		if !rules.Keeps(locale, h.original, h.original) {
			t.Error("the original itself is refused")
		}
		for _, sent := range h.allowed {
			if !rules.Keeps(locale, h.original, sent) {
				t.Errorf("refused: %q", sent)
			}
		}
		for _, sent := range h.refused {
			if rules.Keeps(locale, h.original, sent) {
				t.Errorf("allowed: %q", sent)
			}
		}
	})
}

func TestFactLockEnglish(t *testing.T) {
	for _, h := range []held{
		{"It costs 12.50.", []string{"That is 12.50.", "12.50 it is."}, []string{"It costs 12.5.", "It costs 12.51.", "It costs something.", "It costs 12.50 or 13.", "It costs -12.50."}},
		{"It costs $1,250.50 a year.", []string{"They want $1,250.50 a year."}, []string{"It costs 1,250.50 a year.", "It costs £1,250.50 a year.", "It costs $1250.50 a year."}},
		{"You have three tries.", []string{"There are three tries left."}, []string{"You have 3 tries.", "You have two tries.", "You have tries.", "You have three or four tries."}},
		{"It takes twenty five minutes.", []string{"Twenty five minutes it takes."}, []string{"It takes twenty minutes.", "It takes five minutes.", "It takes twenty five hours."}},
		{"Use one card.", []string{"Take one card."}, []string{"Use a card.", "Use two cards."}},
		{"Use that one.", []string{"Take that one.", "Use that."}, nil},
		{"It comes on Monday at 10:30.", []string{"On Monday, at 10:30, it comes."}, []string{"It comes on Tuesday at 10:30.", "It comes on Monday at 10:31.", "It comes at 10:30 on Monday.", "It comes on Monday."}},
		{"It was 3 May 2026.", []string{"That was 3 May 2026."}, []string{"It was 3 June 2026.", "It was 4 May 2026.", "It was 3 May."}},
		{"You may pay on 2026-05-03.", []string{"You may settle it on 2026-05-03."}, []string{"You must pay on 2026-05-03.", "You may pay on 2026-05-30.", "You pay on 2026-05-03."}},
		{"It comes tomorrow.", []string{"Tomorrow it comes."}, []string{"It comes today.", "It comes soon.", "It comes next week."}},
		{"I found this. Friday is the day. It was in May. 5 came.", []string{"I have it. Friday is the day. It was in May. 5 came.", "Look at this. By the way: Friday is the day. It was in May. 5 came."}, []string{"I found this. Saturday is the day. It was in May. 5 came."}},
		{"It comes next week.", []string{"It is due next week."}, []string{"It comes next month.", "It comes in a week."}},
		{"You cannot return it.", []string{"You can't return it.", "Returning it is something you can not do."}, []string{"You can return it.", "You won't return it.", "Return it."}},
		{"It is not free.", []string{"It isn't free."}, []string{"It is free.", "It is not cheap.", "It is not free and not new."}},
		{"No one is here.", nil, []string{"Someone is here."}},
		{"You must sign.", []string{"You must put your name there."}, []string{"You may sign.", "You should sign.", "Please sign."}},
		{"Pay by Friday.", []string{"Please pay by Friday."}, []string{"Pay on Friday.", "Pay until Friday.", "Pay before Friday.", "Pay Friday."}},
		{"Pay until Friday unless you moved.", []string{"You pay until Friday unless you moved."}, []string{"Pay until Friday.", "Pay until Friday if you moved.", "Unless you moved, pay until Friday."}},
		{"It takes up to 5 days.", []string{"Up to 5 days it takes."}, []string{"It takes 5 days.", "It takes at least 5 days.", "It takes up to 6 days."}},
		{"You need at least two of both.", []string{"At least two of both are needed."}, []string{"You need two of both.", "You need at least two.", "You need at most two of both."}},
		{"Only members, except on Sunday.", []string{"It is for only members, except on Sunday."}, []string{"Members, except on Sunday.", "Only members, also on Sunday."}},
		{"By the way, it is ready.", []string{"It is ready."}, []string{"Not ready, by the way."}},
		{"It is ready, by the way.", []string{"It is ready."}, nil},
		{"Ask Mia Hill about it.", []string{"Mia Hill knows about it."}, []string{"Ask Mia about it.", "Ask Hill Mia about it.", "Ask Ms Hill about it.", "Ask Mia Hall about it.", "Ask them about it."}},
		{"Open the Gold Plan app on your iPhone.", []string{"On the Gold Plan app on your iPhone, open it."}, []string{"Open the Silver Plan app on your iPhone.", "Open the Gold Plan app on your phone.", "Open the gold plan app on your iPhone."}},
		{"Order AB-1182 is here.", []string{"Here is order AB-1182."}, []string{"Order AB-1183 is here.", "Order AB 1182 is here.", "Order 1182 is here.", "Order ab-1182 is here."}},
		{"Order #A12/7 is here.", []string{"Here is order #A12/7."}, []string{"Order A12/7 is here.", "Order #A12-7 is here."}},
		{"See https://x.example/a?b=1.", []string{"Have a look at https://x.example/a?b=1"}, []string{"See https://x.example/a?b=2.", "See https://x.example/a.", "See http://x.example/a?b=1.", "See it."}},
		{"Write to help@x.example.", []string{"Our address is help@x.example."}, []string{"Write to help@y.example.", "Write to us."}},
		{"Call +353 1 234 5678.", []string{"You reach us on +353 1 234 5678."}, []string{"Call +353 1 234 5679.", "Call 353 1 234 5678.", "Call +353 1 5678 234."}},
		{"Type `rm -rf x` there.", []string{"There, type `rm -rf x`."}, []string{"Type `rm -rf y` there.", "Type it there."}},
		{"It says \"press start\" on it.", []string{"On it you read \"press start\"."}, []string{"It says \"press stop\" on it.", "It says press start on it.", "It says so."}},
		{"It says ‘press start’ on it.", []string{"You read ‘press start’ there."}, []string{"It says ‘press it’ there."}},
		{"Between 5% and 10 %.", []string{"It is between 5% and 10 %."}, []string{"Between 5 and 10.", "Between 10 % and 5%.", "From 5% and 10 %.", "Between 5% and 11 %."}},
		{"It costs ١٢٫٥٠ here.", []string{"That is ١٢٫٥٠."}, []string{"It costs ١٢٫٥١ here."}},
		{"Hello there.", []string{"Good day.", "Hello, can I help?", "Say 'person' and someone comes."}, []string{"Hello 1.", "Hello Mia, it is Bob.", "It is not here.", "It is here by now.", "It comes tomorrow."}},
		{"Use A.\n- one\n- two", []string{"Do this: use A.\n- one\n- two"}, []string{"Use A.\n- two\n- one"}},
	} {
		h.run(t, "en")
	}
}

func TestFactLockGerman(t *testing.T) {
	for _, h := range []held{
		{"Das kostet 1.250,50 €.", []string{"Es sind 1.250,50 €."}, []string{"Das kostet 1.250,05 €.", "Das kostet 1250,50 €.", "Das kostet 1.250,50 $."}},
		{"Es kommt am 3. Mai um 10:30 Uhr.", []string{"Am 3. Mai um 10:30 Uhr kommt es."}, []string{"Es kommt am 4. Mai um 10:30 Uhr.", "Es kommt am 3. Juni um 10:30 Uhr.", "Es kommt am 3. Mai um 10:30."}},
		{"Es kommt nächste Woche Montag.", []string{"Nächste Woche Montag ist es da."}, []string{"Es kommt nächste Woche Dienstag.", "Es kommt diese Woche Montag."}},
		{"Sie können das nicht umtauschen.", []string{"Das können Sie nicht umtauschen."}, []string{"Sie können das umtauschen.", "Sie müssen das nicht umtauschen."}},
		{"Das ist kein Fehler.", []string{"Es ist kein Fehler."}, []string{"Das ist ein Fehler."}},
		{"Zahlen Sie bis Freitag.", []string{"Bitte bis Freitag zahlen."}, []string{"Zahlen Sie am Freitag.", "Zahlen Sie nach Freitag."}},
		{"Höchstens drei Tage, sofern nichts fehlt.", nil, []string{"Drei Tage, sofern nichts fehlt.", "Höchstens drei Tage, wenn nichts fehlt.", "Höchstens vier Tage, sofern nichts fehlt."}},
		{"Fragen Sie Max Mustermann.", []string{"Max Mustermann weiß es."}, []string{"Fragen Sie Moritz Mustermann.", "Fragen Sie ihn."}},
		{"Das Paket ist da.", []string{"Ihr Paket ist da.", "Es ist da."}, []string{"Das Paket ist nicht da.", "Das Paket ist morgen da."}},
		{"Er sagt „bitte warten“ dazu.", nil, []string{"Er sagt „bitte gehen“ dazu."}},
		{"Der Zins beträgt 0,5 %.", []string{"Es sind 0,5 %."}, []string{"Der Zins beträgt 0,5.", "Der Zins beträgt 0,5 €.", "Der Zins beträgt 0,6 %."}},
		{"Vielen Dank für Ihre Geduld.", []string{"Danke, dass Sie gewartet haben."}, []string{"Danke, dass Sie bis heute gewartet haben."}},
		{"Wir bitten um Verständnis, Herr Kern.", []string{"Wir wissen, dass das ungelegen kommt, Herr Kern."}, []string{"Wir wissen, dass das ungelegen kommt."}},
		{"Sehr geehrte Damen und Herren, das Paket kommt am Montag.", []string{"Guten Tag, das Paket kommt am Montag."}, []string{"Guten Tag, das Paket kommt."}},
	} {
		h.run(t, "de")
	}
}

func TestFactLockSpanish(t *testing.T) {
	for _, h := range []held{
		{"Cuesta 1.250,50 €.", []string{"Son 1.250,50 €."}, []string{"Cuesta 1.250,05 €.", "Cuesta 1.250,50."}},
		{"Llega el martes 3 de mayo.", []string{"El martes 3 de mayo llega."}, []string{"Llega el lunes 3 de mayo.", "Llega el martes 3 de junio.", "Llega el 3 de mayo."}},
		{"No puede devolverlo.", []string{"Devolverlo no puede."}, []string{"Puede devolverlo.", "No debe devolverlo."}},
		{"Llega mañana, salvo el domingo.", nil, []string{"Llega hoy, salvo el domingo.", "Llega mañana, también el domingo."}},
		{"Al menos dos días.", []string{"Son al menos dos días."}, []string{"Dos días.", "Al menos tres días.", "Como máximo dos días."}},
		{"Sin coste hasta el viernes.", nil, []string{"Con coste hasta el viernes.", "Sin coste el viernes."}},
	} {
		h.run(t, "es")
	}
}

func TestFactLockFrench(t *testing.T) {
	for _, h := range []held{
		{"Cela coûte 1 250,50 €.", []string{"C'est 1 250,50 €."}, []string{"Cela coûte 1 250,05 €.", "Cela coûte 250,50 €."}},
		{"Il arrive mardi 3 mai à 10h30.", []string{"Mardi 3 mai à 10h30 il arrive."}, []string{"Il arrive lundi 3 mai à 10h30.", "Il arrive mardi 3 mai à 11h30.", "Il arrive mardi 3 juin à 10h30."}},
		{"Vous ne pouvez pas le rendre.", nil, []string{"Vous pouvez le rendre.", "Vous ne devez pas le rendre."}},
		{"Il n'y en a plus.", nil, []string{"Il y en a.", "Il y en a plus."}},
		{"Il y a plus de place ici.", []string{"Ici il y a plus de place."}, nil},
		{"Payez avant vendredi, sauf avis contraire.", nil, []string{"Payez vendredi, sauf avis contraire.", "Payez avant vendredi."}},
		{"Au moins deux jours.", []string{"C'est au moins deux jours."}, []string{"Deux jours.", "Au plus deux jours."}},
		{"Il dit « attendez » ici.", nil, []string{"Il dit « partez » ici."}},
	} {
		h.run(t, "fr")
	}
}

func TestFactsAreNamed(t *testing.T) {
	tests := []struct {
		locale, text string
		want         []string
	}{
		{"en", "Pay $5 by Monday, not later.", []string{"money $5", "condition by", "day Monday", "negation not"}},
		{"en", "You can't, and by the way I may.", []string{"modal verb can't", "negation can't", "modal verb may"}},
		{"en", "See a@x.example or https://x.example", []string{"e-mail address a@x.example", "URL https://x.example"}},
		{"de", "Frei bis 8 Uhr.", []string{"condition Frei", "condition bis", "number 8", "time Uhr"}},
		{"en", "", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, rules.FactsOf(tt.locale, tt.text, false)); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", tt.locale, tt.text, diff)
		}
	}
}
