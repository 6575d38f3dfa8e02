package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/proxy/proxytest"
	"attune/proxy/session"
)

// TestSessionsAreExportedAndErased stores a conversation, prints it as a
// transcript, and has it forgotten.
func TestSessionsAreExportedAndErased(t *testing.T) {
	url := proxytest.StartRedis(t).URL()
	store, err := session.Open(session.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	id := session.Key{Profile: "json", External: "c1", Binding: "cookie:x"}.ID()
	sess := store.Attach(id, true)
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	sess.Do(func(b *session.Book) {
		b.Meta.Profile, b.Meta.Locale, b.Meta.Path, b.Meta.Channel = "json", "en", "/chat", "voice"
		for _, turn := range []session.Turn{
			{Role: "customer", Text: "where is my parcel, mail ann@example.org", At: at},
			{Role: "bot", Text: "No.", Sent: "I could not find it.", At: at},
			{Role: "attune", Text: "One moment.", At: at},
			{Role: "bot", Text: "Anything else?", Late: true, At: at},
			{Role: "agent", Agent: "mia", Text: "Hi, Mia here.", At: at},
		} {
			b.Append(turn)
		}
	})
	if err := store.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (int, string, string) {
		var out, talk bytes.Buffer
		p := &program{environ: map[string]string{"ATTUNE_REDIS_URL": url}, stdin: strings.NewReader(""), stdout: &out, stderr: &talk}
		code := p.run(append([]string{"sessions"}, args...))
		return code, out.String(), talk.String()
	}
	code, got, talk := run("export", id)
	if code != 0 {
		t.Fatalf("export: %d %s", code, talk)
	}
	var line, want any
	if err := json.Unmarshal([]byte(got), &line); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"id":"`+id+`","lang":"en","profile":"json","path":"/chat","channel":"voice","turns":[
		{"role":"customer","text":"where is my parcel, mail [email]","at":"2026-11-22T10:00:00Z"},
		{"role":"bot","text":"No.","at":"2026-11-22T10:00:00Z","sent":"I could not find it."},
		{"role":"agent","text":"One moment.","at":"2026-11-22T10:00:00Z","by":"attune"},
		{"role":"bot","text":"Anything else?","at":"2026-11-22T10:00:00Z","late":true},
		{"role":"agent","text":"Hi, Mia here.","at":"2026-11-22T10:00:00Z","agent":"mia"}]}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, line); diff != "" || strings.Count(got, "\n") != 1 {
		t.Errorf("exported %s\n%s", got, diff)
	}
	if code, _, talk := run("erase", id); code != 0 || talk != "erased "+id+"\n" {
		t.Errorf("erase: %d %s", code, talk)
	}
	if code, got, talk := run("export", id); code == 0 || got != "" || !strings.Contains(talk, "no session "+id+" is stored") {
		t.Errorf("export after erasing: %d %s%s", code, got, talk)
	}
}
