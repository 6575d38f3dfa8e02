package wire

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxLine bounds a line of a recording, in bytes.
const maxLine = 16 << 20

// Recording holds the messages that a widget and a backend exchanged, as a recording proxy between them saw them, or
// as a vendor's documentation shows them. profiles/README.md describes the format of the file.
type Recording struct {
	File   string // what findings call it
	Events []Event
	Source string // "recorded"; or what its lines say they were taken from: "documented", "hand-written"
}

// Event is one line of a recording.
type Event struct {
	Line   int // in the file, from 1
	Conn   int // number of the socket, 0 when the line names none
	Dir    Direction
	Opcode Opcode
	Data   []byte // the message; of an upgrade or an HTTP exchange, the first line, headers, a blank line and the body
}

// Opcode says what an event of a recording is.
type Opcode uint8

// The opcodes of a recording.
const (
	OpText Opcode = iota
	OpBinary
	OpUpgrade // request or answer of the WebSocket handshake
	OpHTTP    // request or answer beside the WebSocket
	OpClose
)

var opcodeNames = [...]string{OpText: "text", OpBinary: "binary", OpUpgrade: "upgrade", OpHTTP: "http", OpClose: "close"}

// String returns the word of the recording format, such as "upgrade".
func (o Opcode) String() string { return name(opcodeNames[:], int(o)) }

// RecordingFault is one line of a recording that cannot be read.
type RecordingFault struct {
	File    string
	Line    int    // from 1
	Message string // what is wrong; never what the line says
}

// RecordingFaults are all such lines of a file, in order. It is the error that [ReadRecording] returns.
type RecordingFaults []RecordingFault

// Error shows every fault, one a line.
func (f RecordingFaults) Error() string {
	all := make([]string, len(f))
	for i, one := range f {
		all[i] = fmt.Sprintf("%s:%d: %s", one.File, one.Line, one.Message)
	}
	return strings.Join(all, "\n")
}

// ReadRecording reads a recording: JSON Lines, one event a line; blank lines are passed over, unknown fields ignored.
// name is what faults call the file. The error is [RecordingFaults] with every bad line, or that of the reader.
func ReadRecording(name string, in io.Reader) (*Recording, error) {
	rec := &Recording{File: name, Source: "recorded"}
	var faults RecordingFaults
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		ev, source, err := readEvent(lines.Bytes())
		if err != nil {
			faults = append(faults, RecordingFault{name, n, err.Error()})
			continue
		}
		ev.Line = n
		rec.Events = append(rec.Events, ev)
		if source != "" {
			rec.Source = source
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		faults = append(faults, RecordingFault{name, n + 1, fmt.Sprintf("longer than %d MiB; nothing behind it was read", maxLine>>20)})
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case n == 0:
		faults = append(faults, RecordingFault{name, 1, "the file is empty"})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return rec, nil
}

// readEvent reads one line.
func readEvent(line []byte) (ev Event, source string, err error) {
	var l struct {
		Conn   int     `json:"conn"`
		Dir    string  `json:"dir"`
		Opcode string  `json:"opcode"`
		Data   *string `json:"data"`
		Source string  `json:"source"`
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return ev, "", errors.New("not a JSON object with conn, dir, opcode and data" + where(err))
	}
	ev.Conn = l.Conn
	switch l.Dir {
	case "client":
		ev.Dir = Up
	case "server":
		ev.Dir = Down
	default:
		return ev, "", fmt.Errorf(`dir is %q; it is "client" for what the widget sends and "server" for what the backend sends`, l.Dir)
	}
	known := false
	for i, word := range opcodeNames {
		if word == l.Opcode {
			ev.Opcode, known = Opcode(i), true
		}
	}
	switch {
	case !known:
		return ev, "", fmt.Errorf("opcode is %q; it is one of %s", l.Opcode, strings.Join(opcodeNames[:], ", "))
	case l.Data == nil:
		return ev, "", errors.New("data is missing")
	case ev.Opcode != OpBinary:
		ev.Data = []byte(*l.Data)
	default:
		if ev.Data, err = base64.StdEncoding.DecodeString(*l.Data); err != nil {
			return ev, "", errors.New("data of a binary message is base64, and this is not")
		}
	}
	return ev, l.Source, nil
}

// where says in which field or at which byte encoding/json gave up.
func where(err error) string {
	var typed *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &typed) && typed.Field != "":
		return fmt.Sprintf(": %s has the wrong type", typed.Field)
	case errors.As(err, &syntax):
		return fmt.Sprintf(" (at byte %d)", syntax.Offset)
	}
	return ""
}

// Upgrade is what the widget of a recorded upgrade request asked for; the zero Upgrade for any other event.
func (e Event) Upgrade() Upgrade {
	if e.Opcode != OpUpgrade || e.Dir != Up {
		return Upgrade{}
	}
	up := Upgrade{Header: make(http.Header)}
	for line := range strings.Lines(string(e.Data)) {
		line = strings.TrimSpace(line)
		key, value, header := strings.Cut(line, ": ")
		switch request, ok := strings.CutPrefix(line, "GET "); {
		case line == "":
			return up // what follows is a body
		case ok:
			request, _, _ = strings.Cut(request, " ")
			if u, err := url.Parse(request); err == nil {
				up.Path, up.Query = u.Path, u.Query()
			}
		case header:
			up.Header.Add(key, value)
		}
	}
	return up
}
