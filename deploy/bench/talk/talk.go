package talk

import (
	"bytes"
	"errors"
	"fmt"
)

// Script says what is said in a run. The backend and the widgets of a run have
// the same one.
type Script struct {
	// Stiff is the share of replies that ought to be reworded, from 0 to 1.
	Stiff float64
}

// ID names a message: which widget of the run, and its how manieth message,
// both from 0.
type ID struct{ Widget, Seq int }

// idLen is the length of an ID in a message: "WWWWWW-SSSSSSSS".
const idLen = 6 + 1 + 8

// The parts of the messages around what varies.
const (
	messageStart   = `{"type":"user_message","id":"`
	messageSession = `","session_id":"`
	messageText    = `","locale":"en","page":"https://shop.example/account/orders","client":"widget 3.2","seen":true,"text":"`
	messageEnd     = `"}`

	replyStart = `{"type":"bot_message","reply_to":"`
	replyText  = `","locale":"en","intent":"order_status","confidence":0.87,"sender":"assistant","text":"`
	replyEnd   = `","buttons":[],"done":true}`
)

func (id ID) append(dst []byte) []byte {
	dst = digits(dst, id.Widget, 6)
	return digits(append(dst, '-'), id.Seq, 8)
}

// digits appends n with leading zeros.
func digits(dst []byte, n, width int) []byte {
	at := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := at + width - 1; i >= at && n > 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// AppendMessage appends the JSON of a widget's message. The conversation has
// the name session, which must need no escapes.
func AppendMessage(dst []byte, id ID, session string) []byte {
	dst = id.append(append(dst, messageStart...))
	dst = append(append(dst, messageSession...), session...)
	dst = append(append(dst, messageText...), utterances[(id.Widget*37+id.Seq)%len(utterances)]...)
	return append(dst, messageEnd...)
}

// ErrNotOurs says that a message does not come from a widget of the bench.
var ErrNotOurs = errors.New("talk: not a message of the bench")

// AppendReply appends the JSON with which the backend answers a message.
func (s Script) AppendReply(dst, message []byte) ([]byte, error) {
	at := bytes.Index(message, []byte(`"id":"`))
	if at < 0 || len(message) < at+6+idLen {
		return dst, ErrNotOurs
	}
	text := message[at+6:][:idLen]
	id, ok := parse(text)
	if !ok {
		return dst, ErrNotOurs
	}
	dst = append(append(dst, replyStart...), text...)
	dst = append(append(dst, replyText...), s.reply(id).text...)
	return append(dst, replyEnd...), nil
}

func parse(text []byte) (id ID, ok bool) {
	if text[6] != '-' {
		return id, false
	}
	for i, c := range text {
		n := int(c - '0')
		switch {
		case i == 6:
		case c < '0' || c > '9':
			return id, false
		case i < 6:
			id.Widget = id.Widget*10 + n
		default:
			id.Seq = id.Seq*10 + n
		}
	}
	return id, true
}

// reply is what the backend says to a message.
func (s Script) reply(id ID) *reply {
	n := id.Widget*31 + id.Seq
	if float64(n%100) < s.Stiff*100 {
		return &stiffReplies[n%len(stiffReplies)]
	}
	return &plainReplies[n%len(plainReplies)]
}

// Fault is a reply that is not what it should be. It says nothing about what a
// proxy added of its own.
type Fault struct {
	ID   ID
	What string
}

// Error tells which reply it is and what is wrong.
func (f *Fault) Error() string {
	return fmt.Sprintf("reply to message %d of widget %d: %s", f.ID.Seq, f.ID.Widget, f.What)
}

// IsReply reports whether a message answers one of ours. One that a proxy put
// in by itself does not.
func IsReply(p []byte) bool { return bytes.HasPrefix(p, []byte(replyStart)) }

// Check holds a reply against the message it must answer, which is the oldest
// without an answer. reworded says that its text is not the backend's, though
// its number is; everything else must be the same byte for byte. The error is
// a *Fault.
func (s Script) Check(id ID, p []byte) (reworded bool, err error) {
	var buf [idLen]byte
	want := id.append(buf[:0])
	rest, ok := bytes.CutPrefix(p, []byte(replyStart))
	if !ok {
		return false, &Fault{id, "not a message of the backend"}
	}
	if got := rest[:min(idLen, len(rest))]; !bytes.Equal(got, want) {
		if _, ours := whole(got); ours {
			return false, &Fault{id, fmt.Sprintf("out of order, it answers %s", got)}
		}
		return false, &Fault{id, "its id is spoilt"}
	}
	rest, start := bytes.CutPrefix(rest[idLen:], []byte(replyText))
	text, end := bytes.CutSuffix(rest, []byte(replyEnd))
	if !start || !end {
		return false, &Fault{id, "what surrounds the text was changed or cut off"}
	}
	r := s.reply(id)
	if bytes.Equal(text, r.text) {
		return false, nil
	}
	if !bytes.Contains(text, r.number) {
		return false, &Fault{id, "its number is gone"}
	}
	return true, nil
}

// whole is parse for what may be too short.
func whole(text []byte) (ID, bool) {
	if len(text) != idLen {
		return ID{}, false
	}
	return parse(text)
}
