package main

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed demo/bot.yaml
var demoScript []byte

// script is what the sample bot knows and what the page plays.
type script struct {
	Greeting string      `yaml:"greeting"`
	Fallback string      `yaml:"fallback"`
	Replies  []demoReply `yaml:"replies"`
	Stories  []demoStory `yaml:"stories"`
}

// demoReply is said when one of its words stands in the message.
type demoReply struct {
	Hears    []string `yaml:"hears"` // lower case
	Says     []string `yaml:"says"`  // one after the other, the last for ever
	Expected string   `yaml:"expected"`
}

// demoStory is a customer's side of a conversation.
type demoStory struct {
	ID    string   `yaml:"id" json:"id"`
	Title string   `yaml:"title" json:"title"`
	Watch string   `yaml:"watch" json:"watch"`
	Says  []string `yaml:"says" json:"says"`
}

// parseScript reads a script and refuses unknown keys.
func parseScript(data []byte) (*script, error) {
	var s script
	if err := yaml.UnmarshalWithOptions(data, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the bot's script: %w", err)
	}
	if s.Fallback == "" {
		return nil, errors.New("read the bot's script: no fallback")
	}
	for _, r := range s.Replies {
		if len(r.Hears) == 0 || len(r.Says) == 0 {
			return nil, fmt.Errorf("read the bot's script: a reply hears %q and says %q", r.Hears, r.Says)
		}
	}
	return &s, nil
}

// answerer is the bot's side of one conversation: how often each reply was
// given.
type answerer struct {
	script *script
	given  map[int]int
}

// answer finds what the bot says to a message, and what kind of answer it
// then waits for.
func (a *answerer) answer(text string) (says, expected string) {
	text = strings.ToLower(text)
	for i, r := range a.script.Replies {
		for _, word := range r.Hears {
			if strings.Contains(text, word) {
				n := min(a.given[i], len(r.Says)-1)
				a.given[i]++
				return r.Says[n], r.Expected
			}
		}
	}
	return a.script.Fallback, ""
}
