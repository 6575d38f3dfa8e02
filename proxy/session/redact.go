package session

import (
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

// The lengths of card numbers (ISO/IEC 7812) and of IBANs (ISO 13616).
const (
	cardMin, cardMax = 13, 19
	ibanMin, ibanMax = 15, 34
)

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
//   - An IBAN must satisfy its check digits, so that order numbers stay.
//   - A phone number begins with +, 00 or 0, or is grouped as 3-3-4 digits.
//     A bare run of digits stays: it is an order number more often.
//
// The cost is linear in the length; a text with fewer than eight digits and no
// @ is returned as it is, without allocation. Redact(Redact(s)) == Redact(s).
func Redact(s string) string {
	digits, longest, at := 0, 0, false
	run, gap := 0, 0 // digits of the run at hand, and characters since the last of them
	for i := 0; i < len(s); {
		c, n := s[i], 1
		digit := c-'0' < 10
		if c == '@' {
			at = true
		} else if c >= utf8.RuneSelf {
			var r rune
			r, n = utf8.DecodeRuneInString(s[i:])
			_, digit = digitOf(r)
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
	s = redactIBAN(s)
	if longest < minDigits {
		return s
	}
	return redactNumbers(s)
}

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
	start := run[0].start
	for start > done && (s[start-1] == '+' || s[start-1] == '(') {
		start--
	}
	out.WriteString(s[done:start])
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
	if strings.HasSuffix(before, "+") {
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
		date := len(groups) >= 3 && groups[0] <= 2 && groups[1] <= 2
		return n >= 9 && n <= 12 && groups[0] >= 2 && !date
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

// redactMail takes e-mail addresses out.
func redactMail(s string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '@' {
			continue
		}
		start := i
		for start > done {
			r, n := utf8.DecodeLastRuneInString(s[done:start])
			if !mailRune(r) && !strings.ContainsRune("+%'&!#$*=?^`{|}~", r) {
				break
			}
			start -= n
		}
		end, dot, tail := i+1, false, 0
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if !mailRune(r) || r == '_' {
				break
			}
			if r == '.' {
				dot, tail = true, 0
			} else {
				tail++
			}
			end += n
		}
		for end > i+1 && (s[end-1] == '.' || s[end-1] == '-') {
			end--
		}
		if start == i || end == i+1 || !dot && tail < 2 {
			continue
		}
		out.WriteString(s[done:start])
		out.WriteString(mailMark)
		done = end
		i = end - 1
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

func mailRune(r rune) bool {
	return r == '.' || r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// redactIBAN takes account numbers out: two letters, two digits, then letters
// and digits, also in groups, when the check digits hold.
func redactIBAN(s string) string {
	var out strings.Builder
	done := 0
	for i := 0; i+ibanMin <= len(s); i++ {
		if !letter(s[i]) || !letter(s[i+1]) || i > 0 && letter(s[i-1]) {
			continue
		}
		end := ibanEnd(s[i:])
		if end == 0 {
			continue
		}
		out.WriteString(s[done:i])
		out.WriteString(ibanMark)
		done = i + end
		i = done - 1
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// ibanEnd returns the length of the longest IBAN at the beginning of s, or 0.
func ibanEnd(s string) int {
	var head [4]byte
	n, rest, end, gap := 0, 0, 0, 0
	for i := 0; i < len(s) && n < ibanMax; i++ {
		c := s[i]
		if !letter(c) && !decimal(c) {
			if n < 2 || gap > 0 || c != ' ' && c != '-' && c != '.' {
				break
			}
			gap++
			continue
		}
		gap = 0
		if n < len(head) {
			if letter(c) != (n < 2) {
				return 0
			}
			head[n] = c
			n++
			continue
		}
		rest = ibanAdd(rest, c)
		n++
		// The check runs over the number with its head moved to the end. The end
		// must be the end of a word, or text behind would hide the number.
		check := rest
		for _, h := range head {
			check = ibanAdd(check, h)
		}
		if n >= ibanMin && check == 1 && (i+1 == len(s) || !decimal(s[i+1])) {
			end = i + 1
		}
	}
	return end
}

// ibanAdd appends one letter or digit to a number of which only the remainder
// by 97 is kept.
func ibanAdd(rest int, c byte) int {
	if decimal(c) {
		return (rest*10 + int(c-'0')) % 97
	}
	return (rest*100 + int(c|0x20-'a') + 10) % 97
}

func letter(c byte) bool  { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func decimal(c byte) bool { return c >= '0' && c <= '9' }
