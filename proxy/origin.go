package proxy

import (
	"net/http"
	"net/url"
	"strings"
)

// origins is the list of pages that may open a socket (ATTUNE_ORIGINS).
type origins struct {
	same bool // no list: Origin must equal Host
	none bool // requests without Origin are admitted
	all  bool
	list map[string]bool
}

// newOrigins reads the list: exact origins, "none", "*"; an empty list means
// that the page must come from the host it calls. Voice platforms send no
// Origin and are admitted without.
func newOrigins(list []string, voice bool) origins {
	o := origins{same: len(list) == 0, none: voice, list: map[string]bool{}}
	for _, s := range list {
		switch s {
		case "none":
			o.none = true
		case "*":
			o.all = true
		default:
			o.list[strings.ToLower(strings.TrimSuffix(s, "/"))] = true
		}
	}
	return o
}

// admit judges the Origin header of a request to a host. Two of them, "null" and anything
// that is not an origin in its plain spelling are refused.
func (o origins) admit(r *http.Request, host string) bool {
	values := r.Header.Values("Origin")
	switch len(values) {
	case 0:
		return o.none || o.all
	case 1:
	default:
		return false
	}
	if o.all {
		return true
	}
	u, err := url.Parse(values[0])
	if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	if o.same {
		return strings.EqualFold(u.Host, host)
	}
	return o.list[strings.ToLower(values[0])]
}
