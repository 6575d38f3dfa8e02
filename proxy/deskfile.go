package proxy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"attune/proxy/handoff"
	"attune/proxy/webhook"
	"attune/proxy/wire"
)

// deskEntry is the format of one desk in ATTUNE_DESKS, by its id:
//
//	support:
//	  kind: console                     # console, webhook, backend or upstream
//	  zone: Europe/Dublin               # of the hours; none: UTC
//	  hours: ["Mon-Fri 08:00-18:00", "Sat 09:00-13:00"]   # none: always open
//	  capacity: 12                      # conversations at once; none: no limit
//	  default: true                     # takes what names no desk
//	helpdesk:
//	  kind: webhook
//	  address: https://help.example.com/attune
//	  secret: whsec_…                   # 24 to 64 random bytes in base64, or a list: each signs
//	  timeout: 15s                      # of one attempt
//	  give_up: 2m                       # how long a handoff is tried
//	  allow_private: true               # addresses of one's own network, also by http
//	voice:
//	  kind: backend                     # the protocol's own handoff message
//	  address: support-queue            # optional: where that shall lead
//	branch:
//	  kind: upstream                    # a second backend takes over
//	  address: wss://agents.example.com/ws
//	  profile: json                     # name or file; none: the route's own
type deskEntry struct {
	Kind     string   `yaml:"kind"`
	Zone     string   `yaml:"zone"`
	Hours    []string `yaml:"hours"`
	Capacity int      `yaml:"capacity"`
	Default  bool     `yaml:"default"`

	Address      string        `yaml:"address"`
	Secret       oneOrMore     `yaml:"secret"`
	Timeout      time.Duration `yaml:"timeout"`
	GiveUp       time.Duration `yaml:"give_up"`
	AllowPrivate bool          `yaml:"allow_private"`
	Profile      string        `yaml:"profile"`
}

// oneOrMore is a text, or a list of texts.
type oneOrMore []string

// UnmarshalYAML implements [yaml.InterfaceUnmarshaler].
func (o *oneOrMore) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*o = oneOrMore{one}
		return nil
	}
	var more []string
	if err := unmarshal(&more); err != nil {
		return errors.New("want a text or a list of texts")
	}
	*o = more
	return nil
}

// deskID is what a desk may be called: it stands in keys, labels and rules.
var deskID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// ParseDesks reads the desks of a file; name stands in errors. Every fault is
// reported at once, with the desk's name, and none quotes a secret.
func ParseDesks(name string, data []byte) (*Desks, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, false))
	}
	d := &Desks{byID: map[string]desk{}}
	var faults []error
	var defaults []string
	for _, entry := range desksOf(file) {
		id := keyOf(entry)
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("%s: desk %q: %w", name, id, fmt.Errorf(format, args...)))
		}
		if !deskID.MatchString(id) {
			fault("want a name of letters, digits, _, . and -, at most 64")
		}
		var e deskEntry
		read := readEntry(entry.Value, &e)
		for _, unread := range read.faults {
			fault("%s", unread)
		}
		d.byID[id] = e.desk(id, func(format string, args ...any) {
			if err := fmt.Errorf(format, args...); read.tells(err.Error()) {
				fault("%w", err)
			}
		})
		if e.Default {
			defaults = append(defaults, id)
		}
	}
	if len(d.byID) == 0 && len(faults) == 0 {
		return nil, fmt.Errorf("%s: no desks: write them by their names, each with a kind", name)
	}
	switch {
	case len(defaults) > 1:
		faults = append(faults, fmt.Errorf("%s: desks %s: only one can be the default", name, strings.Join(defaults, ", ")))
	case len(defaults) == 1:
		d.standard = defaults[0]
	case len(d.byID) == 1:
		d.standard = keyOf(desksOf(file)[0])
	default:
		d.standard = handoff.DefaultDesk
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return d, nil
}

