package rules

import (
	"bytes"
	"strings"
)

// maxRest is how often packs are compiled to find what of them is sound: what needs a rule at fault is at fault too.
const maxRest = 6

// Rest checks what is sound of packs that [Compile] has found errors in, so that authors need not mend one kind of fault
// to be told of the next. Rules, lists and messages with errors are left out, and those that cannot do without them. Of the
// others the examples of a single message are held against the rule, and the lints are run that look at one rule; what
// depends on the whole set, conversations above all, waits until there is one.
func Rest(files []File, found Diagnostics) Diagnostics {
	wrecks := map[string]*wreck{}
	for _, f := range files {
		src := newSource(File{Name: f.Name, Data: bytes.TrimPrefix(f.Data, byteOrderMark)})
		wrecks[f.Name] = &wreck{src: src, r: &report{}, lines: append([]string(nil), src.lines...)}
	}
	var out Diagnostics
	for range maxRest {
		for _, d := range found {
			w := wrecks[d.File]
			switch {
			case d.Severity != Error || w == nil || w.isCut(d.Line):
			case d.Message == spentNodes, !w.cut(d.Line): // it would stay too large for long
				delete(wrecks, d.File)
			}
		}
		var left []File
		for _, f := range files {
			if w := wrecks[f.Name]; w != nil {
				left = append(left, File{Name: f.Name, Data: []byte(strings.Join(w.lines, "\n"))})
			}
		}
		var set *Set
		if set, found = Compile(left); set != nil {
			r := &report{}
			c := &checker{set: set, r: r, sc: newScratch(set.lexicon), partial: true}
			for _, p := range set.specs {
				c.pack(p)
			}
			return append(out, r.findings(set.names)...)
		}
		for _, d := range found {
			if strings.HasSuffix(d.Message, tied) {
				out = append(out, d)
			}
		}
	}
	return out
}
