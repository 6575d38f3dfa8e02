package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The format of packs is one table: format.go lists the keys of every mapping with what they mean and take. The decoder
// reads through it, and Schema prints it, so that what editors offer is what Compile accepts.

// shape is a mapping of the format.
type shape struct {
	name string // in the schema
	what string
	keys []key
	// open: other keys are allowed beside these, once this one is there
	open string
}

// key is a key of a shape.
type key struct {
	name  string
	what  string
	value value
	need  bool // required, unless the rule overrides one that has it
}

// value is what a key takes.
type value struct {
	kind      valueKind
	of        []string // of a choice
	low, high float64  // of a number
	standard  string   // what holds without the key, as JSON; "" when nothing does
	item      *value   // of a list and of names
	shape     *shape
	either    []value
}

type valueKind uint8

const (
	takesText       valueKind = iota
	takesWord                 // text that may look like a number
	takesID                   // becomes a metric label
	takesFlag                 // true or false
	takesNumber               // within low and high
	takesWhole                // the same, without a fraction
	takesChoice               // one of a closed list
	takesDate                 // a day
	takesShare                // a percentage
	takesList                 // of item; a text alone is a list of one
	takesSection              // a list of item, nothing else
	takesNames                // a mapping of ids to item
	takesMapping              // shape
	takesMatch                // matchShape, which holds matches itself
	takesEither               // any of either
	takesAnyMapping           // whatever
	takesConditions           // names with what they are compared with
)

func choice(of ...string) value           { return value{kind: takesChoice, of: of} }
func number(low, high float64) value      { return value{kind: takesNumber, low: low, high: high} }
func whole(low, high float64) value       { return value{kind: takesWhole, low: low, high: high} }
func listOf(v value) value                { return value{kind: takesList, item: &v} }
func sectionOf(v value) value             { return value{kind: takesSection, item: &v} }
func namesOf(v value) value               { return value{kind: takesNames, item: &v} }
func mappingOf(s *shape) value            { return value{kind: takesMapping, shape: s} }
func either(v ...value) value             { return value{kind: takesEither, either: v} }
func (v value) or(standard string) value  { v.standard = standard; return v }
func (v value) by(standard float64) value { return v.or(fmt.Sprintf("%g", standard)) }

var (
	plainText = value{kind: takesText}
	word      = value{kind: takesWord}
	anID      = value{kind: takesID}
	flag      = value{kind: takesFlag}
	date      = value{kind: takesDate}
	share     = value{kind: takesShare}
	aMatch    = value{kind: takesMatch}

	anyMapping = value{kind: takesAnyMapping}
	conditions = value{kind: takesConditions}
)

// key finds a key; the decoder asks for no others.
func (s *shape) key(name string) key {
	for _, k := range s.keys {
		if k.name == name {
			return k
		}
	}
	panic(fmt.Sprintf("rules: %s has no key %q in the table of the format", s.name, name))
}

func (s *shape) names() []string {
	out := make([]string, len(s.keys))
	for i, k := range s.keys {
		out[i] = k.name
	}
	return out
}

// holds tells whether a key only groups others: agents, beside agents.available.
func (s *shape) holds(name string) bool {
	return slices.ContainsFunc(s.keys, func(k key) bool { return strings.HasPrefix(k.name, name+".") })
}

// choices are the words a value is one of, or its items are.
func (v value) choices() []string {
	switch v.kind {
	case takesList, takesSection, takesNames:
		return v.item.choices()
	case takesEither:
		for _, e := range v.either {
			if of := e.choices(); of != nil {
				return of
			}
		}
	}
	return v.of
}

