package session

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands in a stored text in place of what was taken out.
const (
	cardMark  = "[card]"
	ibanMark  = "[iban]"
	mailMark  = "[email]"
	phoneMark = "[phone]"
)

// The lengths of card numbers (ISO/IEC 7812).
const cardMin, cardMax = 13, 19

const (
	// maxGap is how many separators may stand between two digits of one number.
	maxGap = 3
	// minDigits is how many digits a number has that is looked at.
	minDigits = 8
)

// Redact returns a text without payment cards, IBANs, e-mail addresses and
// phone numbers, each replaced by a mark in brackets.
//
//   - A card is any 13 to 19 digits that satisfy the Luhn check, also inside a
//     longer run and with spaces, dashes or dots between the digits. One in ten
//     long numbers satisfies it by chance and is lost: the safe side.
//   - An IBAN must have its country's length and satisfy its check digits, so that
//     order numbers stay.
//   - An e-mail address may have spaces around its @ when its domain has a dot.
//   - A phone number begins with +, 00 or 0, or is grouped as 3-3-4 digits.
//     A bare run of digits stays: it is an order number more often.
//
// The cost is linear in the length; a text with fewer than eight digits and no
// @ is returned as it is, without allocation. Redact(Redact(s)) == Redact(s).
func Redact(s string) string {
	digits, longest, at := 0, 0, false
	run, gap := 0, 0 // digits of the run at hand, and characters since the last of them
	for i := 0; i < len(s); {
		if i+8 <= len(s) && dull.hasEight(s[i:]) { // longer than any gap
			i, run = i+8, 0
			continue
		}
		c, n := s[i], 1
		digit := c-'0' < 10
		if c == '@' {
			at = true
		} else if c >= utf8.RuneSelf {
			var r rune
			r, n = utf8.DecodeRuneInString(s[i:])
			_, digit = digitOf(r)
			at = at || r == wideAt
		}
		i += n
		switch {
		case digit:
			digits++
			run, gap = run+1, 0
			longest = max(longest, run)
		case run > 0:
			if gap++; gap > maxGap {
				run = 0
			}
		}
	}
	if at {
		s = redactMail(s)
	}
	if digits < minDigits {
		return s
	}
	before := s
	s = redactIBAN(s)
	if longest >= minDigits {
		s = redactNumbers(s)
	}
	if at && s != before { // a number may have hidden that an address ends before it
		s = redactMail(s)
	}
	return s
}

// dull are the bytes that tell of nothing to take out: no digit, no @, nothing beyond ASCII.
var dull = func() (set byteSet) {
	for c := range utf8.RuneSelf {
		set[c] = c != '@' && (c < '0' || c > '9')
	}
	return set
}()

// digitOf returns the value of a decimal digit of any script.
func digitOf(r rune) (int, bool) {
	if r < utf8.RuneSelf {
		return int(r - '0'), r >= '0' && r <= '9'
	}
	// The digits of a script stand together, zero first, and every range of Nd
	// holds whole sets of ten.
	for _, t := range unicode.Nd.R16 {
		if r < rune(t.Lo) {
			return 0, false
		}
		if r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10, true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r < rune(t.Lo) {
			return 0, false
		}
		if r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10, true
		}
	}
	return 0, false
}

// separator reports whether people, or widgets, put r between the digits of one
// number.
func separator(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\v', '\f', '\r', '\u0085', '-', '.', '_', '/', '(', ')', ',', '·', '\u00ad', '\u2212', '\ufeff':
		return true
	}
	return r >= utf8.RuneSelf && (unicode.In(r, unicode.Z, unicode.Pd, unicode.Cf))
}

// digit is one digit of a run: its value and where it stands.
type digit struct {
	value      uint8
	start, end int
}

