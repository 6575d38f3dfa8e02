package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Load reads the configuration from an environment. It returns every fault
// at once, and warnings about variables that are empty or that nobody reads.
// The Config is complete, with defaults where a value was faulty, so that it
// can be shown. No fault quotes a secret.
func Load(environ map[string]string) (c Config, warnings, faults []advise) {
	vars := variables()
	given, warnings := filled(environ, vars)
	err := env.ParseWithOptions(&c, env.Options{Environment: given, FuncMap: parsers})
	var all env.AggregateError
	if errors.As(err, &all) {
		for _, e := range all.Errors {
			faults = append(faults, parseFault(vars, e))
		}
	} else if err != nil {
		faults = append(faults, advise{problem: err.Error()})
	}
	if len(faults) > 0 {
		c = withDefaults(given, vars, faults)
	}
	c.Origins, c.TrustedProxies = trim(c.Origins), trim(c.TrustedProxies)
	faults = append(faults, check(c, faults)...)
	return c, append(warnings, unknown(environ, vars)...), faults
}

// filled is the environment without our variables that are empty, which count
// as unset: templates and compose files pass on what nobody filled in. Since
// some may have been meant as "off", each is told of.
func filled(environ map[string]string, vars []variable) (map[string]string, []advise) {
	given := maps.Clone(environ)
	var warnings []advise
	for _, v := range vars {
		value, set := environ[v.name]
		if !set || strings.TrimSpace(value) != "" {
			continue
		}
		delete(given, v.name)
		a := advise{v.name + " is empty and counts as unset", "unset it, or give it a value"}
		if v.value != "" {
			a.hint += "; the default is " + v.value
		}
		warnings = append(warnings, a)
	}
	return given, warnings
}

// trim drops the spaces around the items of a list, and empty items.
func trim(list []string) []string {
	var kept []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// withDefaults parses again without the variables at fault.
func withDefaults(given map[string]string, vars []variable, faults []advise) Config {
	for _, v := range vars {
		if blamed(faults, v.name) {
			delete(given, v.name)
		}
	}
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Environment: given, FuncMap: parsers}); err != nil {
		return Config{}
	}
	return c
}

// blamed tells whether a fault is about the variable already.
func blamed(faults []advise, name string) bool {
	return slices.ContainsFunc(faults, func(a advise) bool {
		first, _, _ := strings.Cut(a.problem, " ")
		return strings.TrimSuffix(first, ":") == name
	})
}

// parsers read the types of Config that are not ours, with messages for
// people.
var parsers = map[reflect.Type]env.ParserFunc{
	reflect.TypeFor[time.Duration](): func(s string) (any, error) {
		d, err := time.ParseDuration(strings.TrimSpace(s))
		if err != nil || d < 0 {
			return nil, advise{fmt.Sprintf("%q is not a duration", s), "write a number with a unit: 30s, 10m, 1h30m"}
		}
		return d, nil
	},
	reflect.TypeFor[int](): func(s string) (any, error) {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 0 {
			return nil, advise{fmt.Sprintf("%q is not a number", s), "write a whole number from 0"}
		}
		return n, nil
	},
}

// parseFault turns an error of the env package, which names a field of
// Config, into one that names the variable.
func parseFault(vars []variable, err error) advise {
	var parse env.ParseError
	if !errors.As(err, &parse) {
		return advise{problem: err.Error()}
	}
	i := slices.IndexFunc(vars, func(v variable) bool { return v.field == parse.Name })
	if i < 0 {
		return advise{problem: "the configuration cannot be read"}
	}
	var a advise
	if vars[i].secret || !errors.As(parse.Err, &a) {
		a = advise{problem: "cannot be read"}
	}
	return advise{vars[i].name + ": " + a.problem, a.hint}
}

// variable is one field of Config, seen as documentation.
type variable struct {
	name, value, help string // value is the default
	field             string
	secret            bool
}

// variables lists the fields of Config in their order.
func variables() []variable {
	var all []variable
	for f := range reflect.TypeFor[Config]().Fields() {
		all = append(all, variable{
			name: f.Tag.Get("env"), value: f.Tag.Get("envDefault"), help: f.Tag.Get("help"),
			field: f.Name, secret: f.Type == reflect.TypeFor[Secret](),
		})
	}
	return all
}

// foreign matches what is not meant for us: Kubernetes tells each pod about
// the services around it, and one of them may be called attune.
var foreign = regexp.MustCompile(`^ATTUNE_(TEST_.*|([A-Z0-9_]+_)?(SERVICE_(HOST|PORT)(_.*)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_.*)?)?))$`)

// unknown warns about ATTUNE_ variables that nobody reads.
func unknown(environ map[string]string, vars []variable) []advise {
	var all []advise
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if !strings.HasPrefix(name, "ATTUNE_") || foreign.MatchString(name) {
			continue
		}
		if slices.ContainsFunc(vars, func(v variable) bool { return v.name == name }) {
			continue
		}
		a := advise{name + " is not a variable of Attune and has no effect", "`attune config` lists them all"}
		if near := nearest(name, vars); near != "" {
			a.hint = "did you mean " + near + "?"
		}
		all = append(all, a)
	}
	return all
}

// nearest finds the variable that a name was probably meant to be, or "".
func nearest(name string, vars []variable) string {
	// A word left out or one too many: ATTUNE_REDIS, ATTUNE_MODE_DEFAULT.
	for _, v := range vars {
		if strings.HasPrefix(v.name, name+"_") || strings.HasPrefix(name, v.name+"_") {
			return v.name
		}
	}
	best, at := "", 4 // more than three slips is another word
	for _, v := range vars {
		if d := distance(name, v.name); d < at {
			best, at = v.name, d
		}
	}
	return best
}

// distance is the number of single-byte edits between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
