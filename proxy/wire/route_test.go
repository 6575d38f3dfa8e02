package wire_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/proxy/wire"
)

// lines is a profile whose customers speak by HTTP, shaped as Direct Line is.
const lines = `
each: "$.activities[*]"
session: "$.conversation.id"
http:
  - match: "POST /v3/conversations/*/activities"
    kind: message
    when: ["$.type == message"]
    text: ["$.text"]
    id: "$response.id"
    correlate: "$.channelData.client"
    remember: {who: "$.from.id"}
    answer: '{"id":"{{session_raw}}|att-{{n}}"}'
  - {match: "POST /v3/conversations", session: "$response.conversationId", credential: "$response.token", rewrite_url: ["$response.streamUrl"]}
  - {match: "GET /v3/conversations/*/activities", each: "$response.activities[*]", as: down}
  - {match: "POST /said", kind: message, text: ["$.content"], session: ["@query.s", "$.s"], answer: {status: 201, body: '{"at":{{unix}},"echo":{{correlate}},"text":{{text}}}'}, correlate: "$.echo"}
frames:
  - {dir: down, kind: echo, when: ["$.channelData.client exists"], text: ["$.text"], id: "$.id", correlate: "$.channelData.client"}
  - {dir: down, kind: message, when: ["$.type == message"], text: ["$.text"], id: "$.id"}
inject:
  bot: '{"activities":[{"type":"message","text":{{text}}}]}'
  echo: '{"activities":[{"type":"message","id":"{{session_raw}}|att-{{n}}","from":{{who}},"text":{{text}},"channelData":{"client":{{correlate}}}}]}'
`

func route(t *testing.T, p *wire.Profile, method, path string) *wire.Route {
	t.Helper()
	r, ok := p.Route(method, path)
	if !ok {
		t.Fatalf("no route for %s %s", method, path)
	}
	return r
}

func TestRoutesAreFound(t *testing.T) {
	p := define(t, lines)
	tests := []struct {
		method, path string
		want         bool
	}{
		{"POST", "/v3/conversations/c1/activities", true},
		{"GET", "/v3/conversations/c1/activities", true},
		{"PUT", "/v3/conversations/c1/activities", false},
		{"POST", "/v3/conversations//activities", false},
		{"POST", "/v3/conversations/c1/activities/", false},
		{"POST", "/v3/conversations/c1/c2/activities", false},
		{"POST", "/v3/conversations", true},
		{"POST", "/v3/Conversations", false},
		{"POST", "/base/v3/conversations", false},
		{"POST", "/", false},
		{"POST", "", false},
	}
	for _, tt := range tests {
		if _, ok := p.Route(tt.method, tt.path); ok != tt.want {
			t.Errorf("%s %s: found %t, want %t", tt.method, tt.path, ok, tt.want)
		}
	}
	if got := p.Methods("/v3/conversations/c1/activities"); !slices.Equal(got, []string{"GET", "POST"}) {
		t.Errorf("methods: %q", got)
	}
	if p := define(t, "frames: []"); p.Routes() || p.Methods("/") != nil {
		t.Error("a profile without http has routes")
	}
}

func TestRequestIsRead(t *testing.T) {
	p := define(t, lines)
	r := route(t, p, "POST", "/v3/conversations/c1/activities")
	x := r.Open(wire.Upgrade{Path: "/v3/conversations/c1/activities"})
	if x.Session() != "c1" {
		t.Errorf("session %q before the body is read, want the path's c1", x.Session())
	}
	items := x.Request([]byte(`{"type":"message","text":"It\u2019s late","from":{"id":"u1"},"channelData":{"client":"k7"}}`))
	if got := show(items); got != "message customer [It’s late]" || items[0].Correlate != "k7" {
		t.Errorf("read %s, correlate %q", got, items[0].Correlate)
	}
	for _, other := range []string{`{"type":"event","text":"x"}`, `text=hello`, ``, `{"type":"message"`} {
		if items := r.Open(wire.Upgrade{Path: "/v3/conversations/c1/activities"}).Request([]byte(other)); len(items) != 0 {
			t.Errorf("%s reads as %s", other, show(items))
		}
	}
}

