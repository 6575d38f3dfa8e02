package proxy

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// entry is one mapping of a file that an operator writes: a desk, a route.
type entry struct {
	// faults are the keys that could not be read, each with its place.
	faults []string
	// sound are the keys that could, where there are faults.
	sound []string
}

// readEntry fills a struct from a mapping, strictly. Where that fails it goes key by key, so that one fault does not
// hide the others.
func readEntry(node ast.Node, into any) entry {
	err := yaml.NodeToValue(node, into, yaml.Strict())
	if err == nil {
		return entry{}
	}
	var e entry
	if m, ok := node.(*ast.MappingNode); ok {
		for _, v := range m.Values {
			if err := yaml.NodeToValue(v, into, yaml.Strict()); err != nil {
				e.faults = append(e.faults, yaml.FormatError(err, false, false))
			} else {
				e.sound = append(e.sound, keyOf(v))
			}
		}
	}
	if len(e.faults) == 0 { // it is about the whole
		return entry{faults: []string{yaml.FormatError(err, false, false)}}
	}
	return e
}

// tells reports whether a fault, which begins with the key that it is about, is worth telling: not where it may come
// from what could not be read.
func (e *entry) tells(fault string) bool {
	return len(e.faults) == 0 || slices.ContainsFunc(e.sound, func(key string) bool { return strings.HasPrefix(fault, key) })
}