// desksOf returns the entries of the file's mapping, none when it has another
// shape.
func desksOf(file *ast.File) []*ast.MappingValueNode {
	if len(file.Docs) != 1 {
		return nil
	}
	if m, ok := file.Docs[0].Body.(*ast.MappingNode); ok {
		return m.Values
	}
	return nil
}

func keyOf(entry *ast.MappingValueNode) string { return entry.Key.GetToken().Value }

// desk checks an entry and returns what it says.
func (e *deskEntry) desk(id string, fault func(format string, args ...any)) desk {
	k := desk{id: id, kind: deskKind(e.Kind), capacity: e.Capacity, allowPrivate: e.AllowPrivate}
	if !slices.Contains(deskKinds, k.kind) {
		fault("kind %q: want console, webhook, backend or upstream", e.Kind)
	}
	var err error
	if k.zone, err = time.LoadLocation(e.Zone); err != nil {
		fault("zone %q is not known: want a name like Europe/Dublin", e.Zone)
	}
	for _, h := range e.Hours {
		spans, err := parseHours(h)
		if err != nil {
			fault("hours %q: %w", h, err)
		}
		k.hours = append(k.hours, spans...)
	}
	if e.Capacity < 0 {
		fault("capacity %d: want how many conversations at once, or nothing for no limit", e.Capacity)
	}
	e.reach(&k, fault)
	return k
}

// reach checks how the desk is reached.
func (e *deskEntry) reach(k *desk, fault func(format string, args ...any)) {
	for _, key := range []struct {
		name  string
		given bool
	}{
		{"address", e.Address != ""},
		{"secret", len(e.Secret) > 0},
		{"timeout", e.Timeout != 0},
		{"give_up", e.GiveUp != 0},
		{"allow_private", e.AllowPrivate},
		{"profile", e.Profile != ""},
	} {
		if means, known := deskKeys[k.kind]; known && key.given && !slices.Contains(means, key.name) {
			fault("%s has no meaning for kind %s", key.name, k.kind)
		}
	}
	var err error
	switch k.kind {
	case deskWebhook:
		if k.address, err = webhook.ParseAddress(e.Address, e.AllowPrivate); err != nil {
			fault("address: %w", err)
		}
		for i, s := range e.Secret {
			secret, err := webhook.ParseSecret(s)
			if err != nil {
				fault("secret %d: %w", i+1, err)
			}
			k.secrets = append(k.secrets, secret)
		}
		if len(e.Secret) == 0 {
			fault("secret is missing: want whsec_ and 24 to 64 random bytes in base64")
		}
		k.timeout = within(e.Timeout, attemptTimeout, time.Second, time.Minute, "timeout", fault)
		k.giveUp = within(e.GiveUp, giveUpAfter, time.Second, queueWait, "give_up", fault)
	case deskUpstream:
		if k.address, err = ParseBackend(e.Address); err != nil {
			fault("address: %w", err)
		}
		if e.Profile != "" {
			if k.speaks, err = wire.Lookup(e.Profile); err != nil {
				fault("profile: %w", err)
			} else if !k.speaks.ToBackend() {
				fault("profile: %s has no inject: to_backend, by which Attune could say something there", e.Profile)
			}
		}
	case deskBackend:
		k.target = e.Address
	case deskConsole:
	}
}

// deskKeys are the keys that say how a desk of a kind is reached.
var deskKeys = map[deskKind][]string{
	deskConsole:  nil,
	deskWebhook:  {"address", "secret", "timeout", "give_up", "allow_private"},
	deskBackend:  {"address"},
	deskUpstream: {"address", "profile"},
}

// within returns a duration of the file, or what stands for none.
func within(d, none, least, most time.Duration, key string, fault func(format string, args ...any)) time.Duration {
	switch {
	case d == 0:
		return none
	case d < least || d > most:
		fault("%s %v: want %v to %v", key, d, least, most)
	}
	return d
}
