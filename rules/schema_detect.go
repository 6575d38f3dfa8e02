package rules

import (
	"regexp"
	"strings"
)

// detecting are the ways in which a match may be written, by its detector: without one only its own keys are known, and
// each detector adds its parameters.
func (s *shape) detecting() []*jsonSchema {
	ways := []*jsonSchema{{Names: &jsonSchema{Enum: s.names()}}}
	for _, d := range detectorList() {
		way := &jsonSchema{
			Description: d.doc,
			Properties:  map[string]*jsonSchema{s.open: {Enum: []string{d.name}}},
			Names:       &jsonSchema{Enum: s.names()},
			Required:    []string{s.open},
		}
		for _, p := range d.params {
			way.Properties[p.name] = p.schema()
			way.Names.Enum = append(way.Names.Enum, p.name)
		}
		if len(d.params) > 0 {
			ways = append(ways, way)
		}
	}
	return ways
}

func (p *paramSpec) schema() *jsonSchema {
	out := &jsonSchema{Description: p.doc}
	switch p.kind {
	case paramCount:
		out.Type, out.Minimum, out.Maximum = "integer", &p.low, &p.high
	case paramShare:
		out.Type, out.Minimum, out.Maximum = "number", &p.low, &p.high
	case paramChoice:
		out.Type, out.Enum = "string", p.choices
	case paramText:
		out.Type = []string{"string", "number"}
	}
	return out
}

// conditionKeys is what stands before the colons of a condition that is written as a mapping: a name, or a function of it.
func conditionKeys() *jsonSchema {
	names := conditionNames()
	for i, n := range names {
		names[i] = regexp.QuoteMeta(n)
	}
	return &jsonSchema{Pattern: `^(` + strings.Join(names, "|") + `)$|\(.*\)`}
}
