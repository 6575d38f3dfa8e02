package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// formatAt is where the calls that report an error have their message.
var formatAt = map[string]int{"errorf": 1, "hintf": 2, "lazyf": 2, "add": 5, "fault": -1}

// unreachable are messages that no pack can bring about, each with the reason.
var unreachable = []string{
	"the file cannot be read as YAML",                     // a fault of the YAML library that its own checks missed
	"the file is too large; a pack has at most %d bytes",  // too large to keep here; TestCompileRefusesLargeFiles
	"with this file the packs come to more than %d bytes", // TestPacksTogetherAreBounded
	"%s is not a value", "%s does not fit here",           // the parser of conditions checks types
	"the condition of ?: is not true or false", // and says these things
	"%s needs an id", "fired takes a number of turns", // in its own words
	"%s cannot be called", "matches takes a text on its left", // before ours
	"in takes a list like ['a', 'b'] or a range like 1..3", // could be said
}

// TestEveryErrorHasABrokenPack finds the messages of the decoder and the compiler in their source and looks for each in
// the golden files.
func TestEveryErrorHasABrokenPack(t *testing.T) {
	goldens, err := filepath.Glob("testdata/broken/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for _, name := range goldens {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(data)
	}
	all, messages := said.String(), 0
	for _, m := range errorMessages(t) {
		messages++
		if !m.pattern.MatchString(all) && !slices.Contains(unreachable, m.text) {
			t.Errorf("%s: no broken pack brings about %q", m.at, m.text)
		}
	}
	if messages < 140 {
		t.Errorf("only %d messages were found, so this test looks in the wrong place", messages)
	}
}

type errorMessage struct {
	at, text string
	pattern  *regexp.Regexp
}

var verb = regexp.MustCompile(`%[a-z]`)

func errorMessages(t *testing.T) []errorMessage {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []errorMessage
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "check.go" || name == "lint.go" {
			continue // those run on packs that compile
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			text, ok := format(call)
			if !ok {
				return true
			}
			parts := verb.Split(strings.ReplaceAll(text, "%%", "%"), -1)
			for i := range parts {
				parts[i] = regexp.QuoteMeta(parts[i])
			}
			out = append(out, errorMessage{
				at: fset.Position(call.Pos()).String(), text: text, pattern: regexp.MustCompile(`error: [^\n]*` + strings.Join(parts, `[^\n]*`)),
			})
			return true
		})
	}
	return out
}

// format returns the message of a call that reports an error.
func format(call *ast.CallExpr) (string, bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	at, ok := formatAt[sel.Sel.Name]
	if !ok {
		return "", false
	}
	args := call.Args
	if sel.Sel.Name == "add" {
		if len(args) == 0 {
			return "", false
		}
		if id, ok := args[0].(*ast.Ident); !ok || id.Name != "Error" {
			return "", false
		}
	}
	if at < 0 { // the last text before the values that go into it
		for i := len(args) - 1; i >= 0 && at < 0; i-- {
			if s, ok := literal(args[i]); ok && s != "" && i > 0 {
				at = i
			}
		}
	}
	if at < 0 || at >= len(args) {
		return "", false
	}
	s, ok := literal(args[at])
	return s, ok && strings.Trim(verb.ReplaceAllString(s, ""), " ") != ""
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}
