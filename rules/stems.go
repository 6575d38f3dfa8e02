package rules

import "encoding/binary"

// stopWords carry no topic: articles, pronouns, auxiliaries, prepositions, question words, greetings, thanks, words
// of politeness, and the small words that differ between a request and its repetition ("still", "again", "please").
// Negations are among them on purpose: "does not connect" and "will not connect" are one complaint.
func stopWords(locale string) traits {
	switch mainLanguage(locale) {
	case "de":
		return stopGerman
	case "es":
		return stopSpanish
	case "fr":
		return stopFrench
	}
	return stopEnglish
}

// mainLanguage returns the primary subtag of a locale in lower case: "de" of "de-AT" or "DE_at".
func mainLanguage(locale string) string {
	for i := 0; i < len(locale); i++ {
		if locale[i] == '-' || locale[i] == '_' {
			locale = locale[:i]
			break
		}
	}
	switch locale {
	case "DE":
		return "de"
	case "ES":
		return "es"
	case "FR":
		return "fr"
	case "EN":
		return "en"
	}
	return locale
}

var (
	stopsEnglish = wordSet(`a an the this that these those there here it its it's he she we you they i i'm i've i'd i'll im ive me my mine
	your yours our us them their his her him who whom which what what's whats where where's wheres when why how and or but if so
	then than as of at by for with about into to from in on off up out over is are was were be been being am do does did done
	doing don't dont doesn't doesnt didn't didnt isn't isnt aren't arent wasn't wasnt won't wont can't cant cannot couldn't couldnt
	wouldn't not no nor never have has had having haven't hasn't will would shall should can could may might must need want like
	wanna gonna get got let lets let's just very really too also still again already yet now ever please pls plz thanks thank thx
	ok okay yes yeah yep hi hello hey dear sir madam sorry well oh um uh any some all more most other there's theres tell say said
	know think mean told you're youre we're they're u ur r`)
	stopsGerman = wordSet(`der die das den dem des ein eine einer eines einem einen kein keine keinen keiner ich mich mir du dich dir er sie es
	wir uns ihr euch ihnen ihm ihn mein meine meinen meiner meinem dein deine ihre ihren ihrer ihrem sein seine unser unsere und oder aber
	wenn dann als wie so zu zum zur von vom mit bei für auf in im am an aus nach über um durch ist sind war waren bin bist sei gewesen
	habe hab hat haben hatte hatten wird werde werden wurde kann können könnte könnten muss müssen soll sollen will wollen möchte
	möchten mag darf nicht nie niemals nichts doch noch immer wieder schon mal bitte danke ja nein hallo guten tag morgen abend hi was
	wer wo wann warum wieso weshalb wohin welche welcher welches dass daß da hier dort auch nur sehr mehr man jetzt gerade eben denn also
	sich diese dieser dieses diesen diesem es's geht gibt`)
	stopsSpanish = wordSet(`el la los las un una unos unas lo al del de a en con por para sin sobre y e o u pero si sí no ni que qué como cómo
	cuando cuándo donde dónde quien quién cual cuál porque yo tú él ella nosotros ellos ellas usted ustedes me te se nos les le mi mis tu
	tus su sus mío este esta estos estas ese esa eso esto es son era eran soy eres está están estoy estaba fue ser estar ha he han había
	haber hay tengo tiene tener quiero quiere quisiera puedo puede pueden podría debo debe muy más menos ya todavía aún otra otro vez
	nuevo siempre nunca también solo sólo gracias hola buenos buenas días tardes noches bien vale ahora aquí allí favor oiga digo dije`)
	stopsFrench = wordSet(`le la les l un une des du de d à au aux en dans sur sous avec sans pour par et ou mais si que qu quoi qui dont où
	quand comment pourquoi quel quelle quels quelles je j tu il elle on nous vous ils elles me m te t se s moi toi lui leur mon ma mes ton
	ta tes son sa ses notre nos votre vos ce c cet cette ces ça cela est sont était étaient suis es être été ai as a avons avez ont avait
	avoir veux veut voudrais voulez peux peut pouvez pourrais dois doit ne n pas plus jamais rien non oui bonjour bonsoir salut merci s'il
	svp stp encore toujours déjà aussi très bien alors donc y j'ai c'est n'est j'aimerais d'accord qu'est-ce qu'il qu'elle n'ai n'a n'y
	j'avais c'était`)
)

// endings are cut off words so that inflections of one word compare equal, longest first. It is a light stemmer in
// the manner of J. Savoy (Light Stemming Approaches, SAC 2006): wrong conflations are rarer than with a full one,
// and only equality counts here.
func endings(lang string) *endingTable {
	switch lang {
	case "de":
		return endingsGerman
	case "es":
		return endingsSpanish
	case "fr":
		return endingsFrench
	}
	return endingsEnglish
}

var (
	endingsGerman  = endingsOf("ungen", "ung", "ern", "end", "est", "en", "er", "em", "es", "et", "st", "e", "n", "s", "t")
	endingsSpanish = endingsOf("aciones", "amiento", "ación", "iendo", "ando", "ado", "ada", "ido", "ida", "ados", "idos", "ar", "er", "ir", "os", "as", "es", "o", "a", "e", "s")
	endingsFrench  = endingsOf("ations", "ation", "ement", "ées", "és", "ée", "ais", "ait", "ant", "ons", "ez", "er", "ir", "es", "é", "e", "s", "x")
	endingsEnglish = endingsOf("ations", "ation", "ings", "ing", "edly", "ies", "ied", "ed", "es", "ly", "'s", "s", "e", "y")
)

// endingTable lists endings by their last byte, which most words share with few of them.
type endingTable [256][]ending

// An ending is at most eight bytes, kept as a number whose highest byte is the last one.
type ending struct {
	bytes, mask uint64
	size        int
}

func endingsOf(ends ...string) *endingTable {
	t := &endingTable{}
	for _, e := range ends {
		last := e[len(e)-1]
		t[last] = append(t[last], ending{tailOf([]byte(e)), ^uint64(0) << (64 - 8*len(e)), len(e)})
	}
	return t
}

// tailOf returns the last eight bytes of w as a number whose highest byte is the last one.
func tailOf(w []byte) uint64 {
	if len(w) >= 8 {
		return binary.LittleEndian.Uint64(w[len(w)-8:])
	}
	return headOf(w) << (64 - 8*len(w))
}

// shortestStem is how many bytes of a word remain at least when an ending is cut.
const shortestStem = 4

// stem returns word without its ending. Words with digits are ids and stay as they are.
func stem(word []byte, ends *endingTable) []byte {
	if len(word) <= shortestStem {
		return word
	}
	tail := tailOf(word)
	for _, e := range ends[tail>>56] {
		if tail&e.mask == e.bytes && len(word)-e.size >= shortestStem {
			word = word[:len(word)-e.size]
			// "stopp|ed": a doubled consonant that the ending brought along.
			if n := len(word); n > shortestStem && word[n-1] == word[n-2] && word[n-1] != 's' && word[n-1] != 'l' {
				word = word[:n-1]
			}
			return word
		}
	}
	return word
}
