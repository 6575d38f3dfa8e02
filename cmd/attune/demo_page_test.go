package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestDemoPage(t *testing.T) {
	play, err := parseScript(demoScript)
	if err != nil {
		t.Fatal(err)
	}
	var linkFault error
	page := &demoPage{script: play, port: "7777", console: func(host string) (string, error) {
		return "http://" + host + ":8081/console/login?ticket=x", linkFault
	}}
	handler, err := page.handler()
	if err != nil {
		t.Fatal(err)
	}
	get := func(t *testing.T, path, host, from string) *http.Response {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host, r.RemoteAddr = host, from
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Result()
	}
	const here, local = "127.0.0.1:8082", "127.0.0.1:50000"
	tests := []struct {
		name, path, host, from string
		status                 int
		contains, header       string
	}{
		{"page", "/", here, local, 200, `role="log"`, "Content-Type: text/html; charset=utf-8"},
		{"script", "/app.js", here, local, 200, "WebSocket", "Content-Type: text/javascript; charset=utf-8"},
		{"style", "/style.css", here, local, 200, "prefers-color-scheme", "Content-Type: text/css; charset=utf-8"},
		{"nothing else of the folder", "/bot.yaml", here, local, 404, "", ""},
		{"policy names the widgets' port", "/", here, local, 200, "", "ws://127.0.0.1:7777"},
		{"by name", "/", "localhost:8082", local, 200, "", "ws://localhost:7777"},
		{"log-in link", "/console", "localhost:8082", local, 303, "", "Location: http://localhost:8081/console/login?ticket=x"},
		{"log-in link, from elsewhere", "/console", "192.0.2.1:8082", "192.0.2.7:50000", 403, "", ""},
		{"rebound name", "/", "evil.example:8082", local, 403, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp := get(t, tt.path, tt.host, tt.from)
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != tt.status || !strings.Contains(string(body), tt.contains) {
				t.Errorf("status %d, want %d with %q (error %v)", resp.StatusCode, tt.status, tt.contains, err)
			}
			var head strings.Builder
			if err := resp.Header.Write(&head); err != nil || !strings.Contains(head.String(), tt.header) {
				t.Errorf("no %q in\n%s", tt.header, head.String())
			}
		})
	}
	t.Run("config", func(t *testing.T) {
		var config struct {
			Port    string
			Stories []demoStory
		}
		if err := json.NewDecoder(get(t, "/config.json", here, local).Body).Decode(&config); err != nil {
			t.Fatal(err)
		}
		if config.Port != "7777" || len(config.Stories) != 3 || config.Stories[0].Title == "" || config.Stories[0].Watch == "" {
			t.Errorf("%+v", config)
		}
	})
	t.Run("no link to be had", func(t *testing.T) {
		linkFault = errors.New("too many")
		if got := get(t, "/console", here, local).StatusCode; got != 503 {
			t.Errorf("status %d, want 503", got)
		}
	})
}
