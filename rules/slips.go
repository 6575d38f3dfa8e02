package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of slips of the pen.
const (
	slipLetters = 7  // letters of a word, as meant and as written; shorter ones are too near to one another
	slipLongest = 32 // letters
	// slipAnyLetter is the number of letters from which any letter may stand for another. In shorter words it has to be a
	// neighbour on the keyboard or the same letter with or without an accent: "changes" is not "charges".
	slipAnyLetter = 9
	slipMessages  = 200 // words of one message that are looked at; customers do not write more wrong
)

// slips finds the words of patterns by one-letter slips: a letter missing, doubled, replaced, or swapped with its
// neighbour. The first and the last letter must be right: people seldom get the first one wrong, and the last ones
// tell one form of a word from another ("customers", "managed").
//
// Each long word is kept under the hash of itself and of itself without one letter, as the word of a message is looked up
// under its own: two words that differ by a slip share one of them. So the cost grows with the length of a word and not
// with how many are known.
type slips struct {
	slots []slipSlot // length is a power of two, at most half full; one hash may stand several times
	words []string   // of the lexicon
	known wordBits   // the words of the patterns, which are meant as they are written
	// aside are the words of patterns that take no slips: one of them is itself, and may be a slip of another as well.
	aside wordBits
}

type slipSlot struct {
	hash   uint32
	number uint32 // 0 = empty
}

// newSlips indexes the words of some patterns that may be meant by a slip; nil when none is long enough.
func newSlips(l *lexicon, patterns []sought) *slips {
	x := &slips{words: l.words, known: newWordBits(l), aside: newWordBits(l)}
	var all []slipSlot
	var s slipWord
	for _, p := range patterns {
		p.words(func(n uint32) {
			if p.written {
				x.aside.add(n)
				return
			}
			if x.known.has(n) {
				return
			}
			x.known.add(n)
			w := l.words[n-1]
			if !s.read([]byte(w)) || isNegation(w) {
				return
			}
			all = append(all, slipSlot{s.without(-1), n})
			for k := 1; k+1 < s.n; k++ {
				if s.letters[k] != s.letters[k-1] { // of a double letter either gives the same
					all = append(all, slipSlot{s.without(k), n})
				}
			}
		})
	}
	if len(all) == 0 {
		return nil
	}
	size := 64
	for size < 2*len(all) {
		size *= 2
	}
	x.slots = make([]slipSlot, size)
	mask := uint32(size - 1)
	for _, e := range all {
		i := e.hash & mask
		for x.slots[i].number != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = e
	}
	return x
}

// mend returns the numbers of the words of t, those that were meant in the place of those with a slip.
func (x *slips) mend(t *Text) []wordID {
	w := &t.work
	w.slipped = w.slipped[:0]
	ids, unknown := t.ids, 0
	for i := range t.tokens {
		k := &t.tokens[i]
		if !k.mayBeSlip() || x.known.has(ids[i].first) {
			continue
		}
		if unknown++; unknown > slipMessages {
			break
		}
		if traitsOf(ids[i].first) != 0 { // a word of its own
			continue
		}
		meant := x.find(t.norm[k.from:k.to])
		if meant == 0 {
			continue
		}
		if len(w.slipped) == 0 {
			w.mended = append(w.mended[:0], t.ids...)
			ids = w.mended
		}
		if x.aside.has(ids[i].first) {
			ids[i].second = ids[i].first
		}
		ids[i].first = meant
		w.slipped = append(w.slipped, int32(i))
		t.present.add(meant)
		t.mended = true
	}
	return ids
}

// find returns the number of the one word that w is a slip of; 0 when there is none or when it might be several.
func (x *slips) find(w []byte) uint32 {
	var s slipWord
	if !s.read(w) {
		return 0
	}
	found := x.under(&s, s.without(-1), 0)
	for k := 1; k+1 < s.n && found != ambiguous; k++ {
		if s.letters[k] != s.letters[k-1] {
			found = x.under(&s, s.without(k), found)
		}
	}
	if found == ambiguous {
		return 0
	}
	return found
}

const ambiguous = ^uint32(0)

