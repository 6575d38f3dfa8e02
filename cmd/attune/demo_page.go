package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"time"
)

//go:embed demo/index.html demo/style.css demo/app.js
var demoAssets embed.FS

// demoPage serves the page with the widget.
type demoPage struct {
	script *script
	port   string        // of the widgets' listener
	pause  time.Duration // between two turns that the page plays
	// console makes a link that logs in once, for a browser that calls this
	// machine by the given name.
	console func(host string) (string, error)
}

func (p *demoPage) handler() (http.Handler, error) {
	assets, err := fs.Sub(demoAssets, "demo")
	if err != nil {
		return nil, fmt.Errorf("demo page: %w", err)
	}
	config, err := json.Marshal(map[string]any{"port": p.port, "pause": p.pause.Milliseconds(), "stories": p.script.Stories})
	if err != nil {
		return nil, fmt.Errorf("demo page: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(assets))
	mux.HandleFunc("GET /config.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(config)
	})
	mux.HandleFunc("GET /console", func(w http.ResponseWriter, r *http.Request) {
		if !local(r) {
			http.Error(w, "the console is for the machine that the demo runs on", http.StatusForbidden)
			return
		}
		// The same name as this page's: to a browser localhost and 127.0.0.1
		// are strangers, and strangers' links carry no log-in.
		host, _, _ := net.SplitHostPort(r.Host)
		link, err := p.console(host)
		if err != nil {
			http.Error(w, "no log-in link can be made just now", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, link, http.StatusSeeOther)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page elsewhere may make its own name lead here; this one hands
		// out log-in links, so only addresses and localhost are answered.
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil || (host != "localhost" && net.ParseIP(host) == nil) {
			http.Error(w, "call this page by its address", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "+
			"connect-src 'self' ws://"+net.JoinHostPort(host, p.port)+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}), nil
}

// local tells whether a request comes from this machine.
func local(r *http.Request) bool {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && address.Addr().Unmap().IsLoopback()
}
