package rules

// literals finds fixed texts in one pass: an Aho-Corasick automaton (Aho, Corasick 1975) as a full transition table
// over classes of bytes, with ASCII case folded by the class table. One step is two loads, whatever the number of texts.
//
// Most of a message begins no text: there the automaton rests in its first state, and only looks for two bytes with
// which some text begins.
type literals struct {
	begins  [32 * 32]beginning // by the lower five bits of two bytes, which a small letter and its capital share
	class   [256]uint8
	classes int
	next    []int32 // state*classes + class -> state; when linked, two times state*classes, plus 1 where texts end
	found   [][]int32
}

// beginning says where texts that begin with two bytes may stand.
type beginning uint8

const (
	beginsWord     beginning = 1 << iota // where no ASCII letter stands before them
	beginsAnywhere                       // anywhere
)

// newLiterals builds the automaton for the texts of some needs, which are in lower case and not empty.
func newLiterals(needs []wantedBy) *literals {
	l := &literals{classes: 1} // class 0 is every byte that no text has
	for _, n := range needs {
		s := n.text
		for i := 0; i < len(s); i++ {
			if l.class[s[i]] == 0 {
				l.class[s[i]] = uint8(l.classes)
				l.classes++
			}
		}
	}
	for c := 'a'; c <= 'z'; c++ {
		l.class[c-'a'+'A'] = l.class[c]
	}
	l.addState()
	for n := range needs {
		s := needs[n].text
		l.begin(s, needs[n].left)
		state := 0
		for i := 0; i < len(s); i++ {
			at := state*l.classes + int(l.class[s[i]])
			if l.next[at] < 0 {
				l.next[at] = int32(l.addState())
			}
			state = int(l.next[at])
		}
		l.found[state] = append(l.found[state], int32(n))
	}
	l.link()
	return l
}

// begin enters the two bytes that a text begins with.
func (l *literals) begin(s string, word bool) {
	where := beginsAnywhere
	if word {
		where = beginsWord
	}
	for second := range byte(32) {
		if len(s) == 1 || second == s[1]&31 {
			l.begins[int(s[0]&31)<<5|int(second)] |= where
		}
	}
}

func (l *literals) addState() int {
	for range l.classes {
		l.next = append(l.next, -1)
	}
	l.found = append(l.found, nil)
	return len(l.found) - 1
}

// link fills the missing transitions, breadth first, and hands on what shorter texts end where a longer one goes on.
func (l *literals) link() {
	fail := make([]int32, len(l.found))
	var queue []int
	for c := range l.classes {
		if s := l.next[c]; s > 0 {
			queue = append(queue, int(s))
		} else {
			l.next[c] = 0
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		l.found[s] = append(l.found[s], l.found[fail[s]]...)
		for c := range l.classes {
			at := s*l.classes + c
			down := l.next[int(fail[s])*l.classes+c]
			if l.next[at] < 0 {
				l.next[at] = down
				continue
			}
			fail[l.next[at]] = down
			queue = append(queue, int(l.next[at]))
		}
	}
	for at, s := range l.next {
		l.next[at] = s * int32(l.classes) << 1
		if len(l.found[s]) > 0 {
			l.next[at]++
		}
	}
}

// nextBegin returns where from p[i] on a text may begin; it may always with the last byte.
func (l *literals) nextBegin(p []byte, i int) int {
	pair := int(p[i] & 31)
	for k, c := range p[i+1:] {
		pair = (pair<<5 | int(c&31)) & (len(l.begins) - 1)
		if b := l.begins[pair]; b != 0 && (b != beginsWord || i+k == 0 || asciiClass[p[i+k-1]]&classLetter == 0) {
			return i + k
		}
	}
	return len(p) - 1
}

// scan calls emit with the number of each text found in p and where it ends, as often as it occurs.
func (l *literals) scan(p []byte, emit func(text, end int)) {
	if len(l.found) == 1 {
		return
	}
	row := 0
	for i := 0; i < len(p); i++ {
		if row == 0 {
			i = l.nextBegin(p, i)
		}
		to := l.next[row+int(l.class[p[i]])]
		row = int(to >> 1)
		if to&1 == 0 {
			continue
		}
		for _, n := range l.found[row/l.classes] {
			emit(int(n), i+1)
		}
	}
}
