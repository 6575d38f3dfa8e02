package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const phoenixAgain = `
profile: phoenix
framing: raw
session: "$[2]"
reconnect:
  replay: ["$[3] == phx_join", {say: '[null,null,{{session}},"back",{}]'}]
  swallow: ["$[3] == phx_reply"]
`

func again(t *testing.T, source string) *Translator {
	t.Helper()
	all, err := Parse("test.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return all[0].Open(Upgrade{})
}

func said(t *testing.T, tr *Translator) string {
	t.Helper()
	var all []string
	if err := tr.Rejoin(func(msg []byte) { all = append(all, string(msg)) }); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

func TestRejoin(t *testing.T) {
	tr := again(t, phoenixAgain)
	join := `["1", "1","room:7" ,"phx_join",{"token":"x"}]`
	for range 2 { // the same words twice are said once
		tr.Read(Up, []byte(join))
	}
	tr.Read(Up, []byte(`["1","2","room:7","shout",{"body":"hello"}]`))
	tr.Read(Up, []byte(`no JSON`))
	if got, want := said(t, tr), join+"\n"+`[null,null,"room:7","back",{}]`; got != want {
		t.Errorf("said again:\n%s\nwant:\n%s", got, want)
	}
	if tr.Rejoined() {
		t.Error("rejoined before the answer")
	}
	reply := []byte(`["1","1","room:7","phx_reply",{"status":"ok"}]`)
	nothing := func(msg []byte) { t.Errorf("said %s", msg) }
	if tr.Swallow([]byte(`[null,null,"room:7","shout",{}]`), nothing) || !tr.Swallow(reply, nothing) || tr.Swallow(reply, nothing) || !tr.Rejoined() {
		t.Error("the answer to the join, and nothing else, is swallowed once")
	}
	said(t, tr)
	if tr.Resign(nothing); tr.Swallow(reply, nothing) {
		t.Error("swallowed after giving up")
	}
}

// TestRejoinSocketIO: a server of socket.io hangs up on whoever speaks in a namespace before it has answered the connect.
func TestRejoinSocketIO(t *testing.T) {
	tr := again(t, `
profile: rasa
framing: socketio
session: "$[1].session_id"
reconnect:
  replay: ["40", {await: "40"}, {say: '["session_request",{"session_id":{{session}}}]'}]
  swallow: ["0{"]
`)
	tr.Read(Up, []byte(`40/rasa,{"token":"x"}`))
	tr.Read(Down, []byte(`40/rasa,{"sid":"a"}`))
	tr.Read(Up, []byte(`42/rasa,["user_uttered",{"session_id":"s1"}]`))
	const request = `42/rasa,["session_request",{"session_id":"s1"}]`
	for name, finish := range map[string]func(say func([]byte)){
		"answered":   func(say func([]byte)) { tr.Swallow([]byte(`40/rasa,{"sid":"b"}`), say) },
		"unanswered": tr.Resign,
	} {
		if got, want := said(t, tr), `40/rasa,{"token":"x"}`; got != want {
			t.Errorf("%s: said again:\n%s\nwant:\n%s", name, got, want)
		}
		var next []string
		say := func(msg []byte) { next = append(next, string(msg)) }
		for msg, want := range map[string]bool{`0{"sid":"b"}`: true, `42["x"]`: false, "2": false} {
			if got := tr.Swallow([]byte(msg), say); got != want {
				t.Errorf("%s: swallow %s: %v", name, msg, got)
			}
		}
		if len(next) > 0 || tr.Rejoined() {
			t.Errorf("%s: went on without the answer: %s", name, next)
		}
		finish(say)
		if len(next) != 1 || next[0] != request || !tr.Rejoined() {
			t.Errorf("%s: then said %s, want %s", name, next, request)
		}
	}
}

// TestRejoinBounded: a backend that could be told only a part is told nothing.
func TestRejoinBounded(t *testing.T) {
	tr := again(t, phoenixAgain)
	if got := said(t, tr); got != "" {
		t.Errorf("said without a session: %s", got)
	}
	for i := range maxKept + 1 {
		tr.Read(Up, fmt.Appendf(nil, `["1","1","room:%d","phx_join",{}]`, i))
	}
	if err := tr.Rejoin(func([]byte) { t.Error("something was said") }); !errors.Is(err, ErrNotReady) {
		t.Errorf("after too many joins: %v", err)
	}
}

func TestReconnectFaults(t *testing.T) {
	for source, want := range map[string]string{
		`{replay: [""]}`:                   "begins with nothing",
		`{replay: ["$[0"]}`:                "a ] is missing",
		`{replay: [{say: "["}]}`:           "not JSON",
		`{replay: [{tell: "[]"}]}`:         `unknown key "tell"`,
		`{swallow: ["@path == x"], no: 1}`: `unknown key "no"`,
	} {
		if _, err := Parse("t.yaml", []byte("profile: p\nframing: raw\nreconnect: "+source)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
	if _, err := Parse("t.yaml", []byte("profile: p\nframing: socketio\nreconnect: {replay: [\"$[0] == x\"]}")); err == nil || !strings.Contains(err.Error(), "by how it begins") {
		t.Errorf("a condition with socketio: %v", err)
	}
}
