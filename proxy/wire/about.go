package wire

import (
	"slices"
	"strings"
)

// About is what the comment at the head of a profile file says: paragraphs that begin with For, Tested and Cannot.
type About struct {
	For      string `json:"for"`      // what speaks the protocol
	Evidence string `json:"evidence"` // "recorded", "documented" or "hand-written": what its messages were taken from; "" when the file does not say
	Tested   string `json:"tested"`   // against what
	Cannot   string `json:"cannot"`   // what it does not do
}

// About reads the comment at the head of the file.
func (s *Source) About() About {
	var a About
	into := new(string)
	for line := range strings.Lines(string(s.Data)) {
		line, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "#")
		if !ok {
			break
		}
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, ":")
		switch word {
		case "For":
			into, line = &a.For, strings.TrimSpace(rest)
		case "Tested":
			into, line = &a.Tested, strings.TrimSpace(rest)
		case "Cannot":
			into, line = &a.Cannot, strings.TrimSpace(rest)
		}
		if *into != "" {
			*into += " "
		}
		*into += line
	}
	if word, rest, ok := strings.Cut(a.Tested, "."); ok && slices.Contains([]string{"recorded", "documented", "hand-written"}, word) {
		a.Evidence, a.Tested = word, strings.TrimSpace(rest)
	}
	return a
}

// Row is one line of a profile's description.
type Row struct{ What, Text string }

// Describe says what the profile does, in Markdown: what it reads, edits and says, and by which paths it knows.
func (p *Profile) Describe() []Row {
	rows := []Row{
		{"reads", p.describeReads()},
		{"edits", p.describeEdits()},
		{"clicks", p.describeClicks()},
		{"handoff", p.describeHandoff()},
		{"given back", p.describeEvery(func(f *frame) []*condition { return f.returned })},
		{"nobody brought", p.describeEvery(func(f *frame) []*condition { return f.refused })},
		{"session", describePaths(p.session)},
		{"locale", describePaths(p.locale)},
		{"says", p.describeSays()},
		{"by HTTP", p.describeRoutes()},
		{"backend lost", p.reconnect.describe()},
	}
	return slices.DeleteFunc(rows, func(r Row) bool { return r.Text == "" })
}

func code(s string) string { return "`" + strings.ReplaceAll(s, "|", "\\|") + "`" }

func describePaths(paths []*path) string {
	all := make([]string, len(paths))
	for i, p := range paths {
		all[i] = code(p.src)
	}
	return strings.Join(all, ", ")
}

// unique gathers what is said, each once, in order.
type unique []string

func (u *unique) add(s string) {
	if !slices.Contains(*u, s) {
		*u = append(*u, s)
	}
}

// describeReads lists, by whose words they are, where words stand.
func (p *Profile) describeReads() string {
	var order unique
	found := make(map[string]*unique)
	for dir := range p.frames {
		for _, f := range p.frames[dir] {
			what := f.role.String()
			switch f.kind {
			case Echo:
				what = "echo"
			case Partial:
				what = "hypotheses"
			case Observe:
				what = "overheard"
			case DTMF:
				what = "keys"
			default:
			}
			if len(f.text)+len(f.cards) == 0 {
				continue
			}
			order.add(what)
			if found[what] == nil {
				found[what] = new(unique)
			}
			for _, t := range f.text {
				found[what].add(t.describe())
			}
			for _, c := range f.cards {
				found[what].add(code(c.src) + " (Adaptive Card)")
			}
		}
	}
	for i, what := range order {
		order[i] = what + " " + strings.Join(*found[what], ", ")
	}
	return strings.Join(order, "; ")
}

func (t *textRule) describe() string {
	s := code(t.path.src)
	if t.syntax != Plain {
		s += " (" + t.syntax.String() + ")"
	}
	return s
}

