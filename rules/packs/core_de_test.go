package packs_test

import (
	"regexp"
	"strings"
	"testing"

	"attune/rules"
	"attune/rules/packs"
)

// said is one turn of a German conversation and what must come of it.
type said struct {
	customer, bot string
	sent          string         // what goes out for the bot's reply; "" when it goes out as it is
	decision      rules.Decision // what the turn leads to
	reason        string
	says          string // what Attune itself says
}

// hear plays a conversation through the shipped packs in German, as if one colleague were free.
func hear(t *testing.T, session string, turns []said) {
	t.Helper()
	set := compile(t)
	var st rules.State
	var j rules.Judgement
	facts := &rules.Facts{Session: session, Locale: "de", AgentsAvailable: 1}
	for i, s := range turns {
		turn := &rules.Turn{Role: rules.Customer, Text: s.customer}
		if s.bot != "" {
			turn = &rules.Turn{Role: rules.Bot, Text: s.bot}
		}
		set.Judge(&st, turn, facts, &j)
		want := s.sent
		if want == "" {
			want = s.bot
		}
		if j.Sent != want {
			t.Errorf("turn %d: sent\n\t%q, want\n\t%q (rules %v, rejected %v)", i, j.Sent, want, j.Rules, j.Rejected)
		}
		if s.bot != "" {
			var fresh rules.State
			var again rules.Judgement
			set.Judge(&fresh, &rules.Turn{Role: rules.Bot, Text: j.Sent}, facts, &again)
			if again.Sent != j.Sent {
				t.Errorf("turn %d: %q became %q when it was judged again", i, j.Sent, again.Sent)
			}
		}
		if j.Decision != s.decision || j.Reason != s.reason {
			t.Errorf("turn %d: %v for %q, want %v for %q (score %.1f)", i, j.Decision, j.Reason, s.decision, s.reason, j.Score)
		}
		if got := strings.Join(j.Say, " "); got != s.says {
			t.Errorf("turn %d: Attune says\n\t%q, want\n\t%q", i, got, s.says)
		}
	}
}

func TestGermanLostParcel(t *testing.T) {
	hear(t, "de-1", []said{
		{customer: "Guten Tag, wo ist mein Paket?"},
		{
			bot:  "Es tut mir leid, das habe ich leider nicht verstanden. Bitte formulieren Sie Ihre Frage anders.",
			sent: "Das habe ich noch nicht richtig verstanden. Was möchten Sie erreichen? Es genügen wenige Worte.",
		},
		{customer: "Ich suche die Sendung 00340434161094."},
		{
			bot:  "Super! 🎉 Ihr Paket gilt seit dem 19. November in Straßkirchen als verloren.",
			sent: "Ihr Paket gilt seit dem 19. November in Straßkirchen als verloren.",
		},
		{customer: "Verloren? Das war ein Geschenk für Samstag. Wie geht es jetzt weiter?"},
		{
			bot:  "Wir entschuldigen uns für etwaige Unannehmlichkeiten. Wir weisen ausdrücklich darauf hin, dass die Prüfung 5 Werktage dauert.",
			sent: "Das kostet Sie Zeit, das ist uns klar. Wichtig ist, dass die Prüfung 5 Werktage dauert.",
		},
		{customer: "Nein, das ist zu spät. Können Sie ein neues schicken?"},
		{
			bot:      "Leider kann ich Ihnen bei einer Ersatzlieferung nicht helfen.",
			sent:     "Ich kann Ihnen bei einer Ersatzlieferung nicht selbst helfen, jemand aus unserem Team aber schon. Soll ich Sie verbinden?",
			decision: rules.Offer, reason: "refusal-with",
		},
		{customer: "Ja, gerne", decision: rules.Escalate, reason: "refusal-with", says: "Ich hole jemanden aus unserem Team dazu. Das dauert einen Moment. Mit „bleiben“ geht es hier mit mir weiter."},
	})
}

func TestGermanDoubleCharge(t *testing.T) {
	hear(t, "de-2", []said{
		{customer: "Sie haben mir im November zweimal 1.250,50 € abgebucht."},
		{
			bot:  "Ihre Anfrage wird derzeit bearbeitet. Wir bitten um Ihr Verständnis.",
			sent: "Es geht also um eine doppelte Abbuchung. Wir sind dran: Ihre Anfrage wird gerade bearbeitet. Uns ist klar, dass das ungelegen kommt.",
		},
		{customer: "Und wann bekomme ich die 1.250,50 € zurück?"},
		{
			bot:  "Wie bereits erwähnt, müssen Sie Ihre Rechnungsnummer eingeben.",
			sent: "Für den nächsten Schritt müssen wir noch Ihre Rechnungsnummer haben.",
		},
		{customer: "RE-2026-0417"},
		{
			bot:  "Sie haben eine ungültige Rechnungsnummer eingegeben.",
			sent: "Das System meldet eine ungültige Rechnungsnummer.",
		},
		{customer: "Das ist die Nummer auf der Rechnung. Sie haben 1.250,50 € zu viel abgebucht.", decision: rules.Offer, reason: "failure-report"},
		{
			bot:  "Vielen Dank! 😊 Kennen Sie schon unseren Premium-Tarif?",
			sent: "Vielen Dank. Für unseren Premium-Tarif ist später Zeit, zuerst kommt Ihr Anliegen. Ich kann jemanden aus unserem Team dazuholen. Soll ich?",
		},
		{customer: "Ich will keinen Tarif, ich will mein Geld zurück."},
		{
			bot:      "Ihr Antrag auf Erstattung von 1.250,50 € wurde gemäß unseren Richtlinien abgelehnt.",
			sent:     "Ihr Antrag auf Erstattung von 1.250,50 € wurde abgelehnt, und zwar laut unseren Regeln. Jemand aus unserem Team geht das gern mit Ihnen durch. Soll ich Sie verbinden?",
			decision: rules.Offer, reason: "complaint-first-failure",
		},
		{customer: "Dann gehe ich zur Verbraucherzentrale.", decision: rules.Route, reason: "legal-trigger", says: "Das gehört in menschliche Hände. Ich gebe es jetzt weiter; das dauert einen Moment."},
	})
}

