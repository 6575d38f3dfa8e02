package rules_test

import (
	"testing"

	"attune/rules"
)

// Words that lie close together are replaced in one go, so that a second look finds nothing to do.
func TestWordsCloseTogetherAreReplacedAtOnce(t *testing.T) {
	set := compile(t, packOf("fr", "rewrites:\n"+
		rewriteOf("following", `move: plain-words, match: {regex: "(?i)\\b(?:suite à votre demande|en réponse à votre message),\\s*"}, say: [""]`)+
		rewriteOf("dear", `move: plain-words, match: {phrases: ["(cher client) [cher client]"]}, say: [Bonjour]`)))
	for in, want := range map[string]string{
		"Suite à votre demande, cher client, c'est fait.":                     "Bonjour, c'est fait.",
		"**Suite à votre demande,** cher client, c'est fait.":                 "Bonjour, c'est fait.",
		"**Suite à votre demande, cher client,** c'est fait.":                 "**Bonjour,** c'est fait.",
		"*Suite à votre demande, cher client, *cher client, c'est fait.":      "*Bonjour, *Bonjour, c'est fait.",
		"En réponse à votre message, suite à votre demande, c'est fait.":      "C'est fait.",
		"C'est, suite à votre demande, **fait**.":                             "C'est, **fait**.",
		"`x` suite à votre demande, **votre adresse** est modifiée.":          "`x` **votre adresse** est modifiée.",
		"**C'est fait suite à votre demande,** oui.":                          "**C'est fait** oui.",
		"Suite à votre demande, Cher client, c'est fait.":                     "Suite à votre demande, Cher client, c'est fait.", // "Cher" may be a name
		"**Note :** Suite à votre demande, Cher client, c'est fait.":          "**Note :** Suite à votre demande, Cher client, c'est fait.",
		"Suite à votre demande, Marie Colin vous appelle.":                    "Suite à votre demande, Marie Colin vous appelle.",
		"Suite à votre demande, le colis de Marie Colin part.":                "Le colis de Marie Colin part.",
		"C'est suite à votre demande, Marie, que nous vous appelons bientôt.": "C'est Marie, que nous vous appelons bientôt.",
	} {
		k := newTalk(set)
		k.facts.Locale, k.facts.Syntax = "fr", rules.Markdown
		j := k.bot(in)
		if j.Sent != want {
			t.Errorf("%q\nbecame %q\n  want %q, rejected %v", in, j.Sent, want, j.Rejected)
		}
		if again := k.bot(want); again.Sent != want {
			t.Errorf("judged again %q became %q", want, again.Sent)
		}
	}
}

// A rule with steps takes one of them for a reply, however often its words are gone through.
func TestStepsAreForReplies(t *testing.T) {
	set := compile(t, packOf("en", "rewrites:\n"+
		rewriteOf("please-note", `move: plain-words, match: {phrases: ["please note that"]}, say: [""]`)+
		rewriteOf("utilise", `move: plain-words, match: {phrases: ["(utilise)"]}, steps: [{say: [use]}, {say: [take]}]`)))
	k := newTalk(set)
	if got, want := k.bot("Please note that please note that you utilise it.").Sent, "You use it."; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
	if got, want := k.bot("Utilise it.").Sent, "Take it."; got != want {
		t.Errorf("then %q, want %q", got, want)
	}
}
