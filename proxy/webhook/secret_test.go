package webhook_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"attune/proxy/webhook"
)

func secretOf(n int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", n)))
}

func TestSecrets(t *testing.T) {
	for _, n := range []int{24, 32, 64} {
		s, err := webhook.ParseSecret(secretOf(n))
		if err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(shown, "sss") || strings.Contains(shown, "115") {
			t.Errorf("it shows: %s", shown)
		}
	}
	for _, bad := range []string{"", "whsec_", "hunter2", secretOf(23), secretOf(65), "whsec_%%%", strings.TrimPrefix(secretOf(32), "whsec_")} {
		if _, err := webhook.ParseSecret(bad); err == nil || bad != "" && strings.Contains(err.Error(), strings.TrimPrefix(bad, "whsec_")) && len(bad) > 6 {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	tests := []struct {
		address       string
		always, alone bool // taken always, and with private addresses alone
	}{
		{"https://help.example.com/attune?tenant=7", true, false},
		{"http://help.internal:8080/x", false, true},
		{"", false, false},
		{"help.example.com", false, false},
		{"ftp://help.example.com", false, false},
		{"https:///x", false, false},
		{"https://me:secret@help.example.com", false, false},
		{"https://help.example.com/#x", false, false},
		{"https://help.example.com:port", false, false},
	}
	for _, tt := range tests {
		if _, err := webhook.ParseAddress(tt.address, false); (err == nil) != tt.always {
			t.Errorf("%q: %v", tt.address, err)
		}
		if _, err := webhook.ParseAddress(tt.address, true); (err == nil) != (tt.always || tt.alone) {
			t.Errorf("%q with private addresses: %v", tt.address, err)
		}
	}
}