func TestGermanLockedAccount(t *testing.T) {
	hear(t, "de-3", []said{
		{customer: "Mein Konto ist gesperrt. Es heißt, zu viele Versuche."},
		{
			bot:  "Großartig! 😊 Bitte geben Sie den Code ein, den wir an Ihr Handy geschickt haben!",
			sent: "Der Zugang zu Ihrem Konto kommt also zuerst. Bitte geben Sie den Code ein, den wir an Ihr Handy geschickt haben.",
		},
		{customer: "Das Handy habe ich nicht mehr."},
		{
			bot:      "Es tut mir leid, das habe ich nicht verstanden. Bitte geben Sie den Code ein, den wir an Ihr Handy geschickt haben.",
			sent:     "Das habe ich nicht verstanden. Bitte geben Sie den Code ein, den wir an Ihr Handy geschickt haben. Ich kann jemanden aus unserem Team dazuholen. Soll ich?",
			decision: rules.Offer, reason: "complaint-first-failure",
		},
		{customer: "Ich sagte doch, das Handy habe ich nicht mehr.", decision: rules.Offer, reason: "correction"},
		{
			bot:  "Hiermit bestätigen wir, dass ein neuer Code für Frau Müller-Weiß am 30.11.2026 um 10:30 Uhr verschickt wird.",
			sent: "Wir bestätigen, dass ein neuer Code für Frau Müller-Weiß am 30.11.2026 um 10:30 Uhr verschickt wird. Lieber mit jemandem aus unserem Team sprechen? Ein kurzes Ja genügt.",
		},
		{customer: "Ich möchte bitte mit einem Menschen sprechen.", decision: rules.Escalate, reason: "asks-for-person", says: "Ich hole jemanden aus unserem Team dazu. Das dauert einen Moment. Mit „bleiben“ geht es hier mit mir weiter."},
	})
}

