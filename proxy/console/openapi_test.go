package console_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"attune/proxy/console"
)

// description is what /api/v1/openapi.json says, as far as it is checked.
type description struct {
	OpenAPI string
	Paths   map[string]map[string]json.RawMessage
}

func describe(t *testing.T, data []byte) description {
	t.Helper()
	var d description
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// schemas compiles parts of the description.
type schemas struct {
	t *testing.T
	c *jsonschema.Compiler
	d description
}

func newSchemas(t *testing.T) *schemas {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(console.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("attune.json", doc); err != nil {
		t.Fatal(err)
	}
	return &schemas{t, c, describe(t, console.OpenAPI())}
}

// check holds a document against the part of the description at a pointer.
func (s *schemas) check(what, pointer, document string) {
	s.t.Helper()
	schema, err := s.c.Compile("attune.json#" + pointer)
	if err != nil {
		s.t.Fatalf("%s: %v", pointer, err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		s.t.Errorf("%s is not as described: %v\n%s", what, err, document)
	}
}

// refuse is check for a document that must not fit.
func (s *schemas) refuse(what, pointer, document string) {
	s.t.Helper()
	schema, err := s.c.Compile("attune.json#" + pointer)
	if err != nil {
		s.t.Fatalf("%s: %v", pointer, err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		s.t.Fatal(err)
	}
	if schema.Validate(v) == nil {
		s.t.Errorf("%s fits the description", what)
	}
}

func component(name string) string { return "/components/schemas/" + name }

// answer checks that an answer is one that the description has for its route.
func (s *schemas) answer(method, path string, got answer) {
	s.t.Helper()
	what := method + " " + path + " " + strconv.Itoa(got.status)
	raw, ok := s.d.Paths[path][strings.ToLower(method)]
	if !ok {
		s.t.Errorf("%s: no such operation", what)
		return
	}
	var op struct {
		Responses map[string]struct {
			Ref     string `json:"$ref"`
			Content map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(raw, &op); err != nil {
		s.t.Fatal(err)
	}
	response, ok := op.Responses[strconv.Itoa(got.status)]
	switch {
	case !ok:
		s.t.Errorf("%s: no such response is described", what)
	case response.Ref != "":
		s.check(what, component("Problem"), got.body)
	case len(response.Content) == 0:
		if got.body != "" {
			s.t.Errorf("%s: a body where none is described: %s", what, got.body)
		}
	default:
		pointer := "/paths/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path) + "/" + strings.ToLower(method) +
			"/responses/" + strconv.Itoa(got.status) + "/content/application~1json/schema"
		s.check(what, pointer, got.body)
	}
}

// TestOpenAPIHasTheRoutes: what is described is there, and what is there is
// described.
func TestOpenAPIHasTheRoutes(t *testing.T) {
	r := open(t)
	got := r.call(viewerToken, "GET", "/api/v1/openapi.json", "")
	if got.status != 200 || got.header.Get("Content-Type") != "application/json" || got.body != string(console.OpenAPI()) {
		t.Errorf("served: %d, %d bytes", got.status, len(got.body))
	}
	d := describe(t, []byte(got.body))
	if d.OpenAPI != "3.1.0" {
		t.Errorf("it is OpenAPI %q", d.OpenAPI)
	}
	var described, routes []string
	for path, operations := range d.Paths {
		for method := range operations {
			if method != "parameters" {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	for _, route := range r.Routes() {
		routes = append(routes, route[0]+" "+route[1])
	}
	slices.Sort(described)
	slices.Sort(routes)
	if diff := cmp.Diff(routes, described); diff != "" {
		t.Errorf("routes that are there (-) and described (+):\n%s", diff)
	}
}

// TestOpenAPIDescribesWhatIsAnswered holds real answers against it: the good ones
// and every way to be refused.
func TestOpenAPIDescribesWhatIsAnswered(t *testing.T) {
	const one = "/api/v1/handoffs/{session}"
	s := newSchemas(t)
	p := &passing{}
	change := func(c *console.Config) {
		p.board, _ = c.Switchboard.(*board)
		c.Switchboard = p
	}
	r := openWith(t, change, parcel("s1"), console.Conversation{Summary: console.Summary{Session: "s2", State: "queued", Since: epoch}})
	full := parcel("s3")
	full.Notes = []console.Note{{By: "Mia", Text: "asked twice", At: epoch}}
	full.Crisis, full.Explicit, full.Callback, full.For = true, true, true, "Noah"
	full.Turns = append(full.Turns, console.Turn{ID: "1", Role: "event", Event: "dtmf", Value: "0", At: epoch}, console.Turn{ID: "2", Role: "agent", Agent: "Mia", Text: "Hi"})
	r2 := openWith(t, func(*console.Config) {}, full)
	broken := open(t, parcel("s1"))
	broken.board.breakDown()
	seen := map[string]bool{}
	for _, tt := range []struct {
		room                 *room
		token, method, path  string
		session, body, media string
		status               int
	}{
		{r, viewerToken, "GET", "/api/v1/me", "", "", "", 200},
		{r, "", "GET", "/api/v1/me", "", "", "", 401},
		{r, metricsToken, "GET", "/api/v1/me", "", "", "", 403},
		{r, viewerToken, "GET", "/api/v1/handoffs", "", "", "", 200},
		{r2, viewerToken, "GET", "/api/v1/handoffs", "", "", "", 200},
		{broken, viewerToken, "GET", "/api/v1/handoffs", "", "", "", 503},
		{r, viewerToken, "GET", one, "s1", "", "", 200},
		{r, viewerToken, "GET", one, "s2", "", "", 200},
		{r2, viewerToken, "GET", one, "s3", "", "", 200},
		{r, viewerToken, "GET", one, "s9", "", "", 404},
		{broken, viewerToken, "GET", one, "s1", "", "", 503},
		{r, viewerToken, "GET", "/api/v1/desks", "", "", "", 200},
		{r, viewerToken, "GET", "/api/v1/replies", "", "", "", 200},
		{r, viewerToken, "GET", "/api/v1/openapi.json", "", "", "", 200},
		{r, viewerToken, "GET", "/api/v1/events", "", "", "", 426},
		{r, miaToken, "GET", "/api/v1/agent", "", "", "", 426},
		{r, "", "GET", "/api/v1/agent", "", "", "", 426},
		{r, "wrong-0123456789abcdef", "GET", "/api/v1/agent", "", "", "", 401},
		{r, metricsToken, "GET", "/api/v1/agent", "", "", "", 403},
		{r, miaToken, "POST", one + "/say", "s1", `{"text":"Hi"}`, "", 409},
		{r, miaToken, "POST", one + "/claim", "s1", "", "", 204},
		{r, noahToken, "POST", one + "/claim", "s1", "", "", 409},
		{r, viewerToken, "POST", one + "/claim", "s1", "", "", 403},
		{broken, miaToken, "POST", one + "/claim", "s1", "", "", 503},
		{r, miaToken, "POST", one + "/say", "s1", `{"text":"Hi"}`, "", 204},
		{r, miaToken, "POST", one + "/say", "s1", `{"text":""}`, "", 400},
		{r, miaToken, "POST", one + "/say", "s1", `{"text":"` + strings.Repeat("x", 9000) + `"}`, "", 413},
		{r, miaToken, "POST", one + "/say", "s1", `text=x`, "text/plain", 415},
		{r2, miaToken, "POST", one + "/claim", "s3", "", "", 204},
		{r2, miaToken, "POST", one + "/typing", "s3", "", "", 204},
		{r2, noahToken, "POST", one + "/typing", "s3", "", "", 409},
		{r, miaToken, "POST", one + "/transfer", "s1", `{"desk":"billing","note":"x"}`, "", 204},
		{r, miaToken, "POST", one + "/transfer", "s1", `{"desk":"moon"}`, "", 400},
		{r2, miaToken, "POST", one + "/transfer", "s3", `{}`, "", 501},
		{r2, miaToken, "POST", one + "/release", "s3", "{}", "", 204},
		{r2, miaToken, "POST", one + "/release", "s3", "{}", "", 409},
		{r, miaToken, "POST", one + "/return", "s9", "", "", 404},
		{r, miaToken, "POST", one + "/claim", "s2", "", "", 204},
		{r, miaToken, "POST", one + "/return", "s2", "", "", 204},
		{r, miaToken, "POST", one + "/claim", "s1", "", "", 204},
		{r, miaToken, "POST", one + "/resolve", "s1", `{"verdict":"fine"}`, "", 400},
		{r, miaToken, "POST", one + "/resolve", "s1", `{"verdict":"needed"}`, "", 204},
	} {
		headers := []string{"Authorization", "Bearer " + tt.token, "Content-Type", "application/json"}
		if tt.token == "" {
			headers = headers[2:]
		}
		if tt.media != "" {
			headers[len(headers)-1] = tt.media
		}
		got := tt.room.do(tt.room.browser(), tt.method, strings.Replace(tt.path, "{session}", tt.session, 1), tt.body, headers...)
		if got.status != tt.status {
			t.Errorf("%s %s: %d %s, want %d", tt.method, tt.path, got.status, got.body, tt.status)
		}
		s.answer(tt.method, tt.path, got)
		seen[tt.method+" "+tt.path] = true
	}
	for _, route := range r.Routes() {
		if !seen[route[0]+" "+route[1]] {
			t.Errorf("%s %s was not called: call it above", route[0], route[1])
		}
	}
}

// TestOpenAPIRefusesWhatTheAPIRefuses: the schemas of what is sent are as strict as
// the API.
func TestOpenAPIRefusesWhatTheAPIRefuses(t *testing.T) {
	s := newSchemas(t)
	good := map[string]string{
		"Say": `{"text":"Hi"}`, "Resolve": `{"verdict":"too-late"}`, "Transfer": `{"desk":"a","to":"b","note":"c"}`, "Empty": `{}`,
		"SocketIn": `{"type":"say","id":"1","session":"s1","text":"Hi"}`,
		"Mail":     `{"type":"customer.said","timestamp":"2026-11-28T10:00:00Z","data":{"handoff":"t","session":"s","desk":"help","text":"hi"}}`,
	}
	bad := map[string]string{
		"Say": `{"text":""}`, "Resolve": `{"verdict":"fine"}`, "Transfer": `{"agent":"b"}`, "Empty": `{"text":"x"}`,
		"SocketIn": `{"type":"shout","session":"s1"}`,
		"Mail":     `{"type":"customer.sang","timestamp":"2026-11-28T10:00:00Z","data":{"handoff":"t","session":"s","desk":"help"}}`,
	}
	for _, name := range slices.Sorted(maps.Keys(good)) {
		s.check(name, component(name), good[name])
		s.refuse(name, component(name), bad[name])
	}
}
