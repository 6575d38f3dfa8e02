package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// matcherOf compiles patterns without lists; the id of a hit is the place of its pattern.
func matcherOf(t testing.TB, whole bool, patterns ...string) *matcher {
	t.Helper()
	var b matcherBuilder
	for i, src := range patterns {
		p, err := parsePhrase(src)
		if err == nil {
			err = b.add(p, i, whole)
		}
		if err != nil {
			t.Fatalf("%q: %v", src, err)
		}
	}
	return b.build()
}

// matched returns the text of each hit, followed by what its captures took.
func matched(m *matcher, raw string) []string {
	var t Text
	t.Reset(raw)
	found := []string{}
	m.scan(&t, func(h *hit) {
		s := raw[h.start:h.end]
		for _, c := range h.captures {
			s += "; " + c.name + "=" + raw[c.start:c.end]
		}
		found = append(found, s)
	})
	return found
}

func TestTypedSlots(t *testing.T) {
	tests := []struct {
		pattern, raw string
		want         string // "" for no match
	}{
		{"waited {number} days", "I waited 3 days", "waited 3 days"},
		{"waited {number} days", "I waited twenty five days", "waited twenty five days"},
		{"waited {number} days", "I waited twenty-five days", "waited twenty-five days"},
		{"waited {number} days", "I waited 2 hundred days", "waited 2 hundred days"},
		{"waited {number} days", "I waited two hundred and fifty days", "waited two hundred and fifty days"},
		{"waited {number} days", "I waited many long days", ""},
		{"waited {number} days", "I waited days", ""},
		{"waited {number} days", "I waited a days", ""},
		{"between {a:number} and {b:number} days", "between two and three days", "between two and three days; a=two; b=three"},
		{"paid {x:number}", "I paid 12.50 for it", "paid 12.50; x=12.50"},
		{"paid {x:number}", "I paid 1.250,50", "paid 1.250,50; x=1.250,50"},
		{"paid {x:number}", "I paid AB123", ""},
		{"hace {number} días", "hace treinta y cinco días", "hace treinta y cinco días"},
		{"seit {number} tagen", "seit einundzwanzig Tagen", "seit einundzwanzig Tagen"},
		{"depuis {number} jours", "depuis vingt et un jours", "depuis vingt et un jours"},
		{"depuis {number} jours", "depuis vingt deux jours", "depuis vingt deux jours"},
		{"the {ordinal} time", "for the 3rd time", "the 3rd time"},
		{"the {ordinal} time", "the third time now", "the third time"},
		{"the {ordinal} time", "the 3 time", ""},
		{"the {ordinal} time", "the wrong time", ""},
		{"am {x:ordinal} mai", "am 2. Mai", "am 2. Mai; x=2."},
		{"zum {ordinal} mal", "schon zum dritten Mal", "zum dritten Mal"},
		{"la {x:ordinal} vez", "es la tercera vez", "la tercera vez; x=tercera"},
		{"la {x:ordinal} vez", "es la 3ª vez", "la 3ª vez; x=3ª"},
		{"la {x:ordinal} fois", "c'est la deuxième fois", "la deuxième fois; x=deuxième"},
		{"la {x:ordinal} fois", "la 2e fois", "la 2e fois; x=2e"},
		{"waited {x:duration}", "I waited 2 days now", "waited 2 days; x=2 days"},
		{"waited {x:duration}", "waited an hour", "waited an hour; x=an hour"},
		{"waited {x:duration}", "waited half an hour", "waited half an hour; x=half an hour"},
		{"waited {x:duration}", "waited two and a half hours.", "waited two and a half hours; x=two and a half hours"},
		{"waited {x:duration}", "waited an hour and a half", "waited an hour and a half; x=an hour and a half"},
		{"waited {x:duration}", "waited 3 hours and 20 minutes", "waited 3 hours and 20 minutes; x=3 hours and 20 minutes"},
		{"waited {x:duration}", "waited 30min already", "waited 30min; x=30min"},
		{"waited {x:duration}", "waited a couple of days", "waited a couple of days; x=a couple of days"},
		{"waited {x:duration}", "waited 5 business days", "waited 5 business days; x=5 business days"},
		{"waited {x:duration}", "waited for days", ""},
		{"waited {x:duration}", "waited 2 parcels", ""},
		{"{duration} ago", "I wrote two weeks ago", "two weeks ago"},
		{"seit {duration}", "ich warte seit zwei Tagen", "seit zwei Tagen"},
		{"seit {duration}", "seit einer halben Stunde", "seit einer halben Stunde"},
		{"hace {duration}", "hace tres días", "hace tres días"},
		{"hace {duration}", "hace media hora", "hace media hora"},
		{"depuis {duration}", "depuis deux heures", "depuis deux heures"},
		{"depuis {duration}", "depuis une demi-heure", "depuis une demi-heure"},
		{"depuis {duration}", "depuis un an", "depuis un an"},
		{"depuis {duration}", "depuis deux heures et demie", "depuis deux heures et demie"},
	}
	for _, tt := range tests {
		t.Run(tt.pattern+"/"+tt.raw, func(t *testing.T) {
			want := []string{}
			if tt.want != "" {
				want = append(want, tt.want)
			}
			if diff := cmp.Diff(want, matched(matcherOf(t, false, tt.pattern), tt.raw)); diff != "" {
				t.Errorf("hits (-want +got):\n%s", diff)
			}
		})
	}
}

// A typed gap is nothing that must be said again.
func TestTypedGapsAreNoCaptures(t *testing.T) {
	p, err := parsePhrase("waited {number} days for {what}, the {ordinal} time in {duration}")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"what"}, p.captures()); diff != "" {
		t.Errorf("captures (-want +got):\n%s", diff)
	}
}

func TestTypedGapAloneHasNoWord(t *testing.T) {
	p, err := parsePhrase("{number}")
	if err != nil {
		t.Fatal(err)
	}
	var b matcherBuilder
	if err := b.add(p, 0, false); err == nil {
		t.Error("a pattern of a typed gap alone was taken, want an error: it would be tried at every word")
	}
}
