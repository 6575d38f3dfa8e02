package talk

import (
	"crypto/sha1" //nolint:gosec // RFC 6455 wants it
	"encoding/base64"
)

// Accept is the answer that RFC 6455 section 4.2.2 wants to the key of a handshake.
func Accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // RFC 6455 wants it
	return base64.StdEncoding.EncodeToString(sum[:])
}
