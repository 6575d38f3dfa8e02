package proxy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"attune/proxy/wire"
)

// routesFile is the format of ATTUNE_ROUTES:
//
//	routes:
//	  - host: shop.example.com     # optional
//	    path: /billing             # optional prefix
//	    backend: ws://bot:3000/ws
//	    backend_http: http://bot:3000  # optional, for the profile's HTTP routes
//	    profile: botkit-web        # optional, the default profile
//	    touchpoint: /billing       # optional, what rules see as path
//	    register: formal           # optional, formal or informal: which packs speak
type routesFile struct {
	Routes []ast.Node `yaml:"routes"`
}

type routeEntry struct {
	Host       string `yaml:"host"`
	Path       string `yaml:"path"`
	Backend    string `yaml:"backend"`
	HTTP       string `yaml:"backend_http"`
	Profile    string `yaml:"profile"`
	Touchpoint string `yaml:"touchpoint"`
	Register   string `yaml:"register"`
	Rules      any    `yaml:"rules"` // refused, with what to do instead
}

// ParseRoutes reads the routes of a file; name stands in errors, profile is
// used where a route names none. Every fault is reported at once.
func ParseRoutes(name string, data []byte, profile *wire.Profile) ([]Route, error) {
	var file routesFile
	d := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, false))
	}
	if len(file.Routes) == 0 {
		return nil, fmt.Errorf("%s: no routes: write a list under the key routes", name)
	}
	var routes []Route
	var faults []error
	for i, node := range file.Routes {
		var e routeEntry
		read := readEntry(node, &e)
		for _, unread := range read.faults {
			faults = append(faults, fmt.Errorf("%s: route %d: %s", name, i+1, unread))
		}
		fault := func(format string, args ...any) {
			if err := fmt.Errorf(format, args...); read.tells(err.Error()) {
				faults = append(faults, fmt.Errorf("%s: route %d: %w", name, i+1, err))
			}
		}
		if e.Rules != nil {
			fault("rules: all routes of a node have the same: write when: \"path startsWith '%s'\" at those that are for this one", cmp.Or(e.Path, "/"))
		}
		r := Route{Host: e.Host, Path: e.Path, Touchpoint: e.Touchpoint, Register: e.Register, Profile: profile}
		u, err := ParseBackend(e.Backend)
		if err != nil {
			fault("backend: %w", err)
		}
		r.Backend = u
		if e.HTTP != "" {
			if r.BackendHTTP, err = ParseBackendHTTP(e.HTTP); err != nil {
				fault("backend_http: %w", err)
			}
		}
		if e.Path != "" && e.Path[0] != '/' {
			fault("path %q: want it to begin with /", e.Path)
		}
		if e.Register != "" && e.Register != "formal" && e.Register != "informal" {
			fault("register %q: want formal or informal", e.Register)
		}
		if e.Profile != "" {
			if r.Profile, err = wire.Lookup(e.Profile); err != nil {
				fault("profile: %w", err)
			}
		}
		routes = append(routes, r)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return routes, nil
}

// ParseBackend reads a backend's address: ws or wss, a host, an optional base
// path, nothing else.
func ParseBackend(s string) (*url.URL, error) { return parseAddress(s, "ws", "wss") }

// ParseBackendHTTP reads the address of a backend's HTTP side: http or https, a
// host, an optional base path, nothing else.
func ParseBackendHTTP(s string) (*url.URL, error) { return parseAddress(s, "http", "https") }

func parseAddress(s, plain, secure string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("not a URL: want %s://host:port or %s://host:port", plain, secure)
	case u.Scheme != plain && u.Scheme != secure:
		return nil, fmt.Errorf("scheme %q: want %s:// or %s://", u.Scheme, plain, secure)
	case u.Hostname() == "":
		return nil, fmt.Errorf("no host: want %s://host:port", plain)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("want only scheme, host and path")
	}
	return u, nil
}
