package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"attune/proxy/console"
)

// Every route with every role: who may do what is this table.
func TestRoles(t *testing.T) {
	tokens := map[string]string{"nobody": "", "viewer": viewerToken, "editor": editorToken, "approver": approverToken, "agent": miaToken, "metrics": metricsToken, "wrong": "wrong-0123456789abcdef"}
	readers := []string{"viewer", "editor", "approver", "agent"}
	routes := []struct {
		method, path, body string
		allowed            []string
		status             int
	}{
		{"GET", "/api/v1/me", "", readers, 200},
		{"GET", "/api/v1/handoffs", "", readers, 200},
		{"GET", "/api/v1/handoffs/s1", "", readers, 200},
		{"POST", "/api/v1/handoffs/s1/claim", "{}", []string{"agent"}, 204},
		{"POST", "/api/v1/handoffs/s1/say", `{"text":"Hello"}`, []string{"agent"}, 204},
		{"POST", "/api/v1/handoffs/s1/return", "{}", []string{"agent"}, 204},
		{"POST", "/api/v1/handoffs/s1/resolve", `{"verdict":"needed"}`, []string{"agent"}, 204},
		{"GET", "/api/v1/events", "", readers, 426},
		{"GET", "/api/v1/nothing", "", readers, 404},
		{"GET", "/api/", "", readers, 404},
		{"DELETE", "/api/v1/handoffs", "", readers, 405},
		{"GET", "/api/v1/handoffs/s1/claim", "", readers, 405},
	}
	for _, rt := range routes {
		for role, token := range tokens {
			t.Run(rt.method+" "+rt.path+" as "+role, func(t *testing.T) {
				conv := parcel("s1")
				if strings.HasSuffix(rt.path, "say") || strings.HasSuffix(rt.path, "return") || strings.HasSuffix(rt.path, "resolve") {
					conv.Agent = "Mia"
				}
				got := open(t, conv).call(token, rt.method, rt.path, rt.body)
				want := http.StatusForbidden
				if role == "nobody" || role == "wrong" {
					want = http.StatusUnauthorized
				}
				for _, a := range rt.allowed {
					if a == role {
						want = rt.status
					}
				}
				if got.status != want {
					t.Errorf("status %d, want %d: %s", got.status, want, got.body)
				}
			})
		}
	}
}

func TestRefusalsLookTheSame(t *testing.T) {
	r := open(t, parcel("s1"))
	refusals := map[string]answer{
		"nobody":         r.call("", "GET", "/api/v1/handoffs", ""),
		"wrong token":    r.call("wrong-0123456789abcdef", "GET", "/api/v1/handoffs", ""),
		"unknown route":  r.call("", "GET", "/api/v1/x", ""),
		"wrong role":     r.call(viewerToken, "POST", "/api/v1/handoffs/s1/claim", "{}"),
		"no such role":   r.call(metricsToken, "GET", "/api/v1/me", ""),
		"cross-site":     r.do(r.browser(), "POST", "/api/v1/handoffs/s1/claim", "{}", "Authorization", "Bearer "+miaToken, "Sec-Fetch-Site", "cross-site"),
		"basic":          r.do(r.browser(), "GET", "/api/v1/me", "", "Authorization", "Basic "+miaToken),
		"two tokens":     r.do(r.browser(), "GET", "/api/v1/me", "", "Authorization", "Bearer "+miaToken, "Authorization", "Bearer "+noahToken),
		"bad and cookie": r.do(r.logIn(miaToken), "GET", "/api/v1/me", "", "Authorization", "Bearer wrong"),
		"token in query": r.do(r.browser(), "GET", "/api/v1/me?token="+miaToken+"&access_token="+miaToken, ""),
	}
	want := refusals["nobody"].body
	for name, got := range refusals {
		if got.status != 401 && got.status != 403 {
			t.Errorf("%s: status %d", name, got.status)
		}
		if got.body != want {
			t.Errorf("%s: body %q, want %q", name, got.body, want)
		}
	}
}

func TestMe(t *testing.T) {
	r := open(t)
	for token, want := range map[string]string{
		miaToken:    `{"name":"Mia","role":"agent","speaks":true}`,
		viewerToken: `{"name":"vera","role":"viewer","speaks":false}`,
	} {
		if got := r.call(token, "GET", "/api/v1/me", ""); strings.TrimSpace(got.body) != want {
			t.Errorf("me = %s, want %s", got.body, want)
		}
	}
}

