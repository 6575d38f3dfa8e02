// Package packs holds the rule packs that Attune ships, embedded into the binary.
//
// They are what runs when ATTUNE_RULES is unset and what `attune rules init` writes out for operators to start from.
// Every pack carries its examples and conversations in the same file; the tests of this package run all of them.
// README.md in this folder says how the packs were composed and how to change them.
package packs

import (
	"embed"
	"fmt"

	"attune/rules"
)

//go:embed *.yaml
var shipped embed.FS

// Files returns the shipped packs for rules.Compile, sorted by name. The error can only come from a broken build.
func Files() ([]rules.File, error) {
	files, err := rules.ReadDir(shipped, ".")
	if err != nil {
		return nil, fmt.Errorf("read the shipped packs: %w", err)
	}
	return files, nil
}
