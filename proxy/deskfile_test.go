package proxy_test

import (
	"strings"
	"testing"
	"time"

	"attune/proxy"
)

func TestDeskFileFaults(t *testing.T) {
	const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	tests := []struct {
		name, file string
		want       []string // one for each fault, a part of what is said
	}{
		{"not YAML", "support: [", []string{"desks.yaml: "}},
		{"empty", "", []string{"no desks"}},
		{"a list", "- support\n", []string{"no desks"}},
		{"not a mapping", "support: console\n", []string{`desk "support": [1:10]`}},
		{"twice", "a: {kind: console}\na: {kind: console}\n", []string{"already defined"}},
		{"a name that no key or label takes", `"my desk": {kind: console}`, []string{`desk "my desk": want a name`}},
		{"unknown key", "a: {kind: console, colour: red}\n", []string{`desk "a": [1:`}},
		{"no kind", "a: {hours: [\"Mon 08:00-10:00\"]}\n", []string{`desk "a": kind ""`}},
		{"zone and hours", "a: {kind: console, zone: Mars/Base, hours: [\"Mon 10:00-08:00\", \"sometimes\"]}\n", []string{"Mars/Base", "ends before", "days and times"}},
		{"capacity", "a: {kind: console, capacity: -1}\n", []string{"capacity -1"}},
		{"capacity in words", "a: {kind: console, capacity: many}\n", []string{`desk "a": [1:`}},
		{"one fault hides no other", "a:\n  kind: pigeon\n  hours: {mon: 9-17}\n  capacity: many\n  zone: Mars/Base\n", []string{`desk "a": [3:`, `desk "a": [4:`, `desk "a": kind "pigeon"`, `desk "a": zone`}},
		{"a misspelt key is the reason that another lacks", "a: {kind: webhook, adress: \"https://x\", secret: " + secret + "}\n", []string{`desk "a": [1:`}},
		{"two defaults", "a: {kind: console, default: true}\nb: {kind: console, default: true}\n", []string{"desks a, b: only one can be the default"}},
		{"a console with a secret", "a: {kind: console, secret: " + secret + ", address: \"https://x\"}\n", []string{"address has no meaning for kind console", "secret has no meaning for kind console"}},
		{"every desk is told", "a: {kind: pigeon}\nb: {kind: console, zone: Mars/Base}\nc: {kind: console, colour: red}\n", []string{`desk "a": kind "pigeon"`, `desk "b": zone`, `desk "c": `}},
		{"upstream in a protocol that nobody knows", "a: {kind: upstream, address: \"wss://b\", profile: pigeon}\n", []string{`profile: unknown profile "pigeon"`}},
		{"upstream in a protocol without words", "a: {kind: upstream, address: \"wss://b\", profile: mattermost}\n", []string{"mattermost has no inject: to_backend"}},
		{"webhook without anything", "a: {kind: webhook}\n", []string{"address: not a URL", "secret is missing"}},
		{"webhook by http", "a: {kind: webhook, address: \"http://x\", secret: " + secret + "}\n", []string{"want https://"}},
		{"webhook with a short secret", "a: {kind: webhook, address: \"https://x\", secret: [" + secret + ", whsec_c2hvcnQ=]}\n", []string{"secret 2: it has 5 bytes"}},
		{"webhook with a raw secret", "a: {kind: webhook, address: \"https://x\", secret: " + strings.TrimPrefix(secret, "whsec_") + "}\n", []string{"secret 1: want whsec_"}},
		{"webhook with odd times", "a: {kind: webhook, address: \"https://x\", secret: " + secret + ", timeout: 2h, give_up: 1ms}\n", []string{"timeout 2h0m0s", "give_up 1ms"}},
		{"upstream by http", "a: {kind: upstream, address: \"http://x\"}\n", []string{`address: scheme "http"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := proxy.ParseDesks("desks.yaml", []byte(tt.file))
			if err == nil {
				t.Fatal("taken")
			}
			said := strings.Split(strings.TrimSpace(err.Error()), "\n")
			if len(said) != len(tt.want) {
				t.Fatalf("%d faults, want %d:\n%v", len(said), len(tt.want), err)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(said[i], "desks.yaml: ") || !strings.Contains(said[i], want) {
					t.Errorf("said %q, want %q in it", said[i], want)
				}
			}
			if strings.Contains(err.Error(), secret[8:]) {
				t.Errorf("the secret is quoted: %v", err)
			}
		})
	}
}

func TestWhatNamesNoDeskGoesToTheDefault(t *testing.T) {
	for file, want := range map[string]string{
		"helpdesk: {kind: console}\n":                                               "helpdesk",
		"a: {kind: console}\nb: {kind: console}\n":                                  "console",
		"a: {kind: console}\nb: {kind: console, default: true}\nc: {kind: console}": "b",
	} {
		desks, err := proxy.ParseDesks("desks.yaml", []byte(file))
		if err != nil {
			t.Fatal(err)
		}
		if got := desks.Default(); got != want {
			t.Errorf("%q: the default is %q, want %q", file, got, want)
		}
		if desks.Open("elsewhere", time.Now()) || !desks.Open(desks.Default(), time.Now()) && want != "console" {
			t.Errorf("%q: who is open is not who is there", file)
		}
	}
	var none *proxy.Desks
	if got := none.Default(); got != "console" {
		t.Errorf("without a file: %q", got)
	}
}
