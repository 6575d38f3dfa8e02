package rules

import "unicode/utf8"

// LongestRead is how many bytes of an utterance or reply are read: of a longer one its
// beginning, so that no message, however large the limits let it be, holds up those
// behind it. It is the largest message there is by default.
const LongestRead = 64 << 10

// asRead is the turn as far as it is read: t itself, or a turn with the beginning of its
// text, which ends where a character does.
func asRead(t *Turn) *Turn {
	if len(t.Text) <= LongestRead {
		return t
	}
	end := LongestRead
	for end > LongestRead-utf8.UTFMax && !utf8.RuneStart(t.Text[end]) {
		end--
	}
	part := *t
	part.Text = t.Text[:end]
	return &part
}