func TestRequestKeptBackIsAnswered(t *testing.T) {
	p := define(t, lines)
	now := func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	socket := p.Open(wire.Upgrade{Now: now, Count: 41})
	socket.Read(wire.Down, []byte(`{"activities":[{"type":"message","text":"Hi","conversation":{"id":"c1"}}]}`))

	r := route(t, p, "POST", "/v3/conversations/c1/activities")
	x := r.Open(wire.Upgrade{Path: "/v3/conversations/c1/activities"})
	x.Request([]byte(`{"type":"message","text":"yes","from":{"id":"u1"},"channelData":{"client":"k7"}}`))
	v := x.Values("yes", socket.Count())
	if got := string(x.Reply(nil, socket, v)); got != `{"id":"c1|att-42"}` || r.Status() != http.StatusOK {
		t.Errorf("answered %d %s", r.Status(), got)
	}
	echo, err := socket.Inject(nil, wire.InjectEcho, v)
	want := `{"activities":[{"type":"message","id":"c1|att-42","from":"u1","text":"yes","channelData":{"client":"k7"}}]}`
	if err != nil || string(echo) != want {
		t.Errorf("echo %s, %v\nwant %s", echo, err, want)
	}
	if items := socket.Read(wire.Down, echo); show(items) != "echo customer id=c1|att-42 [yes]!" || items[0].Correlate != "k7" {
		t.Errorf("the echo reads as %s", show(items))
	}

	r = route(t, p, "POST", "/said")
	x = r.Open(wire.Upgrade{Path: "/said"})
	x.Request([]byte(`{"content":"yes","s":7}`))
	if x.Session() != "7" {
		t.Errorf("session %q, want that of the body", x.Session())
	}
	if got := string(x.Reply(nil, socket, x.Values("yes", 1))); got != `{"at":1795348800,"echo":null,"text":"yes"}` || r.Status() != http.StatusCreated {
		t.Errorf("answered %d %s", r.Status(), got)
	}
	// Without a template there is a body all the same.
	r = route(t, p, "POST", "/v3/conversations")
	if got := string(r.Open(wire.Upgrade{Path: "/v3/conversations"}).Reply(nil, socket, wire.Values{})); got != "{}" {
		t.Errorf("answered %s", got)
	}
}

