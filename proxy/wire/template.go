package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Values are the words that fill a template of the profile's inject section.
type Values struct {
	Text   string // {{text}}: what is said
	Agent  string // {{agent}}: name of the agent who says it
	Queue  string // {{queue}}: where a handoff goes
	Target string // {{target}}: the address a call is transferred to
	JSON   string // {{json_string}}: a JSON text, put in as a string

	count uint64   // {{n}}, 0 for the next one
	more  []filled // variables of an HTTP request
}

// templateWords are the variables every template may use, besides those of remember.
var templateWords = []string{
	"text", "agent", "text_in_json", "agent_in_json", "session", "session_raw", "n", "now", "unix", "queue", "target", "json_string",
}

// template is a document with variables: literals[0], words[0], literals[1], and so on.
type template struct {
	literals []string
	words    []string
	xml      bool
}

// parseTemplate reads src, a document of the framing; known are the variables it may use. A fault is a *pathError.
func parseTemplate(src string, known []string, f *framed) (*template, error) {
	t := &template{xml: f.xml}
	rest, at := src, 0
	for {
		i := strings.Index(rest, "{{")
		if i < 0 {
			break
		}
		end := strings.Index(rest[i:], "}}")
		if end < 0 {
			return nil, &pathError{at + i, "{{ is not closed with }}"}
		}
		word := strings.TrimSpace(rest[i+2 : i+end])
		if !slices.Contains(known, word) {
			return nil, &pathError{at + i, fmt.Sprintf("unknown variable {{%s}}", word)}
		}
		t.literals, t.words = append(t.literals, rest[:i]), append(t.words, word)
		rest, at = rest[i+end+2:], at+i+end+2
		// "}}}" at the end of an object: the variable ends at the first two.
	}
	t.literals = append(t.literals, rest)
	trial, _ := t.fill(nil, func(dst []byte, word string) ([]byte, error) {
		switch word {
		case "n", "unix":
			return append(dst, '1'), nil
		case "now", "session_raw":
			return append(dst, 'x'), nil
		case "text_in_json", "agent_in_json":
			return appendInJSON(dst, "x"), nil
		}
		return t.appendWords(dst, "x"), nil
	})
	var s scanner
	if f.xml {
		if !s.scanXML(trial) {
			return nil, &pathError{0, "the template is not one XML element when its variables are filled in"}
		}
	} else if !s.scan(trial) {
		return nil, &pathError{0, "the template is not JSON when its variables are filled in ({{text}} brings its own quotes)"}
	}
	if f.check != nil {
		if err := f.check(&s); err != nil {
			return nil, &pathError{0, err.Error()}
		}
	}
	return t, nil
}

// appendWords appends words as a string of the template's document.
func (t *template) appendWords(dst []byte, words string) []byte {
	if t.xml {
		return appendXML(dst, []byte(words), style{special: spellQuote | spellApostrophe})
	}
	return appendString(dst, words)
}

// fill appends the template, each variable written by value.
func (t *template) fill(dst []byte, value func(dst []byte, word string) ([]byte, error)) ([]byte, error) {
	for i, word := range t.words {
		dst = append(dst, t.literals[i]...)
		var err error
		if dst, err = value(dst, word); err != nil {
			return dst, err
		}
	}
	return append(dst, t.literals[len(t.words)]...), nil
}

// fillFor appends a template with the values given and what the conn has shown so far.
func (t *Translator) fillFor(dst []byte, tmpl *template, v *Values) ([]byte, error) {
	return tmpl.fill(dst, func(dst []byte, word string) ([]byte, error) {
		switch word {
		case "text":
			return tmpl.appendWords(dst, v.Text), nil
		case "agent":
			return tmpl.appendWords(dst, v.Agent), nil
		case "text_in_json":
			return appendInJSON(dst, v.Text), nil
		case "agent_in_json":
			return appendInJSON(dst, v.Agent), nil
		case "queue":
			return tmpl.appendWords(dst, v.Queue), nil
		case "target":
			return tmpl.appendWords(dst, v.Target), nil
		case "json_string":
			return tmpl.appendWords(dst, v.JSON), nil
		case "session":
			if t.session == "" {
				return dst, fmt.Errorf("%w: the session id was not seen", ErrNotReady)
			}
			return tmpl.appendWords(dst, t.session), nil
		case "session_raw":
			if t.session == "" {
				return dst, fmt.Errorf("%w: the session id was not seen", ErrNotReady)
			}
			if tmpl.xml {
				return tmpl.appendWords(dst, t.session), nil
			}
			return appendEscaped(dst, []byte(t.session), style{}, nil), nil
		case "n":
			if v.count > 0 {
				return strconv.AppendUint(dst, v.count, 10), nil
			}
			return strconv.AppendUint(dst, t.Count(), 10), nil
		case "unix":
			return strconv.AppendInt(dst, t.now().Unix(), 10), nil
		case "now":
			return t.now().UTC().AppendFormat(dst, time.RFC3339Nano), nil
		}
		for _, f := range v.more {
			if f.name == word {
				return append(dst, f.json...), nil
			}
		}
		for i := range t.profile.remember {
			if t.profile.remember[i].name == word && i < len(t.remembered) && len(t.remembered[i]) > 0 {
				return tmpl.appendScalar(dst, t.remembered[i]), nil
			}
		}
		return tmpl.appendScalar(dst, []byte("null")), nil
	})
}

// appendInJSON appends words as a string of JSON that stands in a string of JSON, both kinds of quotes but the outermost
// included.
func appendInJSON(dst []byte, words string) []byte {
	return appendEscaped(dst, appendString(nil, words), style{}, nil)
}

// appendScalar appends a JSON scalar: as it is spelled, or in XML what it says.
func (t *template) appendScalar(dst, spelled []byte) []byte {
	switch {
	case !t.xml:
		return append(dst, spelled...)
	case spelled[0] == '"':
		return t.appendWords(dst, string(appendUnescaped(nil, spelled[1:len(spelled)-1])))
	}
	return dst // what was not seen is nothing
}