// redactNumbers takes cards and phone numbers out, run of digits by run.
func redactNumbers(s string) string {
	var out strings.Builder
	var run []digit
	done := 0 // s up to here is in out
	flush := func() {
		if len(run) >= minDigits {
			done = redactRun(&out, s, done, run)
		}
		run = run[:0]
	}
	gap := 0
	for i, r := range s {
		if v, ok := digitOf(r); ok {
			run = append(run, digit{value: uint8(v), start: i, end: i + utf8.RuneLen(r)}) //nolint:gosec // 0 to 9
			gap = 0
			continue
		}
		if len(run) == 0 {
			continue
		}
		if gap++; gap > maxGap || !separator(r) {
			flush()
			gap = 0
		}
	}
	flush()
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// redactRun writes s from done to the end of the run without its cards, then
// without the phone numbers among what is left. It returns how much of s is
// written.
func redactRun(out *strings.Builder, s string, done int, run []digit) int {
	left := 0
	for _, c := range cards(run) {
		done = redactPhone(out, s, done, run[left:c.start])
		out.WriteString(s[done:run[c.start].start])
		out.WriteString(cardMark)
		done, left = run[c.end-1].end, c.end
	}
	return redactPhone(out, s, done, run[left:])
}

// stretch is a part of a run of digits.
type stretch struct{ start, end int }

// cards returns the stretches of overlapping windows of 13 to 19 digits that
// satisfy the Luhn check, in order.
func cards(run []digit) []stretch {
	if len(run) < cardMin {
		return nil
	}
	// Prefix sums, with the doubling on even and on odd places, make every
	// window one subtraction.
	sums := make([][2]int, len(run)+1)
	for i, d := range run {
		v := int(d.value)
		twice := 2 * v
		if twice > 9 {
			twice -= 9
		}
		sums[i+1][i%2] = sums[i][i%2] + twice
		sums[i+1][1-i%2] = sums[i][1-i%2] + v
	}
	var found []stretch
	for i := 0; i+cardMin <= len(run); i++ {
		end := 0
		for n := cardMin; n <= cardMax && i+n <= len(run); n++ {
			// The last digit is not doubled, the one before it is.
			p := (i + n) % 2
			if (sums[i+n][p]-sums[i][p])%10 == 0 {
				end = i + n
			}
		}
		switch last := len(found) - 1; {
		case end == 0:
		case last >= 0 && i < found[last].end:
			found[last].end = max(found[last].end, end)
		default:
			found = append(found, stretch{start: i, end: end})
		}
	}
	return found
}

// redactPhone writes s from done without the phone number that the digits may
// be, and returns how much of s is written.
func redactPhone(out *strings.Builder, s string, done int, run []digit) int {
	if !phone(s, run) {
		return done
	}
	out.WriteString(strings.TrimRight(s[done:run[0].start], "+＋("))
	out.WriteString(phoneMark)
	return run[len(run)-1].end
}

// phone judges a run of digits by its beginning and by its groups.
func phone(s string, run []digit) bool {
	n := len(run)
	if n < 8 || n > 17 {
		return false
	}
	before := strings.TrimRight(s[:run[0].start], "( ")
	if strings.HasSuffix(before, "+") || strings.HasSuffix(before, "＋") {
		return n <= 15
	}
	groups, gaps := groupsOf(s, run)
	if strings.ContainsAny(gaps, ",_\n") {
		return false
	}
	if run[0].value == 0 {
		if run[1].value == 0 {
			return n >= 10
		}
		switch {
		case n < 9 || n > 12:
			return false
		case len(groups) == n, n == 10 && len(groups) == 5 && slices.Max(groups) == 2: // spelled, or by twos
			return true
		}
		date := len(groups) >= 3 && groups[0] <= 2 && groups[1] <= 2
		return groups[0] >= 2 && !date
	}
	// North America: 555-123-4567, also after a 1.
	k := len(groups)
	return k >= 3 && k <= 4 && groups[k-3] == 3 && groups[k-2] == 3 && groups[k-1] == 4 && (k == 3 || groups[0] == 1)
}

// groupsOf returns the lengths of the groups of digits and all that stands
// between them.
func groupsOf(s string, run []digit) (groups []int, gaps string) {
	size := 0
	for i, d := range run {
		if i > 0 && run[i-1].end != d.start {
			gaps += s[run[i-1].end:d.start]
			groups = append(groups, size)
			size = 0
		}
		size++
	}
	return append(groups, size), gaps
}
