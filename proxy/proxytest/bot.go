package proxytest

import (
	"encoding/json"
	"strings"
)

// JSON makes an answer for BackendConfig that speaks {"text":"…"}: what is said in text goes through f, and every reply
// comes back in the same shape. Frames without a text get no answer.
func JSON(f func(text string) []string) func(string) []string {
	type line struct {
		Text string `json:"text"`
	}
	return func(message string) []string {
		var in line
		if json.Unmarshal([]byte(message), &in) != nil || in.Text == "" {
			return nil
		}
		var out []string
		for _, reply := range f(in.Text) {
			// A struct with one string always has a JSON form.
			b, _ := json.Marshal(line{Text: reply})
			out = append(out, string(b))
		}
		return out
	}
}

// Clumsy is a bot as customers know them: it greets with cheer whatever the matter is, asks for what it was told, blames
// the customer, refuses, and repeats its fallback for everything else. The same text always gets the same replies.
func Clumsy(text string) []string {
	text = strings.ToLower(text)
	for _, line := range []struct {
		words   string
		replies []string
	}{
		{"hello", []string{"Hi there! 🎉 I'm your friendly assistant!", "How can I make your day even better?"}},
		{"parcel", []string{"Great news! Your parcel 4711 is delayed until Friday! 😊"}},
		{"charged", []string{"You must have entered the wrong amount. The charge of $49.90 is valid."}},
		{"locked", []string{"I can't help with that. Your account is locked because you entered a wrong password."}},
		{"human", []string{"I'm afraid that is not possible. Please rephrase your question."}},
	} {
		if strings.Contains(text, line.words) {
			return line.replies
		}
	}
	return []string{"Sorry, I did not get that."}
}
