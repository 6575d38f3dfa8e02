package session

import (
	"strings"
	"unicode/utf8"
)

// ibanLengths are the countries that have IBANs and how many characters one has
// there (the registry of ISO 13616).
var ibanLengths = map[[2]byte]int{}

func init() {
	const registry = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 " +
		"ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 " +
		"LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 " +
		"SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
	for entry := range strings.FieldsSeq(registry) {
		ibanLengths[[2]byte{entry[0], entry[1]}] = int(entry[2]-'0')*10 + int(entry[3]-'0')
	}
}

// ibanDigits is how many decimal digits an IBAN has at least behind its check digits:
// words behind a country's letters and a number are none.
const ibanDigits = 8

// redactIBAN takes account numbers out: the letters of a country, two check digits,
// and as many letters and digits as that country's have, when the check digits hold;
// also in groups, or with other letters and digits around.
func redactIBAN(s string) string {
	var out strings.Builder
	done := 0
	letters, at := 0, [2]int{} // how many letters stand before, and where the last two do
	for i, r := range s {
		if i < done {
			continue
		}
		switch c := ibanChar(r); {
		case c == 0:
		case letter(c):
			letters++
			at[0], at[1] = at[1], i
		case letters < 2:
			letters = 0
		default: // only here may one have begun
			letters = 0
			if end := ibanEnd(s[at[0]:]); end > 0 {
				out.WriteString(s[done:at[0]])
				out.WriteString(ibanMark)
				done = at[0] + end
			}
		}
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// ibanEnd returns the length of the IBAN at the beginning of s, or 0.
func ibanEnd(s string) int {
	var head [4]byte
	n, want, rest, digits, gap := 0, 0, 0, 0, 0
	for i, r := range s {
		c := ibanChar(r)
		if c == 0 {
			if gap++; gap > maxGap || !separator(r) {
				return 0
			}
			continue
		}
		gap = 0
		if n < len(head) {
			if letter(c) != (n < 2) {
				return 0
			}
			head[n] = c
			if n++; n == 2 {
				if want = ibanLengths[[2]byte(head[:2])]; want == 0 {
					return 0
				}
			}
			continue
		}
		if !letter(c) {
			digits++
		}
		rest = ibanAdd(rest, c)
		if n++; n < want {
			continue
		}
		for _, h := range head { // the check runs over the number with its head moved to the end
			rest = ibanAdd(rest, h)
		}
		if rest != 1 || digits < ibanDigits {
			return 0
		}
		return i + utf8.RuneLen(r)
	}
	return 0
}

// ibanChar returns a letter, large, or a digit of any script as one of ASCII, else 0.
func ibanChar(r rune) byte {
	if v, ok := digitOf(r); ok {
		return byte('0' + v) //nolint:gosec // 0 to 9
	}
	if r >= 'Ａ' && r <= 'ｚ' { // full-width forms
		r -= 'Ａ' - 'A'
	}
	if r < utf8.RuneSelf && letter(byte(r)) { //nolint:gosec // ASCII
		return byte(r) &^ 0x20 //nolint:gosec // ASCII
	}
	return 0
}

// ibanAdd appends one letter or digit to a number of which only the remainder
// by 97 is kept.
func ibanAdd(rest int, c byte) int {
	if letter(c) {
		return (rest*100 + int(c|0x20-'a') + 10) % 97
	}
	return (rest*10 + int(c-'0')) % 97
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