// describeEdits lists what may be reworded.
func (p *Profile) describeEdits() string {
	var whole, streams unique
	repeats := false
	for _, f := range p.frames[Down] {
		if f.role != Bot || len(f.text)+len(f.cards) == 0 {
			continue
		}
		switch f.kind {
		case Message, Handoff, End:
			whole.add(f.kind.String())
		case Delta, Final:
			streams.add(f.kind.String())
		default:
		}
		for _, t := range f.text {
			repeats = repeats || t.follow >= 0
		}
	}
	var says unique
	if len(whole) > 0 {
		says.add("the bot's words in " + strings.Join(whole, ", "))
	}
	if len(streams) > 0 {
		says.add("streams (" + strings.Join(streams, ", ") + ")")
	}
	if repeats {
		says.add("words that stand in several places in all of them or none")
	}
	return strings.Join(says, "; ")
}

// describeClicks lists what buttons send, and what else is no word of the customer's.
func (p *Profile) describeClicks() string {
	var all unique
	for dir := range p.frames {
		for _, f := range p.frames[dir] {
			for _, at := range f.payloads {
				all.add(code(at.src))
			}
			for _, c := range f.opaqueIf {
				all.add(code(c.src))
			}
		}
	}
	return strings.Join(all, ", ")
}

func (p *Profile) describeHandoff() string {
	var all unique
	for dir := range p.frames {
		for _, f := range p.frames[dir] {
			if f.kind == Handoff {
				all.add(describeConditions(f.when, " and "))
			} else if len(f.handoff) > 0 {
				all.add(describeConditions(f.handoff, " or "))
			}
		}
	}
	return strings.Join(all, "; ")
}

// describeEvery lists conditions of one kind of all frames.
func (p *Profile) describeEvery(of func(*frame) []*condition) string {
	var all unique
	for dir := range p.frames {
		for _, f := range p.frames[dir] {
			if each := of(f); len(each) > 0 {
				all.add(describeConditions(each, " or "))
			}
		}
	}
	return strings.Join(all, "; ")
}

func describeConditions(all []*condition, glue string) string {
	each := make([]string, len(all))
	for i, c := range all {
		each[i] = code(c.src)
	}
	return strings.Join(each, glue)
}

// describeSays lists the templates, by what they are for.
func (p *Profile) describeSays() string {
	words := [...]string{
		InjectBot: "replies", InjectAgent: "agents' words", InjectTyping: "typing", InjectToBackend: "utterances to the bot",
		InjectHandoff: "handoffs to the platform", InjectHandoffBackend: "handoffs to the backend", InjectAckWidget: "confirmations to the widget", InjectAckBackend: "confirmations to the bot",
		InjectNote: "notes to the bot", InjectEcho: "the customer's own words that stay here",
	}
	var all unique
	for i, word := range words {
		if p.template(Injection(i)) {
			all.add(word)
		}
	}
	if len(all) == 0 {
		return "nothing (`inject: unsupported`)"
	}
	return strings.Join(all, ", ")
}

// describe says what is done for a widget whose backend is lost.
func (re *reconnection) describe() string {
	if re == nil {
		return "the widget is closed with 1013, to connect anew"
	}
	var says, keeps unique
	for _, p := range re.replay {
		if p.say != nil {
			says.add("words of its own")
		} else {
			says.add(p.pattern.describe())
		}
	}
	for _, p := range re.swallow {
		keeps.add(p.describe())
	}
	out := "a new conn takes its place"
	if len(says) > 0 {
		out += ", which hears again " + strings.Join(says, ", ")
	}
	if len(keeps) > 0 {
		out += "; the widget does not see " + strings.Join(keeps, ", ")
	}
	return out
}

func (p *pattern) describe() string {
	if p.when != nil {
		return code(p.when.src)
	}
	return code(strings.ReplaceAll(p.prefix, "\n", "\\n")) + "…"
}

// opaque reports whether the profile reads nothing.
func (p *Profile) opaque() bool { return p.framing.name == "opaque" }

// Limits lists in single words what the profile cannot do at all: read, inject, reconnect.
func (p *Profile) Limits() []string {
	var all []string
	if p.opaque() {
		all = append(all, "read")
	}
	if !p.Injects() {
		all = append(all, "inject")
	}
	if !p.Reconnects() {
		all = append(all, "reconnect")
	}
	return all
}
