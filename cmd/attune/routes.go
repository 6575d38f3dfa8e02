package main

import (
	"os"
	"slices"

	"attune/proxy"
	"attune/proxy/console"
	"attune/proxy/wire"
)

// routes finds out where widgets go: along the routes of the file that
// ATTUNE_ROUTES names, in order, and then to ATTUNE_BACKEND_URL, if that is
// set.
func routes(c Config) ([]proxy.Route, []advise) {
	var all []proxy.Route
	var faults []advise
	profile, err := wire.Lookup(c.Profile)
	if err != nil {
		hint := "'attune profiles list' tells what each is for; a file of your own is named by its path"
		if _, err := os.Stat(c.Profile); err == nil {
			hint = "repair the profile file"
		}
		faults = append(faults, advise{"ATTUNE_PROFILE: " + err.Error(), hint})
	}
	if c.Routes != "" {
		var err error
		if all, err = fromFile(c.Routes, func(name string, data []byte) ([]proxy.Route, error) {
			return proxy.ParseRoutes(name, data, profile)
		}); err != nil {
			faults = append(faults, fileFaults("ATTUNE_ROUTES", err, "write routes with host, path, backend, backend_http, profile, touchpoint, register")...)
		}
	}
	if c.BackendURL != "" {
		backend, err := proxy.ParseBackend(c.BackendURL)
		if err != nil {
			faults = append(faults, advise{"ATTUNE_BACKEND_URL: " + err.Error(), "write it like ws://127.0.0.1:3000"})
		}
		route := proxy.Route{Backend: backend, Profile: profile}
		if c.BackendHTTPURL != "" {
			if route.BackendHTTP, err = proxy.ParseBackendHTTP(c.BackendHTTPURL); err != nil {
				faults = append(faults, advise{"ATTUNE_BACKEND_HTTP_URL: " + err.Error(), "write it like http://127.0.0.1:3000"})
			}
		}
		all = append(slices.Clip(all), route)
	}
	return all, faults
}

// desks reads the file that ATTUNE_DESKS names; nil without one.
func desks(c Config) (*proxy.Desks, []advise) {
	if c.Desks == "" {
		return nil, nil
	}
	d, err := fromFile(c.Desks, proxy.ParseDesks)
	return d, fileFaults("ATTUNE_DESKS", err, "write desks by name, each with a kind and, where wanted, hours, zone and capacity")
}

// replies reads the file that ATTUNE_REPLIES names; nil without one.
func replies(c Config) (console.Replies, []advise) {
	if c.Replies == "" {
		return nil, nil
	}
	r, err := fromFile(c.Replies, console.ParseReplies)
	return r, fileFaults("ATTUNE_REPLIES", err, "write replies by locale and key, like en: {hello: Hi, {agent} here.}")
}

// fromFile reads a file and parses it.
func fromFile[T any](path string, parse func(name string, data []byte) (T, error)) (T, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		var none T
		return none, err
	}
	return parse(path, data)
}

// fileFaults makes one fault of each error that was joined into err.
func fileFaults(variable string, err error, hint string) []advise {
	if err == nil {
		return nil
	}
	errs := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // only what was joined is taken apart
		errs = joined.Unwrap()
	}
	var faults []advise
	for _, e := range errs {
		faults = append(faults, advise{variable + ": " + e.Error(), hint})
	}
	return faults
}