// germanPacks are the shipped packs written in German.
func germanPacks(t *testing.T) []rules.File {
	t.Helper()
	files, err := packs.Files()
	if err != nil {
		t.Fatal(err)
	}
	var out []rules.File
	for _, f := range files {
		if strings.HasSuffix(f.Name, "-de.yaml") {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		t.Fatal("no German pack is shipped")
	}
	return out
}

// What a German service desk does not write: the informal address, officialese, cheer, umlauts spelt out, typewriter
// quotation marks.
var ungerman = regexp.MustCompile(`(?i)\b(?:du|dich|dir|dein|deine[rmns]?|euch|euer)\b` +
	`|unannehmlichkeit|verständnis|geduld|hiermit|bezüglich|diesbezüglich|aufgrund der tatsache|umgehend|schnellstmöglich|zeitnah` +
	`|\b(?:fuer|ueber|koennen|moechten?|muessen|waere|naechste[rnms]?|weiss|groesse)\b|[!"]`)

func TestGermanIsFormalAndPlain(t *testing.T) {
	checked := 0
	for _, f := range germanPacks(t) {
		for _, text := range authored(t, f) {
			checked++
			if bad := ungerman.FindString(text); bad != "" {
				t.Errorf("%s says %q, which has %q", f.Name, text, bad)
			}
			if strings.Count(text, "„") != strings.Count(text, "“") {
				t.Errorf("%s says %q, whose quotation marks do not pair", f.Name, text)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d German texts were found, so this test looks in the wrong place", checked)
	}
}

func TestGermanRulesShowBothSides(t *testing.T) {
	signals, rewrites := 0, 0
	for _, f := range germanPacks(t) {
		d := read(t, f)
		for _, s := range d.Signals {
			if signals++; len(s.Examples.Fires) == 0 || len(s.Examples.Silent) == 0 {
				t.Errorf("signal %s lacks an example that fires or one that stays silent", s.ID)
			}
		}
		for _, r := range d.Rewrites {
			rewrites++
			changed, unchanged := 0, 0
			for _, e := range r.Examples {
				if e["unchanged"] == true {
					unchanged++
				} else {
					changed++
				}
			}
			if changed == 0 || unchanged == 0 {
				t.Errorf("rewrite %s lacks an example that is changed or one that is left alone", r.ID)
			}
		}
	}
	if signals < 30 || rewrites < 35 {
		t.Errorf("%d signals and %d rewrites, want at least 30 and 35", signals, rewrites)
	}
}

// Whatever goes out in other words keeps every figure and every name with its umlauts.
func TestGermanFiguresStand(t *testing.T) {
	set := compile(t)
	for _, text := range []string{
		"Leider kann ich Ihnen bei der Gebühr von 1.250,50 € nicht helfen.",
		"Hiermit teilen wir Ihnen mit, dass die Größe XL am 31.12.2026 in die Königstraße 12a geliefert wird.",
		"Ihr Antrag vom 3. November über 49,90 € wurde leider abgelehnt.",
		"Sie haben eine ungültige Kundennummer (4711-22) eingegeben.",
		"Aufgrund der Tatsache, dass Frau Müller-Weiß bis Freitag, 10:30 Uhr keine Nachricht erhielt, gilt der Preis von 5,- €.",
		"Leider können wir den Betrag von 0,5 % nicht erstatten.",
		"Bezüglich der IBAN DE02 1203 0000 0000 2020 51 benötigen wir höchstens 2 Tage.",
	} {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Bot, Text: text}, &rules.Facts{Session: "de-4", Locale: "de", AgentsAvailable: 1}, &j)
		if j.Sent == text {
			t.Errorf("%q goes out as it is", text)
		}
		rest := j.Sent
		for _, figure := range figures.FindAllString(text, -1) {
			at := strings.Index(rest, figure)
			if at < 0 {
				t.Errorf("%q became %q, without %q in its place", text, j.Sent, figure)
				break
			}
			rest = rest[at+len(figure):]
		}
	}
}

// figures finds what must stand as it stood: numbers with what touches them, and words with a German letter and a capital.
var figures = regexp.MustCompile(`[0-9][0-9.,:/-]*(?: ?[€%a])?|\b[A-Z]{2}[0-9]+|Königstraße|Größe|Müller-Weiß`)

// A customer who writes in German is spoken to in German by Attune itself.
func TestGermanOwnWords(t *testing.T) {
	set := compile(t)
	for id, slots := range map[string]map[string]string{
		"handoff.requested": {"wait": "einen Moment"}, "handoff.closed": nil, "handoff.accepted": {"agent": "Jörg Weiß"}, "handoff.returned": nil,
		"handoff.left": nil, "handoff.expired": nil, "handoff.failed": nil, "handoff.stayed": nil, "handoff.routed": {"wait": "etwa eine Minute"}, "offer": nil,
		"offer.beside": nil, "offer.beside.closed": nil, "offer.closed": nil, "offer.busy": nil, "ask.declined": nil, "crisis.person": nil, "wait.moment": nil, "wait.minute": nil,
		"wait.minutes": {"minutes": "6"},
	} {
		in := func(locale string) string {
			return set.Message(id, &rules.Facts{Locale: locale, Session: "s1"}, nil, slots)
		}
		german, english := in("de"), in("en")
		if german == "" || german == english {
			t.Errorf("%s: German has %q, English %q", id, german, english)
		}
		if austrian := in("de-AT"); austrian != german {
			t.Errorf("%s: de-AT has %q, de %q", id, austrian, german)
		}
		for _, v := range slots {
			if !strings.Contains(german, v) {
				t.Errorf("%s: %q lacks %q", id, german, v)
			}
		}
	}
}

// While they wait for a person, customers go on with the bot in their own words.
func TestGermanStay(t *testing.T) {
	set := compile(t)
	for text, stays := range map[string]bool{
		"bleiben": true, "Ich bleibe lieber hier": true, "Dann machen wir hier weiter": true, "Bleiben Sie mir vom Leib": false, "Ja": false,
	} {
		var st rules.State
		var j rules.Judgement
		facts := &rules.Facts{Session: "de-5", Locale: "de", AgentsAvailable: 1}
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "Mitarbeiter bitte"}, facts, &j)
		facts.Floor = "attune"
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: text}, facts, &j)
		if j.Stay != stays {
			t.Errorf("%q: stays with the bot: %v, want %v", text, j.Stay, stays)
		}
	}
}

// The locale of a session is often only the default. Whoever speaks German in a crisis is answered in German, with German
// numbers.
func TestGermanCrisisInAnySession(t *testing.T) {
	set := compile(t)
	for _, locale := range []string{"", "en", "de", "de-AT"} {
		var st rules.State
		var j rules.Judgement
		set.Judge(&st, &rules.Turn{Role: rules.Customer, Text: "Ich will nicht mehr leben"},
			&rules.Facts{Session: "de-6", Locale: locale, AgentsAvailable: 1}, &j)
		if j.Decision != rules.Crisis || !strings.Contains(strings.Join(j.Say, " "), "TelefonSeelsorge, 0800 111 0 111") {
			t.Errorf("in locale %q: %v, %q", locale, j.Decision, j.Say)
		}
	}
}
