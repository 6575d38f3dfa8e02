package console_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"attune/proxy/console"
)

func ExampleParseTokens() {
	tokens, err := console.ParseTokens("tokens", []byte(`
# name:role:token
Mia:agent:8Zf3xK1mQ9tR7vLw
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	who, ok := tokens.Lookup("8Zf3xK1mQ9tR7vLw")
	fmt.Println(who.Name, who.Role, ok)
	_, ok = tokens.Lookup("a guess")
	fmt.Println(ok)

	_, err = console.ParseTokens("tokens", []byte("Mia:agent\nNoah:boss:8Zf3xK1mQ9tR7vLw\n"))
	fmt.Println(err)
	// Output:
	// Mia agent true
	// false
	// tokens:1: want name:role:token
	// tokens:2: the role is none of viewer, editor, approver, agent, metrics
}

func TestParseTokens(t *testing.T) {
	const a, b = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"
	tests := []struct {
		name string
		file string
		want map[string]console.Identity // token -> who
		bad  []string                    // line: problem
	}{
		{name: "empty", file: "", want: map[string]console.Identity{}},
		{name: "comments, blank lines, blanks, CRLF, BOM", file: "\ufeff# head\r\n\r\n  Mia Berg : agent : " + a + " \r\n#x:y:z\r\n", want: map[string]console.Identity{a: {Name: "Mia Berg", Role: console.Agent}}},
		{name: "token with colons", file: "m:viewer:a:b:" + a, want: map[string]console.Identity{"a:b:" + a: {Name: "m", Role: console.Viewer}}},
		{name: "two tokens of one name", file: "m:agent:" + a + "\nm:agent:" + b, want: map[string]console.Identity{a: {Name: "m", Role: console.Agent}, b: {Name: "m", Role: console.Agent}}},
		{name: "a short one holds", file: "m:agent:x", want: map[string]console.Identity{"x": {Name: "m", Role: console.Agent}}},
		{name: "none", file: "m:agent: ", bad: []string{"1: the token is missing"}},
		{name: "all faults at once", file: "nothing\n\nm:boss:" + a + "\n:agent:x y\nm:agent", bad: []string{"1: want name", "3: the role is none", "4: the name must", "4: the token has a blank", "5: want name"}},
		{name: "same token twice", file: "m:agent:" + a + "\nn:viewer:" + a, bad: []string{"2: the same token as in line 1"}},
		{name: "one name, two roles", file: "m:agent:" + a + "\nm:viewer:" + b, bad: []string{"2: this name has another role"}},
		{name: "name with a control character", file: "m\x1b[31m:agent:" + a, bad: []string{"1: the name must"}},
		{name: "name not UTF-8", file: "m\xff:agent:" + a, bad: []string{"1: the name must"}},
		{name: "name too long", file: strings.Repeat("m", 65) + ":agent:" + a, bad: []string{"1: the name must"}},
		{name: "token with a blank", file: "m:agent:" + a + " " + b, bad: []string{"1: the token has a blank"}},
		{name: "token beyond ASCII", file: "m:agent:ä" + a, bad: []string{"1: the token has a blank"}},
		{name: "a very long line", file: "m:agent:" + strings.Repeat("x", 100_000), want: map[string]console.Identity{strings.Repeat("x", 100_000): {Name: "m", Role: console.Agent}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tokens, err := console.ParseTokens("f", []byte(tt.file))
			if tt.bad != nil {
				if tokens != nil || err == nil {
					t.Fatalf("got %v, %v; want faults", tokens, err)
				}
				lines := strings.Split(err.Error(), "\n")
				if len(lines) != len(tt.bad) {
					t.Fatalf("got %d faults, want %d:\n%v", len(lines), len(tt.bad), err)
				}
				for i, want := range tt.bad {
					if !strings.HasPrefix(lines[i], "f:"+want) {
						t.Errorf("fault %d = %q, want f:%s…", i, lines[i], want)
					}
				}
				if te, ok := errors.AsType[*console.TokenError](err); !ok || te.File != "f" || te.Line == 0 {
					t.Errorf("not a TokenError with its place: %#v", te)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tokens.Len() != len(tt.want) {
				t.Errorf("Len = %d, want %d", tokens.Len(), len(tt.want))
			}
			for token, want := range tt.want {
				if got, ok := tokens.Lookup(token); !ok || got != want {
					t.Errorf("Lookup = %v, %v; want %v", got, ok, want)
				}
			}
		})
	}
}

func TestShortTokensAreNamed(t *testing.T) {
	tokens, err := console.ParseTokens("f", []byte("# head\nm:agent:0123456789abcdef\nm:agent:0123456789abcde\n\nn:viewer:x"))
	if err != nil {
		t.Fatal(err)
	}
	if got := tokens.Short(); !slices.Equal(got, []int{3, 5}) {
		t.Errorf("lines %v, want 3 and 5", got)
	}
}

// A token that stands in the wrong field must not come out again.
func TestTokenFaultsQuoteNothing(t *testing.T) {
	const secret = "s3cr3t-s3cr3t-s3cr3t"
	for _, line := range []string{secret, "mia:" + secret, "mia:" + secret + ":agent", secret + ":agent:mia", secret + ":boss:mia", "mia:agent:" + secret + " x"} {
		_, err := console.ParseTokens("f", []byte(line+"\nmia:agent:"+secret+"\nnoah:agent:"+secret))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: error %v", line, err)
		}
	}
}

func TestTokensHaveRoles(t *testing.T) {
	tokens, err := console.ParseTokens("f", []byte("prom:metrics:0123456789abcdef\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !tokens.Has(console.Metrics) || tokens.Has(console.Agent) {
		t.Error("Has is wrong")
	}
}

func TestNilTokensKnowNobody(t *testing.T) {
	var tokens *console.Tokens
	if _, ok := tokens.Lookup(""); ok || tokens.Len() != 0 || tokens.Has(console.Agent) {
		t.Error("a nil list knows somebody")
	}
}

func FuzzParseTokens(f *testing.F) {
	f.Add([]byte(tokensFile))
	f.Add([]byte("a:b:c\n#\n::::\n\xff:agent:0123456789abcdef"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tokens, err := console.ParseTokens("f", data)
		if (tokens == nil) != (err != nil) {
			t.Fatalf("tokens %v with error %v", tokens, err)
		}
		if _, ok := tokens.Lookup(""); ok {
			t.Fatal("the empty token stands for somebody")
		}
	})
}
