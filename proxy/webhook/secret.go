package webhook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// The bounds of a secret, in bytes, as Standard Webhooks has them.
const (
	minSecret = 24
	maxSecret = 64
)

// Secret is what sender and receiver share. It shows itself nowhere.
type Secret struct{ key []byte }

// ParseSecret reads a secret as it is handed out: whsec_ and 24 to 64 bytes in
// base64. Errors never quote it.
func ParseSecret(s string) (Secret, error) {
	text, ok := strings.CutPrefix(s, "whsec_")
	if !ok {
		return Secret{}, errors.New("want whsec_ and 24 to 64 random bytes in base64")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return Secret{}, errors.New("what follows whsec_ is not base64")
	}
	if len(key) < minSecret || len(key) > maxSecret {
		return Secret{}, fmt.Errorf("it has %d bytes, want %d to %d", len(key), minSecret, maxSecret)
	}
	return Secret{key}, nil
}

// String hides the secret.
func (Secret) String() string { return "whsec_(hidden)" }

// GoString hides it from %#v, too.
func (s Secret) GoString() string { return s.String() }
