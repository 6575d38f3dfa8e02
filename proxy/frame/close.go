package frame

import (
	"encoding/binary"
	"unicode/utf8"
)

// maxReason is the largest reason of a close frame in bytes.
const maxReason = MaxControl - 2

// ValidCode reports whether a close frame may carry the code: the registered ones (1000-1003, 1007-1014) and those
// for libraries and applications (3000-4999). 1004, 1005, 1006 and 1015 are never sent.
func ValidCode(code uint16) bool {
	switch {
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014, code >= 3000 && code <= 4999:
		return true
	default:
		return false
	}
}

// ParseClose reads the payload of a close frame. An empty one is valid and gives code 1005 (no status). The error is an
// *Error: 1002 for a single byte, a code that may not be sent or more than MaxControl bytes, 1007 for a reason that is
// not UTF-8. The payload of a Close message from a Decoder never fails.
func ParseClose(payload []byte) (code uint16, reason string, err error) {
	code, text, fault := parseClose(payload)
	if fault != nil {
		return 0, "", fault
	}
	return code, string(text), nil
}

func parseClose(payload []byte) (uint16, []byte, *Error) {
	switch {
	case len(payload) == 0:
		return codeNoStatus, nil, nil
	case len(payload) == 1:
		return 0, nil, protocolError("close payload of one byte")
	case len(payload) > MaxControl:
		return 0, nil, protocolError("control frame too long")
	}
	code, reason := binary.BigEndian.Uint16(payload), payload[2:]
	if !ValidCode(code) {
		return 0, nil, protocolError("close code not allowed")
	}
	if !utf8.Valid(reason) {
		return 0, nil, utf8Error("close reason is not UTF-8")
	}
	return code, reason, nil
}

// AppendClosePayload appends the payload of a close frame to dst. A code that may not be sent (see ValidCode; 1005 and
// 1006 among them) gives an empty payload, which means no status. The reason is cut to 123 bytes at the end of a
// character and before anything that is not UTF-8.
func AppendClosePayload(dst []byte, code uint16, reason string) []byte {
	if !ValidCode(code) {
		return dst
	}
	end := 0
	for end < len(reason) {
		r, n := utf8.DecodeRuneInString(reason[end:])
		if r == utf8.RuneError && n == 1 || end+n > maxReason {
			break
		}
		end += n
	}
	return append(binary.BigEndian.AppendUint16(dst, code), reason[:end]...)
}
