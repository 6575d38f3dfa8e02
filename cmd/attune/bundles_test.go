package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/proxy/bundle"
	"attune/proxy/proxytest"
)

// runRules runs a command of attune rules against a Redis.
func runRules(t *testing.T, url string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	p := &program{environ: map[string]string{"ATTUNE_REDIS_URL": url, "USER": "mia"}, stdin: strings.NewReader(""), stdout: &out, stderr: &talk}
	code = p.run(append([]string{"rules"}, args...))
	return code, out.String(), talk.String()
}

// TestServeFollowsPushes runs the proxy on rules in Redis through a first set, a
// faulty one, a canary that is promoted, and back again.
func TestServeFollowsPushes(t *testing.T) {
	url := proxytest.StartRedis(t).URL()
	p := start(t, []string{testBot(t), "ATTUNE_RULES=redis", "ATTUNE_REDIS_URL=" + url, "ATTUNE_ORIGINS=none", "ATTUNE_DRAIN=0"}, "serve")
	at := p.log("listening")
	hears := func(want string) {
		t.Helper()
		var got string
		for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
			w := dial(t, "ws://"+at["widgets"]+"/chat")
			w.send(`{"text":"are you there?","session":"s1"}`)
			if got = w.hear().Text; got == want {
				return
			}
		}
		t.Fatalf("the bot's answer comes as %q, want %q", got, want)
	}
	dir := t.TempDir()
	packs := func(say string) string {
		t.Helper()
		source := strings.ReplaceAll(pack, "The thing is", say)
		if err := os.WriteFile(filepath.Join(dir, "t.yaml"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	slots := func() (s bundle.Slots) {
		t.Helper()
		code, out, talk := runRules(t, url, "bundles", "--format", "json")
		if err := json.Unmarshal([]byte(out), &s); err != nil || code != exitOK {
			t.Fatalf("bundles: %d %v\n%s%s", code, err, out, talk)
		}
		return s
	}
	do := func(args ...string) {
		t.Helper()
		if code, out, talk := runRules(t, url, args...); code != exitOK || !strings.Contains(out, "mia") {
			t.Fatalf("%v: %d\n%s%s", args, code, out, talk)
		}
	}

	do("push", packs("The thing is"))
	hears("The thing is broken.")
	first := slots()

	broken := strings.ReplaceAll(pack, "examples: [{in: \"Sorry, the thing is broken.\", out: \"The thing is broken.\"}]", "examples: [{in: a, out: b}]")
	if err := os.WriteFile(filepath.Join(dir, "t.yaml"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := runRules(t, url, "push", dir); code != exitFindings || !strings.HasPrefix(out, filepath.Join(dir, "t.yaml")+":") {
		t.Errorf("a faulty set: %d %s", code, out)
	}
	if now := slots(); *now.Active != *first.Active || len(now.Before) > 0 {
		t.Errorf("a faulty set is in force: %+v", now)
	}

	do("push", packs("Well, it is"), "--slot", "canary", "--share", "99.9%", "--by", "mia's friend")
	hears("Well, it is broken.")
	do("promote")
	if now := slots(); now.Canary != nil || len(now.Before) != 1 {
		t.Errorf("promoted: %+v", now)
	}
	hears("Well, it is broken.")
	do("rollback")
	hears("The thing is broken.")
}

func TestBundleCommandsRefuse(t *testing.T) {
	server := proxytest.StartRedis(t)
	url := server.URL()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "t.yaml")
	if err := os.WriteFile(file, []byte(pack), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ url, args, want string }{
		{"", "bundles", "ATTUNE_REDIS_URL is not set"},
		{"http://:secret@x", "bundles", "ATTUNE_REDIS_URL: scheme"},
		{url, "bundles more", "takes no argument"},
		{url, "bundles --format xml", `unknown format "xml"`},
		{url, "push", "takes one directory"},
		{url, "push " + file, "is a file"},
		{url, "push " + dir, "no packs in"},
		{url, "push " + dir + "/none", "stat " + dir + "/none: no such file"},
		{url, "push " + filepath.Dir(file) + " --share 10%", "--share is for the slot canary"},
		{url, "push " + filepath.Dir(file) + " --slot shadow --share 10%", "--share is for the slot canary"},
		{url, "push " + dir + " --slot best", `unknown slot "best"`},
		{url, "push " + filepath.Dir(file) + " --slot canary --share 100%", `"100%" is not more than 0`},
		{url, "promote", "nothing there: slot canary"},
		{url, "promote --slot active", `"active" cannot be promoted`},
		{url, "rollback", "no bundle was active before"},
		{url, "rollback --slot shadow", "nothing there: slot shadow"},
	} {
		code, out, talk := runRules(t, tt.url, strings.Fields(tt.args)...)
		if code != exitFailure || out != "" || !strings.Contains(talk, tt.want) || strings.Contains(talk, "secret") {
			t.Errorf("attune rules %s: %d %s%s, want %s", tt.args, code, out, talk, tt.want)
		}
	}
	server.Stop()
	if code, _, talk := runRules(t, url, "bundles"); code != exitFailure || !strings.Contains(talk, "hint: check ATTUNE_REDIS_URL") {
		t.Errorf("without Redis: %d %s", code, talk)
	}
}
