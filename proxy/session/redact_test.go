package session_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"attune/proxy/session"
)

func TestRedact(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing to do", "my order 12345 has not come", "my order 12345 has not come"},
		{"empty", "", ""},
		{"card", "4111111111111111", "[card]"},
		{"card in groups", "my card is 4111 1111 1111 1111, please", "my card is [card], please"},
		{"card with dashes", "4111-1111-1111-1111!", "[card]!"},
		{"card with dots and double spaces", "4111. 1111 . 1111  1111", "[card]"},
		{"card over lines", "4111 1111\n1111 1111", "[card]"},
		{"card, 15 digits", "amex 3782 822463 10005", "amex [card]"},
		{"card, 13 digits", "4222222222222", "[card]"},
		{"card, 19 digits", "6304000000000000000", "[card]"},
		{"card behind other digits", "11: 4111 1111 1111 1111", "11: [card]"},
		{"card in a longer run", "11 4111 1111 1111 1111", "[card]"},
		{"card in full-width digits", "４１１１１１１１１１１１１１１１", "[card]"},
		{"card in Arabic-Indic digits", "٤١١١١١١١١١١١١١١١", "[card]"},
		{"card with zero-width characters", "4111\u200b1111\u200b1111\u200b1111", "[card]"},
		{"card with a no-break space", "4111\u00a01111\u00a01111\u00a01111", "[card]"},
		{"two cards", "4111111111111111 and 5555555555554444", "[card] and [card]"},
		{"no card: the check fails", "order 1111111111111111", "order 1111111111111111"},
		{"letters end a number", "4111x1111x1111x1111", "4111x1111x1111x1111"},
		{"card right behind an address", "a @ b.de4111111111111111", "[email][card]"},
		{"iban", "DE89370400440532013000", "[iban]"},
		{"iban in groups", "to GB29 NWBK 6016 1331 9268 19 today", "to [iban] today"},
		{"iban in small letters", "de89 3704 0044 0532 0130 00", "[iban]"},
		{"iban in a sentence", "IBAN:FR1420041010050500013M02606.", "IBAN:[iban]."},
		{"iban in groups of one", "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", "[iban]"},
		{"iban with double spaces", "DE89  3704  0044  0532  0130  00", "[iban]"},
		{"iban over lines", "DE89 3704 0044\n0532 0130 00", "[iban]"},
		{"iban with no-break spaces", "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "[iban]"},
		{"iban with zero-width characters", "DE89\u200b3704\u200b0044\u200b0532\u200b0130\u200b00", "[iban]"},
		{"iban in full width", "ＤＥ８９３７０４００４４０５３２０１３０００", "[iban]"},
		{"iban behind a word", "IBANDE89370400440532013000", "IBAN[iban]"},
		{"iban among digits", "7 DE89 3704 0044 0532 0130 0012 3", "7 [iban]12 3"},
		{"iban that is mostly letters", "KW81CBKU0000000000001234560101", "[iban]"},
		{"words are no iban", "at 10 of 12345678 in march i called you, and nobody came", "at 10 of 12345678 in march i called you, and nobody came"},
		{"not an iban", "AB12 3456 7890 1234", "AB12 3456 7890 1234"},
		{"e-mail", "write to Ann.O'Hara+shop@mail.example.co.uk.", "write to [email]."},
		{"e-mail, other letters", "jürgen@müller.de", "[email]"},
		{"e-mail with spaces", "write to ann @ example.com, please", "write to [email], please"},
		{"e-mail with zero-width characters", "ann@\u200bexample.com", "[email]"},
		{"e-mail with a wide sign", "ann＠example.com", "[email]"},
		{"two e-mails", "a@b.de,c@d.de", "[email],[email]"},
		{"e-mail in quotes", "„ann@mail.example“, «bob＠mail.example»", "„[email]“, «[email]»"},
		{"an @ behind no name", "• @ mail.example", "• @ mail.example"},
		{"a mention is not an e-mail", "hi @ann", "hi @ann"},
		{"a price is not an e-mail", "3 @ 5.00", "3 @ 5.00"},
		{"phone", "+49 30 1234567", "[phone]"},
		{"phone with a trunk zero", "call +44 (0)20 7946 0958 now", "call [phone] now"},
		{"phone, 00", "0049 30 1234567", "[phone]"},
		{"phone, national", "my number is 030 1234567.", "my number is [phone]."},
		{"phone, by twos", "call 06 12 34 56 78", "call [phone]"},
		{"phone, spelled", "it is 0 3 0 1 2 3 4 5 6 7", "it is [phone]"},
		{"phone in full width", "＋４９ ３０ １２３４５６７", "[phone]"},
		{"phone, American", "(555) 123-4567", "[phone]"},
		{"phone, American with 1", "1-555-123-4567", "[phone]"},
		{"a date is no phone", "01.02.2024", "01.02.2024"},
		{"a date and a time, in digits", "01.02.2024 12.30", "01.02.2024 12.30"},
		{"a date and a time", "2024-01-02 12:30", "2024-01-02 12:30"},
		{"an amount", "1,234,567.89", "1,234,567.89"},
		{"an order number", "order 5551234567", "order 5551234567"},
		{"bad UTF-8", "\xff4111111111111111\xff", "\xff[card]\xff"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := session.Redact(tt.in)
			if got != tt.want {
				t.Errorf("Redact(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if again := session.Redact(got); again != got {
				t.Errorf("again: %q", again)
			}
		})
	}
}