func TestAnswerIsRead(t *testing.T) {
	p := define(t, lines)
	x := route(t, p, "POST", "/v3/conversations").Open(wire.Upgrade{Path: "/v3/conversations"})
	body := `{"conversationId": "c1","token":"t1","streamUrl":"wss:\/\/bot.example\/v3\/stream?t=a\u0026b","streamUrl2":"wss://bot.example"}`
	items := x.Answer([]byte(body))
	if got := show(items); got != "control nobody [wss://bot.example/v3/stream?t=a&b]" || x.Session() != "c1" || x.Credential() != "t1" {
		t.Fatalf("read %s, session %q, credential %q", got, x.Session(), x.Credential())
	}
	at := wire.Place{Host: "chat.example:8080"}
	to, ok := at.Rehost(items[0].Texts[0].Value)
	if !ok {
		t.Fatal("not an address")
	}
	got := string(x.Splice(nil, []byte(body), []wire.Edit{{With: to}}))
	want := `{"conversationId": "c1","token":"t1","streamUrl":"ws:\/\/chat.example:8080\/v3\/stream?t=a\u0026b","streamUrl2":"wss://bot.example"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	x = route(t, p, "POST", "/v3/conversations/c1/activities").Open(wire.Upgrade{Path: "/v3/conversations/c1/activities"})
	if items := x.Answer([]byte(`{"id":"c1|0001"}`)); len(items) != 0 || x.ID() != "c1|0001" {
		t.Errorf("read %s, id %q", show(items), x.ID())
	}
	if items := x.Answer([]byte("ok")); len(items) != 0 {
		t.Errorf("read %s in an answer that is no JSON", show(items))
	}
}

func TestHistoryIsRead(t *testing.T) {
	p := define(t, lines)
	const path = "/v3/conversations/c1/activities"
	x := route(t, p, "GET", path).Open(wire.Upgrade{Path: path})
	one := `{"type":"message","id":"1","text":"hello","channelData":{"client":"k"},"a":1,"b":2,"c":3},{"type":"message","id":"2","text":"Denied.","d":4,"e":5,"f":6,"g":7}`
	body := `{"activities":[` + one
	for range 200 { // some 3,000 keys: more than a message may have
		body += "," + one
	}
	body += `],"watermark":"2"}`
	items := x.Answer([]byte(body))
	if len(items) != 402 {
		t.Fatalf("%d items, want 402", len(items))
	}
	if got := show(items[:2]); got != "echo customer id=1 [hello]!\nmessage bot id=2 [Denied.]" {
		t.Errorf("read %s", got)
	}
	got := string(x.Splice(nil, []byte(body), []wire.Edit{{Item: 1, With: "Not approved."}}))
	want := body[:len(`{"activities":[`)] + `{"type":"message","id":"1","text":"hello","channelData":{"client":"k"},"a":1,"b":2,"c":3},{"type":"message","id":"2","text":"Not approved.","d":4,"e":5,"f":6,"g":7}` + body[len(`{"activities":[`)+len(one):]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestHistoryOfAShapeOfItsOwn: where the answer's elements are not what comes down
// the socket, the route says itself how they read.
func TestHistoryOfAShapeOfItsOwn(t *testing.T) {
	p := define(t, `
http:
  - {match: "GET /messages", each: "$response.payload[*]", as: down, kind: message, when: ["$.message_type == 1"], text: ["$.content"], id: "$.id"}
frames:
  - {dir: down, kind: message, when: ["$.event == created"], text: ["$.data.content"]}
`)
	r := route(t, p, "GET", "/messages")
	if r.ReadsRequest() || !r.ReadsAnswer() {
		t.Error("the answer is to be read, not the request")
	}
	x := r.Open(wire.Upgrade{Path: "/messages"})
	items := x.Answer([]byte(`{"payload":[{"id":7,"message_type":1,"content":"Denied."},{"id":8,"message_type":0,"content":"why"},{"event":"created","data":{"content":"x"}}]}`))
	if got := show(items); got != "message bot id=7 [Denied.]" {
		t.Errorf("read %s", got)
	}
}

func TestRehost(t *testing.T) {
	tests := []struct {
		at         wire.Place
		from, want string // want "": not an address
	}{
		{wire.Place{Host: "a.example"}, "wss://b.example/x?y=1#z", "ws://a.example/x?y=1#z"},
		{wire.Place{Host: "a.example", Secure: true}, "ws://b.example:99", "wss://a.example"},
		{wire.Place{Host: "a.example:1", Secure: true}, "HTTP://u:p@b.example?q", "https://a.example:1?q"},
		{wire.Place{Host: "a.example", Base: "/bot/"}, "ws://b.example/bot/x", "ws://a.example/x"},
		{wire.Place{Host: "a.example", Base: "/bot"}, "ws://b.example/bottle", "ws://a.example/bottle"},
		{wire.Place{Host: "a.example"}, "ftp://b.example", ""},
		{wire.Place{Host: "a.example"}, "wss:///x", ""},
		{wire.Place{Host: "a.example"}, "/x", ""},
		{wire.Place{Host: "a.example"}, "", ""},
	}
	for _, tt := range tests {
		if got, ok := tt.at.Rehost(tt.from); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%+v: %s becomes %q, %t; want %q", tt.at, tt.from, got, ok, tt.want)
		}
	}
}

// FuzzExchange: whatever comes as a request or an answer is left as it came, and an edited answer is JSON where it was.
func FuzzExchange(f *testing.F) {
	p := define(f, lines)
	type way struct {
		route *wire.Route
		path  string
	}
	var ways []way
	for _, at := range []way{{path: "POST /v3/conversations/c/activities"}, {path: "POST /v3/conversations"}, {path: "GET /v3/conversations/c/activities"}} {
		method, path, _ := strings.Cut(at.path, " ")
		r, ok := p.Route(method, path)
		if !ok {
			f.Fatalf("no route for %s", at.path)
		}
		ways = append(ways, way{r, path})
	}
	for i, body := range []string{
		`{"type":"message","text":"x","from":{"id":1},"channelData":{"client":"c"}}`, `{"conversationId":"c","token":"t","streamUrl":"wss:\/\/a\/b"}`,
		`{"activities":[{"type":"message","id":"1","text":"\u00e9"},{"type":"message","text":"x","channelData":{"client":"c"}}],"id":7}`,
	} {
		f.Add(byte(i), []byte(body))
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		at := ways[int(which)%len(ways)]
		x := at.route.Open(wire.Upgrade{Path: at.path})
		x.Request(body)
		items := x.Answer(body)
		if same := x.Splice(nil, body, nil); !bytes.Equal(same, body) {
			t.Fatalf("%q became %q", body, same)
		}
		var edits []wire.Edit
		for i, it := range items {
			for j := range it.Texts {
				edits = append(edits, wire.Edit{Item: i, Text: j, With: awkward})
			}
		}
		if edited := x.Splice(nil, body, edits); len(items) > 0 && !json.Valid(edited) {
			t.Fatalf("edited, %q is no JSON: %q", body, edited)
		}
		socket := p.Open(wire.Upgrade{})
		socket.Name("c")
		if reply := x.Reply(nil, socket, x.Values(string(body), 1)); !json.Valid(reply) {
			t.Fatalf("answered with no JSON: %q", reply)
		}
	})
}
