package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/rules"
)

// manySignals is a pack of n signals; more gives further keys of each.
func manySignals(n int, more func(i int) string) rules.File {
	var b strings.Builder
	b.WriteString("pack: many\nsignals:\n")
	for i := range n {
		fmt.Fprintf(&b, `  - id: r%d
    what: Says a word.
    why: Words make packs.
    from: customer
    match: {phrases: ["word%d other%d", "(more%d)"]}
    examples: {fires: ["word%d other%d"]}
%s`, i, i, i, i, i, i, more(i))
	}
	return rules.File{Name: "many.yaml", Data: []byte(b.String())}
}

// listBomb is a pack whose lists double from one to the next.
func listBomb(depth int) rules.File {
	var b strings.Builder
	b.WriteString("pack: bomb\nphrases:\n  l0: [\"a b\", \"c d\"]\n")
	for i := range depth {
		fmt.Fprintf(&b, "  l%d: [\"<l%d>\", \"<l%d>\"]\n", i+1, i, i)
	}
	fmt.Fprintf(&b, "asks:\n  connect: {accept: [l%d, \"<l%d> please\"], then: escalate}\n", depth, depth)
	return rules.File{Name: "bomb.yaml", Data: []byte(b.String())}
}

// TestHostilePacksEndSoon compiles packs that once took from half a minute to for ever. The bound is generous, so that
// a busy machine does not break the test.
func TestHostilePacksEndSoon(t *testing.T) {
	var keys strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	lines := keys.String()
	tests := []struct {
		name string
		file rules.File
		want string // "" compiles
	}{
		{"unknown keys, a line each", pack("\npack: a\n" + lines), "a.yaml:10001:1: error: a mapping with more than 10000 keys"},
		{"unknown keys on one line", rules.File{Name: "a.yaml", Data: []byte("{pack: a, " + strings.ReplaceAll(strings.TrimSpace(lines), "\n", ", ") + "}")}, "a.yaml: error: 99800 more findings in this file"},
		{"keys without a value", pack("\npack: a\nsignals: {" + strings.Repeat("a,", 500_000) + "b: 1}\n"), "more than 10000 keys without a value"},
		{"lists that double", listBomb(30), "with its lists written out this has more than 100000 words"},
		{"lists that double 3000 times", listBomb(3000), "with its lists written out this has more than 100000 words"},
		{"lists in a circle", pack("\npack: a\nphrases: {a: [\"<b>\"], b: [\"<a>\"]}\nasks: {connect: {accept: [\"<a> please\"], then: escalate}}\n"), "contains itself"},
		{"many conditions", manySignals(2000, func(i int) string { return fmt.Sprintf("    unless: \"fired('r%d', 3)\"\n", (i+1)%2000) }), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			set, found := rules.Compile([]rules.File{tt.file})
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if tt.want != "" {
				wants(t, found.String(), tt.want)
			}
			if (set != nil) != (tt.want == "") {
				t.Errorf("set %v; %d findings", set != nil, len(found))
			}
		})
	}
}

// TestManyRulesForTheSameWordsAreCheckedSoon holds the checks, which play every example, to the square of their number.
func TestManyRulesForTheSameWordsAreCheckedSoon(t *testing.T) {
	var b strings.Builder
	b.WriteString("pack: crowd\nsignals:\n")
	for i := range 1500 {
		fmt.Fprintf(&b, "  - {id: r%d, what: Something is noticed., why: It has to be noticed., from: customer, match: {phrases: [\"(yes | y%d)\"]}, points: 1, examples: {fires: [yes], silent: [no]}}\n", i, i)
	}
	set := compiled(t, rules.File{Name: "crowd.yaml", Data: []byte(b.String())})
	start := time.Now()
	found := set.Check()
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	wants(t, found.String(), `every example of "r0" is caught by "r1" as well`)
}

func TestPacksTogetherAreBounded(t *testing.T) {
	var files []rules.File
	for i := range 6 {
		text := fmt.Sprintf("pack: p%d\n#", i) + strings.Repeat("x", 1_900_000) + "\n"
		files = append(files, rules.File{Name: fmt.Sprintf("p%d.yaml", i), Data: []byte(text)})
	}
	set, found := rules.Compile(files)
	if set != nil || len(found) != 1 {
		t.Fatalf("set %v, %d findings", set != nil, len(found))
	}
	wants(t, found.String(), "p4.yaml: error: with this file the packs come to more than 8388608 bytes")
}

