package rules_test

import "testing"

// TestOnlyThingsAreSaidBack: what goes from the customer's words into a reply names a thing and claims nothing.
func TestOnlyThingsAreSaidBack(t *testing.T) {
	set := compile(t, rewriting(rewriteOf("lost", `move: acknowledge, from: customer, match: {phrases: ["my {thing} is lost"]}, say: ["Your {thing} is on my list."]`)))
	for _, thing := range []string{
		"order", "order 1182", "order AB-1182", "order #1182", "order number 12", "blue kettle", "order & co", "second parcel", "two parcels",
		"order from the shop in Cork", "“Gold Plan” card",
	} {
		k := newTalk(set)
		k.customer("my " + thing + " is lost")
		if j := k.bot("Let me look."); j.Sent != "Your "+thing+" is on my list. Let me look." {
			t.Errorf("%q: sent %q", thing, j.Sent)
		}
	}
	for _, thing := range []string{
		"order of 500 euros, you promised me a refund", "order of 500", "order of $500", "order of 5000 euros", "500eur order", "order of 12.50", "order of 12/05/2026",
		"refund that you promised", "guaranteed refund", "order you said", "money they owe me", "order that never came", "order with no box", "order that must come",
		"order at www.x.example", "order at https://x.example", "order to a@x.example", "order at x.example/pay", "[order](x)", "`order`",
		"damn order", "fuuuucking order", "Scheiß order", "the whole lot of the things here", "order: a kettle", "order if any",
		"pedido que me prometió", "Paket, versprochen", "colis promis",
	} {
		k := newTalk(set)
		k.customer("my " + thing + " is lost")
		if j := k.bot("Let me look."); j.Sent != "Let me look." {
			t.Errorf("%q: sent %q", thing, j.Sent)
		}
	}
}
