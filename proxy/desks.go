package proxy

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"attune/proxy/handoff"
	"attune/proxy/webhook"
	"attune/proxy/wire"
)

// Desks are the places where handoffs go. A nil Desks is one console desk that
// answers to every name and never closes.
type Desks struct {
	byID map[string]desk
	// standard is the desk of what names none.
	standard string
}

// desk is one of them.
type desk struct {
	id       string
	kind     deskKind
	hours    []span
	zone     *time.Location
	capacity int // conversations at once; 0: no limit

	// How it is reached, as far as its kind needs that.
	address      *url.URL // of webhook and upstream
	target       string   // of backend; "": the profile's own
	secrets      []webhook.Secret
	timeout      time.Duration // of one attempt
	giveUp       time.Duration // for all attempts
	allowPrivate bool
	speaks       *wire.Profile // of upstream; nil: the route's
}

// reachedBy reports whether the desk, of kind backend, has the address that a
// profile's message for a handoff must name.
func (k *desk) reachedBy(p *wire.Profile) bool { return k.target != "" || !p.HandoffNeedsAddress() }

// deskKind says who is behind a desk.
type deskKind string

// The kinds of desks.
const (
	deskConsole  deskKind = "console"  // agents at the built-in page
	deskWebhook  deskKind = "webhook"  // another system, told by POST
	deskBackend  deskKind = "backend"  // the bot's own handoff
	deskUpstream deskKind = "upstream" // a second backend
)

var deskKinds = []deskKind{deskConsole, deskWebhook, deskBackend, deskUpstream}

// The times of a webhook desk, unless the file says otherwise: a receiver that
// needs longer for an attempt should answer first and work then, and a customer
// waits for no longer than this for a desk that may not exist.
const (
	attemptTimeout = 15 * time.Second
	giveUpAfter    = 2 * time.Minute
)

// Default is the desk of a handoff that names none.
func (d *Desks) Default() string {
	if d == nil {
		return handoff.DefaultDesk
	}
	return d.standard
}

// answers is the desk that answers to a name: without a file to every one, else the
// default desk to none and to a name that the file does not have. Somebody who is
// awaited at a desk that is none would be awaited for ever.
func (d *Desks) answers(name string) string {
	if name == "" || len(d.strange([]string{name})) > 0 {
		return d.Default()
	}
	return name
}

// strange are those of some names that a file does not have; none without a file.
func (d *Desks) strange(names []string) []string {
	if d == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, ok := d.byID[name]
		return ok || name == d.standard
	})
}

// of returns the desks of a kind, by id.
func (d *Desks) of(kind deskKind) []desk {
	if d == nil {
		return nil
	}
	var list []desk
	for _, id := range slices.Sorted(maps.Keys(d.byID)) {
		if k := d.byID[id]; k.kind == kind {
			list = append(list, k)
		}
	}
	return list
}

// WantTokens reports whether there are desks whose people have tokens: those who work at the console, and those who
// answer for a webhook.
func (d *Desks) WantTokens() bool {
	return d == nil || len(d.of(deskConsole))+len(d.of(deskWebhook)) > 0
}

// has reports whether something can be passed on to a desk. Without a file that is the
// default one: it answers to every name, but names are labels, so none is invented.
func (d *Desks) has(id string) bool { return slices.Contains(d.ids(), id) }

// ids are the desks of the file, sorted; the default one without a file.
func (d *Desks) ids() []string {
	if d == nil {
		return []string{handoff.DefaultDesk}
	}
	return slices.Sorted(maps.Keys(d.byID))
}

// span is opening time on one day of the week, in minutes of the day.
type span struct {
	day      time.Weekday
	from, to int
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
// is closed, since nobody would look there, but for the default one: without an
// entry that is the console, at all hours.
func (d *Desks) Open(id string, at time.Time) bool {
	if d == nil || id == "" {
		return true
	}
	k, ok := d.byID[id]
	if !ok {
		return id == d.standard
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