// jsonSchema is a schema of draft 2020-12, as far as packs need it.
type jsonSchema struct {
	Dialect     string                 `json:"$schema,omitempty"`
	Title       string                 `json:"title,omitempty"`
	Description string                 `json:"description,omitempty"`
	Ref         string                 `json:"$ref,omitempty"`
	Type        any                    `json:"type,omitempty"`
	Enum        []string               `json:"enum,omitempty"`
	Pattern     string                 `json:"pattern,omitempty"`
	Format      string                 `json:"format,omitempty"`
	MaxLength   int                    `json:"maxLength,omitempty"`
	Minimum     *float64               `json:"minimum,omitempty"`
	Maximum     *float64               `json:"maximum,omitempty"`
	Default     json.RawMessage        `json:"default,omitempty"`
	Items       *jsonSchema            `json:"items,omitempty"`
	Properties  map[string]*jsonSchema `json:"properties,omitempty"`
	Names       *jsonSchema            `json:"propertyNames,omitempty"`
	Further     any                    `json:"additionalProperties,omitempty"` // *jsonSchema or false
	Required    []string               `json:"required,omitempty"`
	AnyOf       []*jsonSchema          `json:"anyOf,omitempty"`
	Defs        map[string]*jsonSchema `json:"$defs,omitempty"`
}

// Schema returns the JSON Schema (draft 2020-12) of a pack, for editors: keys, what they mean, closed lists, ranges and
// what holds without them. It cannot tell whether references, patterns and conditions are right; Compile can.
func Schema() []byte {
	defs := map[string]*jsonSchema{}
	root := packShape.schema(defs)
	root.Dialect = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "Attune rule pack"
	root.Defs = defs
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("rules: the table of the format cannot be written: " + err.Error()) // it holds nothing but text and numbers
	}
	return append(out, '\n')
}

func (s *shape) schema(defs map[string]*jsonSchema) *jsonSchema {
	out := &jsonSchema{Description: s.what, Type: "object", Properties: map[string]*jsonSchema{}, Further: false}
	var required []string
	for _, k := range s.keys {
		v := k.value.schema(defs)
		v.Description = k.what
		out.Properties[k.name] = v
		if k.need {
			required = append(required, k.name)
		}
	}
	if _, rule := out.Properties["overrides"]; rule {
		out.Required = []string{"id"}
		required = slices.DeleteFunc(required, func(name string) bool { return name == "id" })
		out.AnyOf = []*jsonSchema{{Required: []string{"overrides"}}, {Required: required}}
		if len(required) == 0 {
			out.AnyOf = nil
		}
		return out
	}
	out.Required = required
	if s.open != "" {
		out.Further = nil
		out.AnyOf = s.detecting()
	}
	return out
}

func (v value) schema(defs map[string]*jsonSchema) *jsonSchema {
	out := &jsonSchema{Default: json.RawMessage(v.standard)}
	switch v.kind {
	case takesText:
		out.Type = "string"
	case takesWord:
		out.Type = []string{"string", "number", "boolean"}
	case takesID:
		out.Type, out.Pattern, out.MaxLength = "string", idPattern.String(), maxID
	case takesFlag:
		out.Type = "boolean"
	case takesNumber, takesWhole:
		out.Type, out.Minimum, out.Maximum = "number", &v.low, &v.high
		if v.kind == takesWhole {
			out.Type = "integer"
		}
	case takesChoice:
		out.Type, out.Enum = "string", v.of
	case takesDate:
		out.Type, out.Format, out.Pattern = "string", "date", `^\d{4}-\d{2}-\d{2}$`
	case takesShare:
		out.Type, out.Pattern = "string", percentForm.String()
	case takesList:
		item := v.item.schema(defs)
		out.AnyOf = []*jsonSchema{{Type: "array", Items: item}, item}
	case takesSection:
		out.Type, out.Items = []string{"array", "null"}, v.item.schema(defs)
	case takesNames:
		out.Type, out.Further = []string{"object", "null"}, v.item.schema(defs)
		out.Names = &jsonSchema{Pattern: idPattern.String(), MaxLength: maxID}
	case takesMatch:
		return mappingOf(matchShape).schema(defs)
	case takesMapping:
		name := strings.ReplaceAll(v.shape.name, " ", "-")
		if _, known := defs[name]; !known {
			defs[name] = &jsonSchema{} // a match holds matches
			defs[name] = v.shape.schema(defs)
		}
		out.Ref = "#/$defs/" + name
	case takesEither:
		for _, e := range v.either {
			out.AnyOf = append(out.AnyOf, e.schema(defs))
		}
	case takesAnyMapping:
		out.Type = "object"
	case takesConditions:
		out.Type, out.Names = "object", conditionKeys()
	}
	return out
}
