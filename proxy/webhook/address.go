package webhook

import (
	"errors"
	"fmt"
	"net/url"
)

// ParseAddress reads where messages go: https and a host, with any path and
// query. With private, plain http is taken too; the guard then admits it to
// private addresses only.
func ParseAddress(s string, private bool) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || s == "":
		return nil, errors.New("not a URL: want https://host/path")
	case u.Scheme == "http" && !private:
		return nil, errors.New("want https:// (http:// only within one's own network, with allow_private: true)")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("scheme %q: want https://", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("no host: want https://host/path")
	case u.User != nil:
		return nil, errors.New("user and password have no place here: requests are signed")
	case u.Fragment != "":
		return nil, errors.New("a fragment has no place here")
	}
	return u, nil
}