func TestFindingsOfAFileAreCapped(t *testing.T) {
	bad := "\npack: bad\nsignals: [" + strings.Repeat("x,", 500) + "]\n"
	_, found := rules.Compile([]rules.File{pack(bad), {Name: "other.yaml", Data: []byte("pack: other\nfoo: 1\n")}})
	count := map[string]int{}
	for _, d := range found {
		count[d.File]++
	}
	if count["bad.yaml"] != 201 || count["other.yaml"] != 1 {
		t.Errorf("findings by file: %v, want 201 and 1", count)
	}
	if d := found[200]; d.Severity != rules.Error || d.Line != 0 || !strings.HasSuffix(d.Message, "more findings in this file") {
		t.Errorf("after the first 200: %v", d)
	}
}

// TestErrorsBeyondTheCapStillCount has 300 warnings before its one error.
func TestErrorsBeyondTheCapStillCount(t *testing.T) {
	warns := manySignals(300, func(int) string { return "" })
	text := strings.NewReplacer(`phrases: ["word`, `regex: '[a-z]+' #`).Replace(string(warns.Data))
	text = strings.ReplaceAll(text, "'[a-z]+' #", "'[a-z]+'}\n    # ")
	text += "escalations:\n  - {id: e, what: Offer a person., why: People help people., when: score > 3, do: offer, say: nowhere}\n"
	set, found := rules.Compile([]rules.File{{Name: "many.yaml", Data: []byte(text)}})
	if set != nil || !found.HasErrors() {
		t.Errorf("an error behind 200 warnings was lost; the last finding: %v", found[len(found)-1])
	}
}

func TestByteOrderMarkIsRead(t *testing.T) {
	set := compiled(t, rules.File{Name: "a.yaml", Data: []byte("\xEF\xBB\xBFpack: a\nowner: someone\n")})
	if set.Digest() != compiled(t, rules.File{Name: "a.yaml", Data: []byte("pack: a\nowner: someone\n")}).Digest() {
		t.Error("the mark changes the digest")
	}
	wants(t, faultsOf(t, rules.File{Name: "a.yaml", Data: []byte("\xEF\xBB\xBFpcak: a\n")}), `a.yaml:1:1: error: unknown key "pcak"`)
}

func TestDigestDoesNotDependOnPaths(t *testing.T) {
	file := func(name, text string) []rules.File { return []rules.File{{Name: name, Data: []byte(text)}} }
	here, there := compiled(t, file("/a/x.yaml", "pack: a\n")...), compiled(t, file("/b/x.yaml", "pack: a\n")...)
	if here.Digest() != there.Digest() {
		t.Errorf("the same pack has digest %s here and %s there", here.Digest(), there.Digest())
	}
	if other := compiled(t, file("/a/x.yaml", "pack: b\n")...); other.Digest() == here.Digest() {
		t.Error("another pack has the same digest")
	}
}

func TestExcerptOfALongLine(t *testing.T) {
	long := strings.Repeat("é", 400)
	_, found := rules.Compile([]rules.File{{Name: "a.yaml", Data: []byte("{pack: a, what: " + long + ", foo: 1, why: " + long + "}\n")}})
	if len(found) != 1 {
		t.Fatalf("found:\n%s", found)
	}
	quoted, caret, _ := strings.Cut(found[0].Excerpt, "\n")
	at := len([]rune(caret)) - 1
	if rest := string([]rune(quoted)[at:]); !strings.HasPrefix(rest, "foo: 1, why: é") || len([]rune(quoted)) != 8+120 {
		t.Errorf("the excerpt is\n%s", found[0].Excerpt)
	}
}

// FuzzCompose compiles arbitrary bytes beside a pack that they may import and override. It must not panic, and the order
// of the files changes neither whether a set comes of it nor how much is wrong.
func FuzzCompose(f *testing.F) {
	core := greets("core", "en", base)
	for _, seed := range []string{
		"pack: shop\nimports: [core]\nrewrites:\n  - {id: greeting, overrides: {pack: core, digest: 0, why: w}, mode: off}\n",
		"pack: shop\nlocale: en-GB\nregister: formal\nrewrites:\n  - {id: bye, overrides: {pack: core, digest: 1, why: w}, say: [so long]}\n",
		"pack: core\nlocale: de\nimports: [core]\n", "rewrites: [{id: bye}, {id: greeting, overrides: {pack: {a: b}}}]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 8<<10 {
			return
		}
		shop := rules.File{Name: "shop.yaml", Data: data}
		set, found := rules.Compile([]rules.File{core, shop})
		other, again := rules.Compile([]rules.File{shop, core})
		if (set == nil) != (other == nil) || (set == nil) != found.HasErrors() {
			t.Fatalf("a set: %v and %v, with findings:\n%s\n\n%s", set != nil, other != nil, found, again)
		}
		if set != nil {
			_ = set.Check().String()
			said(set, rules.Facts{Locale: "en-GB", Register: "formal"}, "hello there")
		}
	})
}