// luhn is the check, written down a second time, digit by digit.
func luhn(digits []int) bool {
	sum := 0
	for i := range digits {
		d := digits[len(digits)-1-i]
		if i%2 == 1 {
			d *= 2
			d = d/10 + d%10
		}
		sum += d
	}
	return sum%10 == 0
}

// survivor returns a run of 13 to 19 digits, with at most three separators
// between two of them, that satisfies the check.
func survivor(s string) string {
	var digits []int
	gap := 0
	for _, r := range s + "\x00" {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, int(r-'0'))
			gap = 0
			for n := 13; n <= 19 && n <= len(digits); n++ {
				if luhn(digits[len(digits)-n:]) {
					return s
				}
			}
		case gap < 3 && (unicode.IsSpace(r) || strings.ContainsRune("-.–", r)):
			gap++
		default:
			digits, gap = nil, 0
		}
	}
	return ""
}

// cardText draws texts that are full of numbers.
func cardText() *rapid.Generator[string] {
	digits := rapid.StringMatching(`[0-9]{1,20}`)
	card := rapid.Custom(func(t *rapid.T) string {
		n := rapid.IntRange(12, 18).Draw(t, "n")
		d := make([]int, n+1)
		for i := range n {
			d[i] = rapid.IntRange(0, 9).Draw(t, "d")
		}
		for !luhn(d) {
			d[n]++
		}
		sep := rapid.SampledFrom([]string{"", "", " ", "-", "  ", " - ", ".", "–", "\n"})
		var b strings.Builder
		for i, v := range d {
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "group") == 0 {
				b.WriteString(sep.Draw(t, "sep"))
			}
			b.WriteByte(byte('0' + v))
		}
		return b.String()
	})
	other := rapid.SampledFrom([]string{" ", "a", "@", ".", "-", "+", "(", "DE89", "GB29 NWBK", ", ", "b.de", "\u200b", "é", "00", "x"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(digits, card, other), 0, 12).Draw(t, "parts"), "")
	})
}

func TestNoCardSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := cardText().Draw(t, "in")
		got := session.Redact(in)
		if s := survivor(got); s != "" {
			t.Fatalf("Redact(%q) = %q", in, s)
		}
		if again := session.Redact(got); again != got {
			t.Fatalf("Redact(%q) = %q, again %q", in, got, again)
		}
	})
}

// TestNoCardIsCut writes long turns down: cutting them must not make a card.
func TestNoCardIsCut(t *testing.T) {
	store := open(t, session.Config{})
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Repeat("x", 4096-rapid.IntRange(0, 40).Draw(t, "before")) + rapid.StringMatching(`[0-9 ]{20,60}`).Draw(t, "digits")
		s := store.Attach("cut", true)
		defer store.Detach(s)
		s.Do(func(b *session.Book) {
			b.Append(session.Turn{Role: "customer", Text: in})
			turns := b.Turns()
			text := turns[len(turns)-1].Text
			if len(text) > 4096+len("…") || survivor(text) != "" {
				t.Fatalf("%q became %q", in, text)
			}
		})
	})
}

func FuzzRedact(f *testing.F) {
	for _, s := range []string{"4111 1111 1111 1111", "a@b.de", "DE89 3704 0044 0532 0130 00", "+49 30 1234567", "\xff\u0664", "1@1@1", "„a@b.de“", "a @ b.de", "0 @b.de0000000000000", "D E 89 3704 0044 0532 0130 00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := session.Redact(in)
		if s := survivor(got); s != "" {
			t.Errorf("Redact(%q) = %q", in, s)
		}
		if again := session.Redact(got); again != got {
			t.Errorf("Redact(%q) = %q, again %q", in, got, again)
		}
		if utf8.ValidString(in) && !utf8.ValidString(got) {
			t.Errorf("Redact(%q) = %q: a sign was cut", in, got)
		}
	})
}

func BenchmarkRedact(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{"plain", "Where is my parcel? I have been waiting for it since last week, order 48213."},
		{"card", "Please charge 4111 1111 1111 1111 and write to ann@example.org, thank you very much."},
		{"digits 64KiB", strings.Repeat("1", 64<<10)},
		{"at 64KiB", strings.Repeat("a@", 32<<10)},
		{"iban 64KiB", strings.Repeat("DE89 ", 13<<10)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(int64(len(bm.text)))
			for b.Loop() {
				_ = session.Redact(bm.text)
			}
		})
	}
}
