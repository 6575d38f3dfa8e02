package lab_test

import (
	"testing"
	"unicode/utf8"

	"attune/rules/lab"
)

func TestUnmarked(t *testing.T) {
	for _, x := range []struct{ in, want string }{
		{"", ""},
		{"where is it?", "where is it?"},
		{"<p>Hello &amp; welcome,</p><p>it is <b>here</b>.<br/>Bye</p>", "Hello & welcome,\nit is here.\nBye"},
		{"a < b and 5 <6 > 4", "a < b and 5 <6 > 4"},
		{`<div class="x > y">one</div>`, `y">one`},
		{"<style>p{color:red}</style>text<SCRIPT>secret()</SCRIPT> more", "text more"},
		{"<!-- secret --> shown <!-- never ends", "shown"},
		{"<h2>T</h2>  two\n\n  spaces ", "T\ntwo\nspaces"},
		{"broken <a href=", "broken"},
		{"<script>never ends", ""},
		{"&lt;b&gt; &#8364;", "<b> €"},
	} {
		if got := lab.Unmarked(x.in); got != x.want {
			t.Errorf("%q becomes %q, want %q", x.in, got, x.want)
		}
	}
}

// Text without a tag or an entity keeps its words, and nothing breaks a sign apart.
func FuzzUnmarked(f *testing.F) {
	for _, s := range []string{"<p>İ</p>", "<SCRIPT>\u212a</ſcript>x", "<<<a>>>", "</", "<!-->x", "&#0;&#xD800;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		if got := lab.Unmarked(s); !utf8.ValidString(got) {
			t.Fatalf("%q becomes %q", s, got)
		}
	})
}
