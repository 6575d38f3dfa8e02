package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// sign puts the three headers of Standard Webhooks on a request: the id, the
// time of this attempt, and one signature for each secret.
func sign(h http.Header, m Message, at time.Time, secrets []Secret) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		signatures[i] = s.sign(m.ID, seconds, m.Body)
	}
	h.Set("Webhook-Id", m.ID)
	h.Set("Webhook-Timestamp", seconds)
	h.Set("Webhook-Signature", strings.Join(signatures, " "))
}

// sign returns HMAC-SHA256 over id, time and body.
func (s Secret) sign(id, seconds string, body []byte) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(id + "." + seconds + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