// under adds to found what stands under a hash.
func (x *slips) under(s *slipWord, hash, found uint32) uint32 {
	mask := uint32(len(x.slots) - 1)
	for i := hash & mask; x.slots[i].number != 0; i = (i + 1) & mask {
		at := &x.slots[i]
		if at.hash != hash || at.number == found || !s.slipOf(x.words[at.number-1]) {
			continue
		}
		if found != 0 {
			return ambiguous
		}
		found = at.number
	}
	return found
}

// mayBeSlip tells from what is known of a token whether looking for the word that was meant is worth while.
func (k *token) mayBeSlip() bool {
	return k.to-k.from >= slipLetters && k.alt == k.to && k.kind&(kindLetter|kindDigit|kindAddress) == kindLetter
}

// slippedIn tells whether one of the tokens [first, last) was read as another word than was written.
func (w *matchWork) slippedIn(first, last int) bool {
	return slices.ContainsFunc(w.slipped, func(i int32) bool { return int(i) >= first && int(i) < last })
}

// A slipWord is a word cut into letters, with the hashes of its beginnings and ends, so that the hash without any one
// letter is there at once.
type slipWord struct {
	n       int
	letters [slipLongest]rune
	head    [slipLongest + 1]uint64
	tail    [slipLongest + 1]uint64
}

// slipPower are the weights of the letters in these hashes, from the last one.
var slipPower = func() (p [slipLongest + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * slipBase
	}
	return p
}()

const slipBase = 0x100000001b3

