package wire

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestScanTakesWhatIsJSON holds the scanner to the standard library, in strings of all lengths above all, which it reads
// eight bytes at a time.
func TestScanTakesWhatIsJSON(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"a", "bc", "defg", "hijklmno", " ", "é", "日", "\U0001f642", "\x7f", "!", "#", "[", "]", "{", "}", ":", ",", "0", // plain in a string
		`\"`, `\\`, `\n`, `\u00e9`, `\ud83d\ude42`, // escapes
		`"`, `\`, `\x`, `\u12`, "\x00", "\x1f", "\n", "\t", // what ends or breaks it
	})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "text"), "")
		doc := []byte(rapid.SampledFrom([]string{`"`, `["`, `{"k":"`, `{"`}).Draw(t, "open") + text +
			rapid.SampledFrom([]string{`"`, `"]`, `"}`, `":"v"}`}).Draw(t, "close"))
		var s scanner
		if got, want := s.scan(slices.Clip(doc)), json.Valid(doc); got != want {
			t.Fatalf("%q is taken for JSON: %t, want %t", doc, got, want)
		}
	})
}

// TestStringsAreRecognised tells apart strings by their end, their escapes and letters outside ASCII, wherever those stand.
func TestStringsAreRecognised(t *testing.T) {
	for n := range 24 {
		plain := strings.Repeat("x", n)
		for _, tt := range []struct {
			text             string
			escaped, foreign bool
		}{{plain, false, false}, {plain + "é" + plain, false, true}, {plain + `\n` + plain, true, false}, {"é" + plain + `\"`, true, true}} {
			s := scanner{buf: []byte(`"` + tt.text + `" , "é"`)}
			end, escaped := s.str(1)
			if foreign := s.style.plain&spellNonASCII != 0; end != 1+len(tt.text) || escaped != tt.escaped || foreign != tt.foreign {
				t.Errorf("%q ends at %d, escaped %t, foreign %t", s.buf, end, escaped, foreign)
			}
		}
	}
}
