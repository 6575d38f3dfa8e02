package wire_test

import (
	"strings"
	"testing"

	"attune/proxy/wire"
)

// define makes a profile of YAML; "profile: test" and "framing: raw" are added when absent.
func define(t testing.TB, yaml string) *wire.Profile {
	t.Helper()
	if !strings.Contains(yaml, "framing:") {
		yaml = "framing: raw\n" + yaml
	}
	all, err := wire.Parse("test.yaml", []byte("profile: test\n"+yaml))
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// show writes items in one line each: kind, role, flags and texts.
func show(items []wire.Item) string {
	var lines []string
	for _, it := range items {
		line := it.Kind.String() + " " + it.Role.String()
		if it.Click {
			line += " click"
		}
		if it.Handoff {
			line += " handoff"
		}
		if it.Expected != "" {
			line += " expects=" + it.Expected
		}
		if it.ID != "" {
			line += " id=" + it.ID
		}
		for _, text := range it.Texts {
			line += " [" + text.Value + "]"
			if text.Syntax != wire.Plain {
				line += text.Syntax.String()
			}
			if text.Fixed {
				line += "!"
			}
			if text.Follow >= 0 {
				line += "<" + string(rune('0'+text.Follow))
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// editAll splices the same words into every text of the message last read.
func editAll(tr *wire.Translator, msg string, items []wire.Item, with string) string {
	var edits []wire.Edit
	for i, it := range items {
		for j := range it.Texts {
			if it.Texts[j].Follow < 0 {
				edits = append(edits, wire.Edit{Item: i, Text: j, With: with})
			}
		}
	}
	return string(tr.Splice(nil, []byte(msg), edits))
}
