package main

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"attune/proxy/transport"
)

// Bytes is a size: digits, then nothing or a unit (KiB, MiB, GiB, or KB, MB,
// GB in powers of ten).
type Bytes int64

// units from the largest to the smallest, so that String finds the shortest.
var units = []struct {
	name string
	size int64
}{
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1},
}

// UnmarshalText reads a size; the case of the unit does not matter.
func (b *Bytes) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	digits := strings.TrimRightFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	unit := strings.TrimSpace(s[len(digits):])
	factor := int64(1)
	if unit != "" {
		factor = 0
		for _, u := range units {
			if strings.EqualFold(u.name, unit) {
				factor = u.size
			}
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || factor == 0 || n < 0 {
		return advise{fmt.Sprintf("%q is not a size", s), "write bytes, or a number with KiB, MiB or GiB: 64KiB"}
	}
	if n > math.MaxInt64/factor {
		return advise{fmt.Sprintf("%q is too large", s), "use 0 for no limit"}
	}
	*b = Bytes(n * factor)
	return nil
}

// Set reads a size given as a flag.
func (b *Bytes) Set(text string) error { return b.UnmarshalText([]byte(text)) }

// Type names the value in a command's help.
func (b *Bytes) Type() string { return "size" }

// String writes the size in the largest binary unit that divides it.
func (b Bytes) String() string {
	for _, u := range units[:3] {
		if b != 0 && int64(b)%u.size == 0 {
			return strconv.FormatInt(int64(b)/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// Size is a number of bytes, or [AutoSize].
type Size int64

// AutoSize stands for a size that is worked out at start.
const AutoSize Size = -1

// UnmarshalText reads "auto" or a size.
func (s *Size) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*s = AutoSize
		return nil
	}
	var b Bytes
	if err := b.UnmarshalText(text); err != nil {
		return err
	}
	*s = Size(b)
	return nil
}

// String is the inverse of UnmarshalText.
func (s Size) String() string {
	if s == AutoSize {
		return "auto"
	}
	return Bytes(s).String()
}

// Count is a limit that Attune can work out by itself.
type Count int

// AutoCount stands for a limit to be worked out.
const AutoCount Count = -1

// UnmarshalText reads "auto" or a number, 0 or more.
func (c *Count) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*c = AutoCount
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 {
		return advise{fmt.Sprintf("%q is not a number", text), "write auto, or a whole number from 0"}
	}
	*c = Count(n)
	return nil
}

// String is the inverse of UnmarshalText.
func (c Count) String() string {
	if c == AutoCount {
		return "auto"
	}
	return strconv.Itoa(int(c))
}

// Steps are three times after which something happens, each longer than the one
// before; 0 leaves a step out.
type Steps [3]time.Duration

// UnmarshalText reads three durations with commas between them.
func (s *Steps) UnmarshalText(text []byte) error {
	wrong := advise{fmt.Sprintf("%q are not three durations that grow", text), "write them with commas, as in 8s,20s,40s; 0 leaves one out"}
	parts := strings.Split(string(text), ",")
	if len(parts) != len(s) {
		return wrong
	}
	var got Steps
	last := time.Duration(0)
	for i, p := range parts {
		d, err := time.ParseDuration(strings.TrimSpace(p))
		if err != nil || d < 0 || d > 0 && d <= last {
			return wrong
		}
		if got[i] = d; d > 0 {
			last = d
		}
	}
	*s = got
	return nil
}

// String is the inverse of UnmarshalText.
func (s Steps) String() string {
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = d.String()
	}
	return strings.Join(parts, ",")
}

// Level is the least important kind of log line that is written.
type Level slog.Level

// UnmarshalText reads debug, info, warn or error.
func (l *Level) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "debug":
		*l = Level(slog.LevelDebug)
	case "info":
		*l = Level(slog.LevelInfo)
	case "warn":
		*l = Level(slog.LevelWarn)
	case "error":
		*l = Level(slog.LevelError)
	default:
		return advise{fmt.Sprintf("%q is not a level", text), "use debug, info, warn or error"}
	}
	return nil
}

// Transport is how conversations are run.
type Transport transport.Kind

// UnmarshalText reads auto or goroutines.
func (t *Transport) UnmarshalText(text []byte) error {
	if err := (*transport.Kind)(t).UnmarshalText(text); err != nil {
		return advise{err.Error(), "use auto or goroutines"}
	}
	return nil
}

// String is the inverse of UnmarshalText.
func (t Transport) String() string { return transport.Kind(t).String() }

// Secret is a value that must not be shown. Every way of printing it hides
// it; a conversion to string reveals it.
type Secret string

const hidden = "(hidden)"

// String hides the value, also from %v, %s and %q.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the value from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the value from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