// read takes a word, and reports whether it is one that slips are looked for in: long, and of letters only.
func (s *slipWord) read(w []byte) bool {
	if len(w) < slipLetters || len(w) > utf8.UTFMax*slipLongest {
		return false
	}
	s.n = 0
	for i := 0; i < len(w); {
		r, size := rune(w[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(w[i:])
		}
		if s.n == slipLongest || r < 'a' || r > 'z' && (r < utf8.RuneSelf || !unicode.IsLetter(r)) {
			return false
		}
		s.letters[s.n] = r
		s.n++
		i += size
	}
	if s.n < slipLetters {
		return false
	}
	for i, r := range s.letters[:s.n] {
		s.head[i+1] = s.head[i]*slipBase + uint64(r)
	}
	s.tail[s.n] = 0
	for i := s.n - 1; i >= 0; i-- {
		s.tail[i] = s.tail[i+1] + uint64(s.letters[i])*slipPower[s.n-1-i]
	}
	return true
}

// without returns the hash of the word without letter k, -1 for the whole word.
func (s *slipWord) without(k int) uint32 {
	h := s.head[s.n]
	if k >= 0 {
		h = s.head[k]*slipPower[s.n-1-k] + s.tail[k+1]
	}
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return uint32(h >> 32)
}

// slipOf tells whether the word is a slip of a given one.
func (s *slipWord) slipOf(meant string) bool {
	var buf [slipLongest]rune
	n := 0
	for _, r := range meant {
		buf[n] = r
		n++
	}
	said, want := s.letters[:s.n], buf[:n]
	if said[0] != want[0] || said[len(said)-1] != want[n-1] {
		return false
	}
	k := 0
	for k < len(said) && k < n && said[k] == want[k] {
		k++
	}
	switch len(said) - n {
	case 0:
		if k == n {
			return false
		}
		if slices.Equal(said[k+1:], want[k+1:]) {
			return n >= slipAnyLetter || sameOrNextKey(said[k], want[k])
		}
		return said[k] == want[k+1] && said[k+1] == want[k] && slices.Equal(said[k+2:], want[k+2:])
	case -1:
		return slices.Equal(said[k:], want[k+1:])
	case 1:
		return k < len(said) && said[k] == said[k-1] && slices.Equal(said[k+1:], want[k:])
	}
	return false
}

// sameOrNextKey tells whether one letter comes of another by hitting the key beside it or by leaving an accent out.
func sameOrNextKey(a, b rune) bool {
	if a >= utf8.RuneSelf || b >= utf8.RuneSelf {
		return bareLetter(a) == bareLetter(b)
	}
	const rows = "qwertyuiop" + "asdfghjkl " + "zxcvbnm   "
	i, j := strings.IndexRune(rows, a), strings.IndexRune(rows, b)
	if i > j {
		i, j = j, i
	}
	switch down, right := j/10-i/10, j%10-i%10; down {
	case 0:
		return right == 1
	case 1:
		return right == 0 || right == -1
	}
	return false
}

// bareLetter takes the accent off a Latin letter.
func bareLetter(r rune) rune {
	if d := norm.NFD.PropertiesString(string(r)).Decomposition(); len(d) > 1 {
		return rune(d[0])
	}
	return r
}

// isNegation tells whether a word denies: nothing is read as one that was not written.
func isNegation(w string) bool {
	for _, f := range [...]*factWords{factsEnglish, factsGerman, factsSpanish, factsFrench} {
		if f.single[w].kind == factNegation {
			return true
		}
	}
	return false
}

// falseFriends are words that look like a slip of one that patterns are likely to have and mean something else. The German,
// French and Spanish ones are those of Debian's word lists (wngerman, wfrench, wspanish) that the shipped packs would read
// as a word of theirs, less other forms of the same word and an accent left out.
var falseFriends = wordSet(`
	precious compliant complaint contact contract marital martial boiling billing starring starting staring sending spending crashed cashed
	crashing cashing exiting exciting derails details retired retried cooking cooling shipped shopped shipping shopping shopper
	shipper slipped skipped handing handling hearing heating bearing beating sealing stealing setting sitting country county
	beaches breaches messing missing mourning through thorough changes changed charged charges charles prefect packing
	pacing backing weeding wedding leading lending leaving trailing trialing dairies diaries hosting hoisting waving waiving
	betting beating personal personnel hopeless homeless conformation confirmation relived relieved
	provides providers provider conversion conversation prescribe proscribe perspective prospective causality casualty
	adverse averse identify identity relayed related stating testing texting tracing trading tracking college talking taking despite despise protect project posting positing freight fright friends fiends
	drucken drücken fordern fördern bestellen beistellen verlassen verpassen versprechen abfangen abgebogen abgegeben abgehen abgekommen
	abgesucht abgewogen abheben ablegen abrufen abschluss anfachten anfochten angeben angenommen angezogen anrechnung aufgelöst aufgesperrt
	aufgezeichnet aufmachen ausgegeben aushängen bereifen beschere bescheren beschied beschossen bestallung bestreiken beteuer bewerbung
	bewirtung brachen breiten disputieren drängende drängender einbezogen eingebogen einreihen einweichen ergeben erstehen erweichen flasche
	flaschen forelle fruchtbar fruchtbarer fälscher fördere förderung gebannt gedicht gefangen gehangen gehilfen gekappt geschlafen geschockt
	geworfen herrlichen historie langweile leuchter lichter mitarbeiten nachgehen nachgemacht nachsicht nachwehen pressung rezession riechen
	scheibe scheiben scheiden scherzen schlachten schlafen schlichte schlichten schlichter schmelzen schneien schocken schreie schreien
	schreiten schritt schulen schwerter siegten unteilbar verbringen verbündet verendet verflacht verhetzen vernetzen verpetzen verschwanden
	verschwinden verschwunden versehen versendet versetzen verwinden verwundet vordringen vorsprechen vorstehen weitergehen zufrieren zugesellt
	zurückgehen zählung zählungen übergehen überhörte überlebe
	attendre atteindre entendre étendre envoyer essayer achèverai ambulante attente collège compter concurrente confient contenter contexte
	converser couette courtier défendeur dérouiller engendre excellence hospitalité inconscience instiller jachère licence marrante minores
	minorez parements partait pastilles pendrai pliante pointue projection rembourre rembourrer rembourrez rembourré rembourrée retrace retracer
	retraiter revendrai réfracte régression salaire surpression voilais votante violentes étrange
	pedidos perdidos comprar comparar compramos comparamos comprado comparado cuestas cuentas adición aprecio candado consular consultor
	consumador desertar desmontado encarada encarado encarnada encarnado encartada encartado estadía excedente expelente gradación incidente
	infidente llamada llamado llegada medidamente necesitada prefecto presentir proyección recamar resulta retrato trabado tratado`)
