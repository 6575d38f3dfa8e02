package console

import (
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// Reply is something that agents say often. {agent} in it stands for the name of
// who says it.
type Reply struct {
	Key  string `json:"key"` // what it is called up by: /key
	Text string `json:"text"`
}

// Replies are agents' canned replies, by locale, in the order in which they are
// offered.
type Replies map[string][]Reply

// maxReply bounds the text of a reply, in bytes.
const maxReply = 4 << 10

var replyKey = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

//go:embed replies.yaml
var shippedReplies []byte

// ShippedReplies are those that Attune brings along.
func ShippedReplies() Replies {
	r, err := ParseReplies("replies.yaml", shippedReplies)
	if err != nil {
		panic(err) // a test reads them
	}
	return r
}

// ParseReplies reads replies by locale and key; name stands in errors. Every
// fault is reported at once.
//
//	en:
//	  hello: "Hi, {agent} here. I have read what you wrote."
//	de:
//	  hello: "Guten Tag, hier ist {agent}. Ich habe alles gelesen."
func ParseReplies(name string, data []byte) (Replies, error) {
	var file map[string]yaml.MapSlice
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, true))
	}
	out := Replies{}
	var faults []error
	for locale, list := range file {
		for _, item := range list {
			key, text := fmt.Sprint(item.Key), ""
			switch v := item.Value.(type) {
			case string:
				text = v
			default:
				faults = append(faults, fmt.Errorf("%s: %s: %s: want a text", name, locale, key))
				continue
			}
			switch {
			case !replyKey.MatchString(key):
				faults = append(faults, fmt.Errorf("%s: %s: %q: want a short name of small letters, digits and dashes", name, locale, key))
			case strings.TrimSpace(text) == "" || len(text) > maxReply:
				faults = append(faults, fmt.Errorf("%s: %s: %s: want 1 byte to 4 KiB of text", name, locale, key))
			default:
				out[locale] = append(out[locale], Reply{Key: key, Text: text})
			}
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return out, nil
}

// in returns the replies for a locale: its own, its language's, else the English.
func (r Replies) in(locale string) []Reply {
	language, _, _ := strings.Cut(locale, "-")
	for _, l := range []string{locale, language, "en"} {
		if list := r[l]; len(list) > 0 {
			return list
		}
	}
	return nil
}

// replies answers the canned replies for a locale.
func (c *Console) replies(w http.ResponseWriter, r *http.Request, _ visitor) {
	list := c.cfg.Replies.in(r.URL.Query().Get("locale"))
	writeJSON(w, struct {
		Replies []Reply `json:"replies"`
	}{append([]Reply{}, list...)})
}
