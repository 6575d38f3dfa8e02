package rules

import "strings"

// Message returns what Attune says under an id in the locale and register of f: the packs' words, else those built in,
// with the slots filled. On the telephone the words under id with ".voice" behind it are taken, where there are any. Variants
// rotate with each use; the session of f picks the first. A slot without a value is left out together with its braces. It is "" when no such message exists. st may be nil: then the first variant is taken and
// nothing is remembered.
func (s *Set) Message(id string, f *Facts, st *State, slots map[string]string) string {
	variants, hash := s.message(s.tongueFor(f.Locale, f.Register), id, "", f.channel())
	if len(variants) == 0 {
		return ""
	}
	at := variant(f.Session, id, len(variants))
	if st != nil {
		at = (at + st.used(hash)) % len(variants)
		st.use(hash)
	}
	return fillMessage(variants[at], func(name string) string { return slots[name] })
}

// spokenSuffix is what the id of a message has behind it whose words are for the telephone.
const spokenSuffix = ".voice"

// message finds the variants: in the packs of the language that was heard, where it is another one than the tongue's,
// in the tongue's, the default locale's, the built-in. Each of them is asked for words for the channel first.
func (s *Set) message(t *tongue, id, heard, channel string) (variants []string, hash uint32) {
	if id == "" {
		return nil, 0
	}
	ids := []string{id}
	if channel == "voice" {
		ids = []string{id + spokenSuffix, id}
	}
	in := func(t *tongue) *message {
		for _, id := range ids {
			if m := t.messages[id]; m != nil {
				return m
			}
		}
		return nil
	}
	if heard != "" && mainLanguage(heard) != mainLanguage(t.locale) {
		if m := in(s.tongue(heard)); m != nil {
			return m.variants, m.hash
		}
	}
	for _, t := range [...]*tongue{t, s.standard} {
		if m := in(t); m != nil {
			return m.variants, m.hash
		}
	}
	for _, id := range ids {
		if v, ok := builtinMessages[id]; ok {
			return v, hashID("message", id)
		}
	}
	for _, p := range s.specs { // a message only another locale has
		if m := in(s.home(p)); m != nil {
			return m.variants, m.hash
		}
	}
	return nil, 0
}

// variant picks the first variant: a hash of session and rule.
func variant(session, rule string, n int) int {
	return int(hashID(session, rule) % uint32(n))
}

// say puts a message into what Attune says now. heard is the locale of the rule that was spoken to, "" for the
// session's: whoever is in danger is answered in the language they cry for help in.
func (m *moment) say(id, heard string) {
	if id == "" {
		return
	}
	m.waited = 0
	if text := m.words(id, heard); text != "" {
		m.j.Say = append(m.j.Say, text)
		if m.waited > 0 {
			m.j.Promises = append(m.j.Promises, Promised{Rule: m.plan.rule, Within: m.waited, Wait: true})
		}
	}
}

// words is the next variant of a message, filled.
func (m *moment) words(id, heard string) string { return m.filled(id, heard, nil) }

// filled is words with slots of the caller's own.
func (m *moment) filled(id, heard string, slots map[string]string) string {
	variants, hash := m.set.message(m.tongue, id, heard, m.facts.channel())
	if len(variants) == 0 {
		return ""
	}
	at := (variant(m.facts.Session, id, len(variants)) + m.st.used(hash) + m.sc.offset) % len(variants)
	m.st.use(hash)
	if m.facts.channel() == "voice" {
		at = nextSpoken(variants, at)
	}
	if strings.IndexByte(variants[at], '{') < 0 {
		return variants[at]
	}
	return fillMessage(variants[at], func(name string) string {
		if name == "wait" {
			_, wait := m.facts.at(m.plan.desk)
			words, within := m.set.wait(m.tongue, m.facts.channel(), wait)
			m.waited = within
			return words
		}
		return slots[name]
	})
}

// nextSpoken is the first variant from one on that can be spoken; the one itself when none can.
func nextSpoken(variants []string, from int) int {
	for k := range variants {
		if at := (from + k) % len(variants); speakable(variants[at]) {
			return at
		}
	}
	return from
}

// fillMessage writes a message with its slots.
func fillMessage(src string, slot func(string) string) string {
	if strings.IndexByte(src, '{') < 0 {
		return src
	}
	var b strings.Builder
	for _, p := range parseTemplate(src).pieces {
		if p.name == "" {
			b.WriteString(p.text)
		} else {
			b.WriteString(slot(p.name))
		}
	}
	return b.String()
}