func TestHandoffs(t *testing.T) {
	r := open(t)
	if got := r.call(viewerToken, "GET", "/api/v1/handoffs", ""); strings.TrimSpace(got.body) != `{"now":"2026-11-22T10:00:00Z","handoffs":[]}` {
		t.Errorf("empty list: %s", got.body)
	}
	r = open(t, parcel("s1"), parcel("s2"))
	var list struct{ Handoffs []console.Summary }
	got := r.call(viewerToken, "GET", "/api/v1/handoffs", "")
	if err := json.Unmarshal([]byte(got.body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Handoffs) != 2 || list.Handoffs[0].Session != "s1" || list.Handoffs[1].Session != "s2" {
		t.Errorf("list: %s", got.body)
	}
	if s := list.Handoffs[0]; s.Reason != "asks-for-person" || s.Feelings["ignored"] != 3.1 || !s.Since.Equal(parcel("").Since) || s.Last == "" {
		t.Errorf("summary: %+v", s)
	}
}

func TestConversation(t *testing.T) {
	odd := parcel("a/b c?d")
	empty := console.Conversation{Summary: console.Summary{Session: "new"}}
	r := open(t, odd, empty)
	got := r.call(viewerToken, "GET", "/api/v1/handoffs/a%2Fb%20c%3Fd", "")
	var conv console.Conversation
	if err := json.Unmarshal([]byte(got.body), &conv); err != nil || got.status != 200 {
		t.Fatal(got.status, err)
	}
	if conv.Session != odd.Session || len(conv.Turns) != len(odd.Turns) || conv.Turns[1].Sent != odd.Turns[1].Sent || !conv.Turns[7].Late || conv.Goal != odd.Goal || len(conv.Promises) != 1 {
		t.Errorf("conversation: %+v", conv)
	}
	if got := r.call(viewerToken, "GET", "/api/v1/handoffs/new", ""); !strings.Contains(got.body, `"turns":[]`) {
		t.Errorf("no turns: %s", got.body)
	}
	if got := r.call(viewerToken, "GET", "/api/v1/handoffs/gone", ""); got.status != 404 || !strings.Contains(got.body, "no such conversation") {
		t.Errorf("gone: %d %s", got.status, got.body)
	}
}

// A handoff from claim to verdict, with what may go wrong between.
func TestTakeover(t *testing.T) {
	r := open(t, parcel("s1"))
	steps := []struct {
		name, token, path, body string
		status                  int
		says                    string
	}{
		{"say before claim", miaToken, "say", `{"text":"Hi"}`, 409, "the floor is not yours"},
		{"return before claim", miaToken, "return", "", 409, "the floor is not yours"},
		{"claim without a body", miaToken, "claim", "", 204, ""},
		{"claim again", miaToken, "claim", "{}", 204, ""},
		{"claim what is taken", noahToken, "claim", "{}", 409, `"error":"taken by Mia","hint":"ask them, or take another","by":"Mia"`},
		{"say into it", noahToken, "say", `{"text":"Hi"}`, 409, "the floor is not yours"},
		{"close it", noahToken, "resolve", `{"verdict":"needed"}`, 409, "the floor is not yours"},
		{"say", miaToken, "say", `{"text":"Hi, Mia here. <b>I</b> see 4711 was asked for twice."}`, 204, ""},
		{"say nothing", miaToken, "say", `{"text":" \n\t "}`, 400, "nothing to say"},
		{"say no text", miaToken, "say", `{}`, 400, "nothing to say"},
		{"say too much", miaToken, "say", `{"text":"` + strings.Repeat("x", 8<<10+1) + `"}`, 413, "at most 8 KiB"},
		{"say what fits", miaToken, "say", `{"text":"` + strings.Repeat("x", 8<<10) + `"}`, 204, ""},
		{"body too long", miaToken, "say", `{"text":"` + strings.Repeat("x", 64<<10) + `"}`, 413, "at most 64 KiB"},
		{"unknown key", miaToken, "say", `{"text":"a","agent":"Noah"}`, 400, "bad JSON"},
		{"two values", miaToken, "say", `{"text":"a"}{}`, 400, "bad JSON"},
		{"not JSON", miaToken, "say", `text=a`, 400, "bad JSON"},
		{"no verdict", miaToken, "resolve", `{}`, 400, "no such verdict"},
		{"odd verdict", miaToken, "resolve", `{"verdict":"fine"}`, 400, "no such verdict"},
		{"resolve", miaToken, "resolve", `{"verdict":"too-late"}`, 204, ""},
		{"resolve again", miaToken, "resolve", `{"verdict":"too-late"}`, 404, "no such conversation"},
		{"claim what ended", miaToken, "claim", ``, 404, "no such conversation"},
	}
	for _, st := range steps {
		got := r.call(st.token, "POST", "/api/v1/handoffs/s1/"+st.path, st.body)
		if got.status != st.status || !strings.Contains(got.body, st.says) {
			t.Errorf("%s: %d %s, want %d %s", st.name, got.status, got.body, st.status, st.says)
		}
	}
	if got := r.board.verdict("s1"); got != console.TooLate {
		t.Errorf("verdict %q", got)
	}
}

func TestBodyMustBeJSON(t *testing.T) {
	r := open(t, parcel("s1"))
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", ""} {
		got := r.do(r.browser(), "POST", "/api/v1/handoffs/s1/say", `{"text":"x"}`, "Authorization", "Bearer "+miaToken, "Content-Type", media)
		if got.status != 415 {
			t.Errorf("%q: %d", media, got.status)
		}
	}
}

