package session

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wideAt is the @ of East Asian keyboards.
const wideAt = '＠'

// redactMail takes e-mail addresses out.
func redactMail(s string) string {
	var out strings.Builder
	done := 0
	for i, r := range s {
		if r != '@' && r != wideAt || i < done {
			continue
		}
		before := strings.TrimRightFunc(s[done:i], space)
		behind := strings.TrimLeftFunc(s[i+utf8.RuneLen(r):], space)
		local, domain := localOf(before), domainOf(behind)
		if local == "" || domain == "" {
			continue
		}
		dot := strings.LastIndexByte(domain, '.')
		top := domain[dot+1:]
		apart := done+len(before) < i || len(s)-len(behind) > i+utf8.RuneLen(r)
		if dot < 0 && (apart || utf8.RuneCountInString(top) < 2) || apart && !isName(top) { // "3 @ 5.00" is a price
			continue
		}
		out.WriteString(before[:len(before)-len(local)])
		out.WriteString(mailMark)
		done = len(s) - len(behind) + len(domain)
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// space reports whether r may stand around an @, seen or unseen.
func space(r rune) bool { return unicode.In(r, unicode.Z, unicode.Cf) }

// isName reports whether a top-level domain could be one.
func isName(top string) bool {
	return utf8.RuneCountInString(top) >= 2 && strings.IndexFunc(top, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// localOf is the end of s that may stand before an @.
func localOf(s string) string {
	return s[len(strings.TrimRightFunc(s, func(r rune) bool { return mailRune(r) || strings.ContainsRune("+%'&!#$*=?^`{|}~_", r) })):]
}

// domainOf is the beginning of s that may stand behind an @.
func domainOf(s string) string {
	if end := strings.IndexFunc(s, func(r rune) bool { return !mailRune(r) }); end >= 0 {
		s = s[:end]
	}
	return strings.TrimRight(s, ".-")
}

func mailRune(r rune) bool {
	return r == '.' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
