package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Desks are the places where handoffs go. A nil Desks is one console desk that
// answers to every name and never closes.
type Desks struct{ byID map[string]desk }

type desk struct {
	hours []span
	zone  *time.Location
}

// span is opening time on one day of the week, in minutes of the day.
type span struct {
	day      time.Weekday
	from, to int
}

// deskEntry is the format of one desk in ATTUNE_DESKS:
//
//	support:
//	  kind: console
//	  zone: Europe/Dublin
//	  hours: ["Mon-Fri 08:00-18:00", "Sat 09:00-13:00"]   # none: always open
type deskEntry struct {
	Kind  string   `yaml:"kind"`
	Zone  string   `yaml:"zone"`
	Hours []string `yaml:"hours"`
}

// ParseDesks reads the desks of a file; name stands in errors. Every fault is
// reported at once.
func ParseDesks(name string, data []byte) (*Desks, error) {
	var entries map[string]deskEntry
	d := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	if err := d.Decode(&entries); err != nil {
		return nil, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, true))
	}
	desks := &Desks{byID: map[string]desk{}}
	var faults []error
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		e := entries[id]
		if e.Kind != "console" {
			faults = append(faults, fmt.Errorf("%s: desk %q: kind %q: want console", name, id, e.Kind))
		}
		zone, err := time.LoadLocation(e.Zone)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: desk %q: zone %q is not known: want a name like Europe/Dublin", name, id, e.Zone))
		}
		k := desk{zone: zone}
		for _, h := range e.Hours {
			spans, err := parseHours(h)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: desk %q: hours %q: %w", name, id, h, err))
			}
			k.hours = append(k.hours, spans...)
		}
		desks.byID[id] = k
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return desks, nil
}

var days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseHours reads "Mon-Fri 08:00-18:00" or "Sat 09:00-13:00".
func parseHours(s string) ([]span, error) {
	wrong := errors.New(`want days and times, like "Mon-Fri 08:00-18:00"`)
	which, when, ok := strings.Cut(s, " ")
	if !ok {
		return nil, wrong
	}
	first, last, ranged := strings.Cut(strings.ToLower(which), "-")
	if !ranged {
		last = first
	}
	a, b := slices.Index(days, first), slices.Index(days, last)
	start, end, ok := strings.Cut(when, "-")
	from, err1 := time.Parse("15:04", start)
	to, err2 := time.Parse("15:04", strings.Replace(end, "24:00", "00:00", 1))
	if a < 0 || b < 0 || !ok || err1 != nil || err2 != nil {
		return nil, wrong
	}
	until := to.Hour()*60 + to.Minute()
	if until == 0 {
		until = 24 * 60
	}
	if from.Hour()*60+from.Minute() >= until {
		return nil, errors.New("it ends before it begins")
	}
	var spans []span
	for day := a; ; day = (day + 1) % 7 {
		spans = append(spans, span{time.Weekday(day), from.Hour()*60 + from.Minute(), until})
		if day == b {
			return spans, nil
		}
	}
}

// Open reports whether a desk is open at a time. A desk that is not in the file
// is closed: nobody would look there.
func (d *Desks) Open(id string, at time.Time) bool {
	if d == nil || id == "" {
		return true
	}
	k, ok := d.byID[id]
	if !ok {
		return false
	}
	if len(k.hours) == 0 {
		return true
	}
	at = at.In(k.zone)
	minute := at.Hour()*60 + at.Minute()
	for _, h := range k.hours {
		if h.day == at.Weekday() && h.from <= minute && minute < h.to {
			return true
		}
	}
	return false
}