func TestBoardDown(t *testing.T) {
	r := open(t, parcel("s1"))
	r.board.breakDown()
	for _, path := range []string{"/api/v1/handoffs", "/api/v1/handoffs/s1"} {
		got := r.call(viewerToken, "GET", path, "")
		if got.status != 503 || strings.Contains(got.body, "redis") || !strings.Contains(got.body, "try again") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := r.call(miaToken, "POST", "/api/v1/handoffs/s1/claim", ""); got.status != 503 {
		t.Errorf("claim: %d %s", got.status, got.body)
	}
	if !strings.Contains(r.log.String(), "switchboard does not answer") {
		t.Error("nothing in the log")
	}
}

// Two browsers claim at once, many times over: always exactly one wins, and
// the other is told who.
func TestClaimRace(t *testing.T) {
	const rounds = 20
	var convs []console.Conversation
	for n := range rounds {
		convs = append(convs, parcel(fmt.Sprint("s", n)))
	}
	r := open(t, convs...)
	mia, noah := r.logIn(miaToken), r.logIn(noahToken)
	for n := range rounds {
		path := fmt.Sprintf("/api/v1/handoffs/s%d/claim", n)
		other := make(chan answer)
		go func() { other <- r.do(noah, "POST", path, "", "Sec-Fetch-Site", "same-origin") }()
		a := r.do(mia, "POST", path, "", "Sec-Fetch-Site", "same-origin")
		b := <-other
		winner, loser, by := a, b, "Mia"
		if b.status == 204 {
			winner, loser, by = b, a, "Noah"
		}
		if winner.status != 204 || loser.status != 409 || !strings.Contains(loser.body, `"by":"`+by+`"`) {
			t.Fatalf("round %d: %d %s and %d %s", n, a.status, a.body, b.status, b.body)
		}
	}
}

// Nothing that was said, and no secret, reaches the log.
func TestLogHasNoWords(t *testing.T) {
	r := open(t, parcel("s1"))
	ticket, err := r.NewTicket("Demo", console.Agent, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := r.logIn(miaToken)
	r.do(r.browser(), "GET", "/console/login?ticket="+ticket, "")
	r.do(r.browser(), "POST", "/console/login", "token=wrong-0123456789abcdef", "Content-Type", "application/x-www-form-urlencoded")
	r.call(miaToken, "POST", "/api/v1/handoffs/s1/claim", "")
	r.call(miaToken, "POST", "/api/v1/handoffs/s1/say", `{"text":"canary words"}`)
	r.call(miaToken, "GET", "/api/v1/handoffs/s1", "")
	r.call(miaToken, "POST", "/api/v1/handoffs/s1/return", "")
	r.do(b, "POST", "/console/logout", "")
	log := r.log.String()
	untimed := regexp.MustCompile(`"time":"[^"]*"`).ReplaceAllString(log, "") // in whose fractions any number may stand
	for _, secret := range []string{miaToken, "wrong-0123456789abcdef", ticket, "canary words", "4711", "talk to a human"} {
		if strings.Contains(untimed, secret) {
			t.Errorf("log has %q:\n%s", secret, log)
		}
	}
	for _, want := range []string{`"msg":"login","way":"token","name":"Mia"`, `"msg":"login","way":"ticket","name":"Demo"`, `"msg":"login refused"`, `"msg":"logout"`, `"action":"claim","agent":"Mia","session":"s1"`, `"action":"return"`} {
		if !strings.Contains(log, want) {
			t.Errorf("log lacks %s:\n%s", want, log)
		}
	}
}
