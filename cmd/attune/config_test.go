package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files and the block of README.md")

func TestLoadDefaults(t *testing.T) {
	got, warnings, faults := Load(nil)
	if len(warnings)+len(faults) > 0 {
		t.Fatalf("an empty environment: warnings %q, faults %q", warnings, faults)
	}
	want := Config{
		Listen: ":8080", ConsoleListen: "127.0.0.1:8081", AdminListen: "127.0.0.1:9090",
		Profile: "json", Mode: "full",
		MaxMessage: 64 << 10, Rate: 100, RateBurst: 500, MaxPerAddress: 500, MaxSessions: AutoCount, MaxMemory: AutoSize,
		HandshakeTimeout: 10 * time.Second, MessageTimeout: 30 * time.Second, Idle: 30 * time.Minute, Ping: 25 * time.Second, Drain: time.Minute, Silence: Steps{8 * time.Second, 20 * time.Second, 40 * time.Second},
		SilenceVoice: Steps{3 * time.Second, 8 * time.Second, 20 * time.Second}, Seek: time.Minute, Leeway: 1,
		LogLevel: Level(slog.LevelInfo), LogFormat: "json",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestLoadValues(t *testing.T) {
	dir := t.TempDir()
	tokens := filepath.Join(dir, "tokens")
	if err := os.WriteFile(tokens, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got, warnings, faults := Load(map[string]string{
		"ATTUNE_LISTEN": "127.0.0.1:0", "ATTUNE_BACKEND_URL": "wss://bot.example.com/chat", "ATTUNE_BACKEND_HTTP_URL": "https://bot.example.com",
		"ATTUNE_RULES": dir, "ATTUNE_MODE": "observe-all", "ATTUNE_REDIS_URL": "redis://:pw@a:1,b:2/0",
		"ATTUNE_ORIGINS": "https://shop.example.com, none,http://localhost:3000,", "ATTUNE_TOKENS_FILE": tokens,
		"ATTUNE_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
		"ATTUNE_MAX_MESSAGE":     "1MiB", "ATTUNE_RATE": "0", "ATTUNE_MAX_SESSIONS": "0", "ATTUNE_MAX_MEMORY": "2GiB", "ATTUNE_IDLE": "1h30m", "ATTUNE_DRAIN": "0",
		"ATTUNE_SILENCE": "0, 1s,2s", "ATTUNE_SILENCE_VOICE": "0,0,0", "ATTUNE_SEEK": "0", "ATTUNE_LEEWAY": "4",
		"ATTUNE_LOG_LEVEL": "DEBUG", "ATTUNE_LOG_FORMAT": "text",
		"PATH": "/bin", "ATTUNE_SERVICE_HOST": "10.1.2.3", "ATTUNE_PORT_8080_TCP_ADDR": "10.1.2.3", "ATTUNE_REDIS_SERVICE_PORT": "6379", "ATTUNE_TEST_FULL": "1",
	})
	if len(warnings)+len(faults) > 0 {
		t.Fatalf("warnings %q, faults %q", warnings, faults)
	}
	want := Config{
		Listen: "127.0.0.1:0", ConsoleListen: "127.0.0.1:8081", AdminListen: "127.0.0.1:9090",
		BackendURL: "wss://bot.example.com/chat", BackendHTTPURL: "https://bot.example.com",
		Profile: "json", Rules: dir, Mode: "observe-all", RedisURL: "redis://:pw@a:1,b:2/0",
		Origins: []string{"https://shop.example.com", "none", "http://localhost:3000"}, TokensFile: tokens, TrustedProxies: []string{"10.0.0.0/8", "::1"},
		MaxMessage: 1 << 20, Rate: 0, RateBurst: 500, MaxPerAddress: 500, MaxSessions: 0, MaxMemory: 2 << 30,
		HandshakeTimeout: 10 * time.Second, MessageTimeout: 30 * time.Second, Idle: 90 * time.Minute, Ping: 25 * time.Second, Drain: 0,
		Silence: Steps{0, time.Second, 2 * time.Second}, SilenceVoice: Steps{}, Seek: 0, Leeway: 4,
		LogLevel: Level(slog.LevelDebug), LogFormat: "text",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEmptyCountsAsUnset: compose files and templates pass on variables that nobody filled in.
func TestEmptyCountsAsUnset(t *testing.T) {
	want, _, _ := Load(nil)
	environ := map[string]string{}
	for _, v := range variables() {
		environ[v.name] = " "
	}
	got, warnings, faults := Load(environ)
	if len(faults) > 0 {
		t.Fatalf("faults %q", faults)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-unset +empty):\n%s", diff)
	}
	for i, v := range variables() {
		if w := warnings[i]; w.problem != v.name+" is empty and counts as unset" || !strings.HasSuffix(w.hint, v.value) {
			t.Errorf("%s (default %q) is told of as %q", v.name, v.value, w)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing")
	const secret = "sesame-7431"
	tests := []struct {
		name, variable, value string
		problem, hint         string // parts of what is said
	}{
		{"listen is a port", "ATTUNE_LISTEN", "8080", `"8080" is not an address`, ":8080"},
		{"listen has a bad port", "ATTUNE_ADMIN_LISTEN", "localhost:99999", "no usable port", "1 to 65535"},
		{"two listeners on one port", "ATTUNE_CONSOLE_LISTEN", "127.0.0.1:9090", "ATTUNE_ADMIN_LISTEN: \"127.0.0.1:9090\" is the address of ATTUNE_CONSOLE_LISTEN too", "own port"},
		{"backend over http", "ATTUNE_BACKEND_URL", "http://bot:3000/chat", `scheme "http"`, "ws://bot:3000/chat"},
		{"backend over https", "ATTUNE_BACKEND_URL", "https://bot", `scheme "https"`, "wss://bot"},
		{"backend without a scheme", "ATTUNE_BACKEND_URL", "bot.example.com/chat", "scheme", "ws://"},
		{"backend without a host", "ATTUNE_BACKEND_URL", "ws:///chat", "no host", "wss://bot.example.com"},
		{"backend with a password", "ATTUNE_BACKEND_URL", "ws://me:" + secret + "@bot", "no place", "headers"},
		{"backend with a query", "ATTUNE_BACKEND_URL", "ws://bot/?token=" + secret, "query", "appended"},
		{"backend not a URL", "ATTUNE_BACKEND_URL", "ws://bot:" + secret, "not a URL", "write it like"},
		{"companion over ws", "ATTUNE_BACKEND_HTTP_URL", "wss://bot", "scheme", "https://bot"},
		{"mode", "ATTUNE_MODE", "loud", `unknown mode "loud"`, "observe-all"},
		{"rules missing", "ATTUNE_RULES", missing, "no such file", "path"},
		{"rules is a file", "ATTUNE_RULES", file, "is a file", "directory"},
		{"redis not a URL", "ATTUNE_REDIS_URL", secret, "not a URL", "redis://"},
		{"redis over http", "ATTUNE_REDIS_URL", "http://:" + secret + "@redis", "scheme", "rediss://"},
		{"redis without a host", "ATTUNE_REDIS_URL", "redis://:" + secret + "@", "a host is missing", "redis://"},
		{"redis with a strange database", "ATTUNE_REDIS_URL", "redis://:" + secret + "@redis/users", "database must be a number", "redis://"},
		{"origin without a scheme", "ATTUNE_ORIGINS", "shop.example.com", "not an origin", "https://"},
		{"origin with a path", "ATTUNE_ORIGINS", "none,https://shop.example.com/chat", "more than an origin", "https://shop.example.com?"},
		{"origin with a pattern", "ATTUNE_ORIGINS", "https://*.example.com", "patterns", "each origin"},
		{"trusted proxies", "ATTUNE_TRUSTED_PROXIES", "10.0.0.0/8,lb", `"lb" is not an address`, "10.0.0.0/8"},
		{"tokens missing", "ATTUNE_TOKENS_FILE", missing, "no such file", "path"},
		{"tokens is a directory", "ATTUNE_TOKENS_FILE", dir, "is a directory", "file itself"},
		{"desks missing", "ATTUNE_DESKS", missing, "no such file", "path"},
		{"routes missing", "ATTUNE_ROUTES", missing, "no such file", "path"},
		{"certificate without a key", "ATTUNE_TLS_CERT", file, "ATTUNE_TLS_KEY: missing", "belongs to ATTUNE_TLS_CERT"},
		{"size without a number", "ATTUNE_MAX_MESSAGE", "KiB", "not a size", "64KiB"},
		{"size with a strange unit", "ATTUNE_MAX_MESSAGE", "64 parsecs", "not a size", "64KiB"},
		{"size below zero", "ATTUNE_MAX_MESSAGE", "-1", "not a size", "64KiB"},
		{"size beyond all bounds", "ATTUNE_MAX_MESSAGE", "9999999999GiB", "too large", "0 for no limit"},
		{"memory", "ATTUNE_MAX_MEMORY", "lots", "not a size", "64KiB"},
		{"rate", "ATTUNE_RATE", "many", "not a number", "whole number"},
		{"rate below zero", "ATTUNE_RATE_BURST", "-5", "not a number", "from 0"},
		{"no leeway", "ATTUNE_LEEWAY", "0", "0 times the usual time", "use 1"},
		{"count", "ATTUNE_MAX_SESSIONS", "all", "not a number", "auto"},
		{"duration without a unit", "ATTUNE_IDLE", "30", "not a duration", "30s"},
		{"steps that shrink", "ATTUNE_SILENCE", "8s,4s,0", "not three durations that grow", "8s,20s,40s"},
		{"two steps", "ATTUNE_SILENCE_VOICE", "8s,9s", "not three durations", "8s,20s,40s"},
		{"duration below zero", "ATTUNE_PING", "-1s", "not a duration", "unit"},
		{"level", "ATTUNE_LOG_LEVEL", "loud", "not a level", "warn"},
		{"transport", "ATTUNE_TRANSPORT", "threads", `"threads" is neither auto nor goroutines`, "auto or goroutines"},
		{"format", "ATTUNE_LOG_FORMAT", "xml", "unknown format", "json or text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, faults := Load(map[string]string{tt.variable: tt.value})
			if len(faults) != 1 {
				t.Fatalf("%d faults, want 1: %q", len(faults), faults)
			}
			got := faults[0]
			start := tt.variable
			if strings.HasPrefix(tt.problem, "ATTUNE_") { // of a pair, the other one is at fault
				start = ""
			}
			if !strings.HasPrefix(got.problem, start) || !strings.Contains(got.problem, tt.problem) || !strings.Contains(got.hint, tt.hint) {
				t.Errorf("said %q\nwant the name, %q, and the hint %q", got, tt.problem, tt.hint)
			}
			if strings.Contains(fmt.Sprint(faults), secret) {
				t.Errorf("%q quotes the secret", got)
			}
		})
	}
}

func TestLoadReportsAllFaultsAtOnce(t *testing.T) {
	c, _, faults := Load(map[string]string{
		"ATTUNE_MODE": "loud", "ATTUNE_IDLE": "30", "ATTUNE_RATE": "many", "ATTUNE_BACKEND_URL": "bot", "ATTUNE_LISTEN": "127.0.0.1:7000",
	})
	var names []string
	for _, f := range faults {
		names = append(names, strings.FieldsFunc(f.problem, func(r rune) bool { return r == ' ' || r == ':' })[0])
	}
	slices.Sort(names)
	if want := []string{"ATTUNE_BACKEND_URL", "ATTUNE_IDLE", "ATTUNE_MODE", "ATTUNE_RATE"}; !slices.Equal(names, want) {
		t.Errorf("faults of %q, want %q", names, want)
	}
	if c.Listen != "127.0.0.1:7000" || c.Idle != 30*time.Minute || c.Rate != 100 {
		t.Errorf("good values are lost or faulty ones lack their default: %+v", c)
	}
}

func TestUnknownVariables(t *testing.T) {
	tests := []struct{ name, variable, hint string }{
		{"slip", "ATTUNE_BAKEND_URL", "did you mean ATTUNE_BACKEND_URL?"},
		{"transposed", "ATTUNE_MDOE", "did you mean ATTUNE_MODE?"},
		{"word left out", "ATTUNE_REDIS", "did you mean ATTUNE_REDIS_URL?"},
		{"word too many", "ATTUNE_PROFILE_NAME", "did you mean ATTUNE_PROFILE?"},
		{"nothing like it", "ATTUNE_SPACESHIP_COLOUR", "`attune config` lists them all"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, warnings, faults := Load(map[string]string{tt.variable: "x"})
			if len(faults) != 0 || len(warnings) != 1 || !strings.HasPrefix(warnings[0].problem, tt.variable+" ") || warnings[0].hint != tt.hint {
				t.Errorf("faults %q, warnings %q, want the hint %q", faults, warnings, tt.hint)
			}
		})
	}
}

func TestTLSPair(t *testing.T) {
	dir := t.TempDir()
	cert, key := selfSigned(t, dir)
	if _, _, faults := Load(map[string]string{"ATTUNE_TLS_CERT": cert, "ATTUNE_TLS_KEY": key}); len(faults) > 0 {
		t.Errorf("a good pair: %q", faults)
	}
	_, _, faults := Load(map[string]string{"ATTUNE_TLS_CERT": key, "ATTUNE_TLS_KEY": cert})
	if len(faults) != 1 || !strings.Contains(faults[0].problem, "cannot be used") {
		t.Errorf("a swapped pair: %q", faults)
	}
	_, _, faults = Load(map[string]string{"ATTUNE_TLS_KEY": key})
	if len(faults) != 1 || !strings.HasPrefix(faults[0].problem, "ATTUNE_TLS_CERT: missing") {
		t.Errorf("a key alone: %q", faults)
	}
}

func selfSigned(t testing.TB, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	cert, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "EC PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestSecretIsNeverPrinted(t *testing.T) {
	c := Config{RedisURL: "redis://:sesame@host"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("config", "url", c.RedisURL)
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%q", c.RedisURL), log.String()} {
		if strings.Contains(s, "sesame") || !strings.Contains(s, hidden) {
			t.Errorf("%s", s)
		}
	}
}

func TestBytesString(t *testing.T) {
	for in, want := range map[string]string{"65536": "64KiB", "64kib": "64KiB", "2 MiB": "2MiB", "1GB": "1000000000", "0": "0", "1000B": "1000"} {
		var b Bytes
		if err := b.UnmarshalText([]byte(in)); err != nil || b.String() != want {
			t.Errorf("%s reads as %s, want %s (error %v)", in, b, want, err)
		}
	}
}

func TestEveryVariableIsExplained(t *testing.T) {
	for _, v := range variables() {
		if v.name == "" || v.help == "" {
			t.Errorf("%s lacks an env or help tag", v.field)
		}
		if strings.Contains(v.help, "|") {
			t.Errorf("%s: a bar in the help text breaks tables", v.name)
		}
	}
}

// README.md holds the table between two marks.
func TestReadmeTable(t *testing.T) {
	const file, opening, closing = "../../README.md", "<!-- config -->\n", "<!-- /config -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := writeConfig(&table, "markdown", nil, nil); err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), opening)
	between, after, closed := strings.Cut(rest, closing)
	if !found || !closed {
		t.Fatalf("README.md has no block from %q to %q", strings.TrimSpace(opening), closing)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+opening+table.String()+closing+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table.String(), between); diff != "" {
		t.Errorf("README.md differs from `attune config --format markdown`; go test ./cmd/attune -run ReadmeTable -update (-code +README):\n%s", diff)
	}
}
