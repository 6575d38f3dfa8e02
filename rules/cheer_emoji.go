package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// decoration takes emoji out that say nothing. A party popper never says anything; a smile at the edge of a sentence does
// not, unless smiles stand for something elsewhere in the reply ("Was it 🙂 or 🙁?"). All others may be what the reply is
// about ("Reply 👍 to confirm", "✅ = paid") and stay.
type decoration struct {
	speaks bool // smiles stand for something
}

// take takes out what decorates in the stretch of emoji and spaces that begins at text[i], each with the space before it,
// and returns where the stretch ends.
func (d decoration) take(text string, i int, out *[]edit) int {
	last, next := stretchOf(text, i)
	edge := !d.speaks && atEdge(text, i, next)
	for i < last {
		end, kind := clusterOf(text, i)
		if end == i { // a space
			i++
			continue
		}
		if kind == partyEmoji || kind == smileEmoji && edge {
			takeOut(text, i, end, out)
		}
		i = end
	}
	return last
}

// takeOut adds the edit that removes text[start:end] with the space before it, else with the one behind it.
func takeOut(text string, start, end int, out *[]edit) {
	if start > 0 && text[start-1] == ' ' {
		start--
	} else if end < len(text) && text[end] == ' ' {
		end++
	}
	if n := len(*out); n > 0 && (*out)[n-1].end > start {
		start = (*out)[n-1].end
	}
	*out = append(*out, edit{start: start, end: max(start, end)})
}

// speaksInSmiles tells whether a smile stands between two words, in their place.
func speaksInSmiles(text string) bool {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !isEmoji(r) {
			i += n
			continue
		}
		last, next := stretchOf(text, i)
		before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text[:i], " "))
		behind, _ := utf8.DecodeRuneInString(text[next:])
		if isWordRune(before) && isWordRune(behind) && strings.ContainsFunc(text[i:last], isSmile) {
			return true
		}
		i = last
	}
	return false
}

// stretchOf returns where the last emoji of the emoji and spaces from text[i] on ends, and what is behind the spaces there.
func stretchOf(text string, i int) (last, next int) {
	last = i
	for i < len(text) {
		end, _ := clusterOf(text, i)
		switch {
		case end > i:
			i, last = end, end
		case text[i] == ' ':
			i++
		default:
			return last, i
		}
	}
	return last, i
}

// atEdge tells whether a stretch of emoji before text[next] begins or ends a sentence, and is not what a colon or sign
// announces.
func atEdge(text string, start, next int) bool {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text[:start], " "))
	behind, _ := utf8.DecodeRuneInString(text[next:])
	if strings.ContainsRune(":=(/→\"“„«", before) && before != utf8.RuneError {
		return false
	}
	return !isWordRune(before) || next == len(text) || unicode.IsSpace(behind) || isEndMark(behind) || strings.ContainsRune(",;)<\"”»", behind)
}

type emojiKind uint8

const (
	otherEmoji emojiKind = iota
	smileEmoji
	partyEmoji
)

// clusterOf returns where the emoji at text[i], with those that touch it and its joiners, end, i when there is none, and
// what all of them are.
func clusterOf(text string, i int) (end int, kind emojiKind) {
	end, kind = i, partyEmoji
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		switch {
		case r == 0x200D || r == 0xFE0F || isEmojiModifier(r):
			if end == i {
				return i, otherEmoji
			}
		case !isEmoji(r):
			return end, kind
		case isParty(r):
		case isSmile(r):
			kind = min(kind, smileEmoji)
		default:
			kind = otherEmoji
		}
		end += n
	}
	return end, kind
}

// isParty tells whether an emoji is nothing but cheer.
func isParty(r rune) bool { return strings.ContainsRune("🎉🎊🎈🥳🤗🤩", r) }

// isSmile tells whether an emoji shows a mood: faces, hearts, applause, sparkles.
func isSmile(r rune) bool {
	switch {
	case r >= 0x1F600 && r <= 0x1F644, r >= 0x1F910 && r <= 0x1F917, r >= 0x1F920 && r <= 0x1F92F, r >= 0x1F970 && r <= 0x1F97A,
		r >= 0x1F493 && r <= 0x1F49F, r == 0x2764:
		return true
	}
	return strings.ContainsRune("🙌🙏👏👋💪✨🌟💫", r)
}
