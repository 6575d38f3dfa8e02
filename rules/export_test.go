package rules

// DetectorNames lists every detector, for tests that want them all.
func DetectorNames() []string {
	var names []string
	for _, d := range detectorList() {
		names = append(names, d.name)
	}
	return names
}

// FactsOf names the facts of a plain text in order: "number 12.50". Words that may only be capitals because they open
// a sentence are left out unless weak is set.
func FactsOf(locale, text string, weak bool) []string {
	var out []string
	for _, f := range factsOf(locale, text) {
		if !f.weak || weak {
			out = append(out, f.kind.String()+" "+text[f.start:f.end])
		}
	}
	return out
}

// Keeps tells whether a rewritten text keeps the facts of a plain original and brings none of its own.
func Keeps(locale, original, sent string) bool {
	ok, _ := lock(locale, original, sent, []fact{})
	return ok
}

// UnreadKeys lists keys of the format's table that reading these packs never asks for: what editors would offer and the
// decoder would not look at.
func UnreadKeys(files []File) []string {
	read := map[string]bool{}
	note := func(s *shape, key string) { read[s.name+"."+key] = true }
	r := &report{}
	for _, f := range files {
		root := readDocument(f, newSource(f), r)
		d := &decoder{src: root.src, r: r, asked: note}
		d.pack(root)
		d.override(root)
	}
	w := defaultWorld("en", "")
	for _, k := range givenShape.keys {
		g := &givenSpec{}
		at := &yamlNode{src: newSource(File{}), text: k.name}
		value := *at
		value.text = append(k.value.choices(), "1")[0]
		(&decoder{r: r}).givenKey(g, at, k.name, &value)
		for _, set := range g.set {
			set(&w)
			note(givenShape, k.name)
		}
		if givenShape.holds(k.name) {
			note(givenShape, k.name)
		}
	}
	for _, k := range expectShape.keys {
		if got, _ := (&checker{set: &Set{}}).expected(&expectation{key: k.name}); got != "unknown" {
			note(expectShape, k.name)
		}
	}
	var out []string
	seen := map[*shape]bool{}
	var walk func(s *shape)
	var into func(v value)
	into = func(v value) {
		switch {
		case v.shape != nil:
			walk(v.shape)
		case v.kind == takesMatch:
			walk(matchShape)
		case v.item != nil:
			into(*v.item)
		}
		for _, e := range v.either {
			into(e)
		}
	}
	walk = func(s *shape) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, k := range s.keys {
			if !read[s.name+"."+k.name] {
				out = append(out, s.name+"."+k.name)
			}
			into(k.value)
		}
	}
	walk(packShape)
	return out
}

// Remembers tells whether a reply is kept for whoever hears it next.
func (s *Set) Remembers(text string) bool {
	for i := range s.readings.kept {
		for j := range s.readings.kept[i] {
			if r := s.readings.kept[i][j].Load(); r != nil && r.text.raw == text {
				return true
			}
		}
	}
	return false
}

// Forgetful returns the set with no memory of replies.
func (s *Set) Forgetful() *Set {
	out := *s
	out.readings = nil
	return &out
}
