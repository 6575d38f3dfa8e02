package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"attune/proxy/session"
)

var modes = []string{"full", "tone", "escalation", "observe", "observe-all"}

// check finds what is wrong with values that could be read. Variables that
// are at fault already are left alone: they hold their default.
func check(c Config, already []advise) []advise {
	k := &checker{already: already}
	k.address("ATTUNE_LISTEN", c.Listen)
	k.address("ATTUNE_CONSOLE_LISTEN", c.ConsoleListen)
	k.address("ATTUNE_ADMIN_LISTEN", c.AdminListen)
	k.distinct([]string{"ATTUNE_LISTEN", "ATTUNE_CONSOLE_LISTEN", "ATTUNE_ADMIN_LISTEN"}, []string{c.Listen, c.ConsoleListen, c.AdminListen})

	k.url("ATTUNE_BACKEND_URL", c.BackendURL, "ws", "wss")
	k.url("ATTUNE_BACKEND_HTTP_URL", c.BackendHTTPURL, "http", "https")
	k.redis(string(c.RedisURL))
	k.secret(string(c.Secret))
	if !slices.Contains(modes, c.Mode) {
		k.add("ATTUNE_MODE", "use full, tone, escalation, observe or observe-all", "unknown mode %q", c.Mode)
	}
	k.dir("ATTUNE_RULES", c.rulesDir())

	k.origins(c.Origins)
	k.prefixes("ATTUNE_TRUSTED_PROXIES", c.TrustedProxies)
	k.file("ATTUNE_ROUTES", c.Routes)
	k.file("ATTUNE_DESKS", c.Desks)
	k.file("ATTUNE_REPLIES", c.Replies)
	if c.Leeway < 1 {
		k.add("ATTUNE_LEEWAY", "use 1 for the usual times", "nobody could answer in %d times the usual time", c.Leeway)
	}
	if c.AgentCapacity < 0 {
		k.add("ATTUNE_AGENT_CAPACITY", "use 1 or more, or 0 for 3", "nobody could talk to anybody with %d", c.AgentCapacity)
	}
	k.file("ATTUNE_TOKENS_FILE", c.TokensFile)
	k.tls(c.TLSCert, c.TLSKey)

	if c.LogFormat != "json" && c.LogFormat != "text" {
		k.add("ATTUNE_LOG_FORMAT", "use json or text", "unknown format %q", c.LogFormat)
	}
	return k.faults
}

type checker struct {
	already, faults []advise
}

func (k *checker) add(name, hint, format string, args ...any) {
	if !blamed(k.already, name) {
		k.faults = append(k.faults, advise{name + ": " + fmt.Sprintf(format, args...), hint})
	}
}

func (k *checker) address(name, s string) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		hint := "write host:port, or :port for all addresses"
		if _, digits := strconv.Atoi(s); digits == nil {
			hint = "write :" + s + " for port " + s + " on all addresses"
		}
		k.add(name, hint, "%q is not an address to listen on", s)
		return
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || (port != "0" && n == 0) {
		k.add(name, "use a port from 1 to 65535, or 0 for any free one", "%q has no usable port", s)
	}
}

func (k *checker) distinct(names, addresses []string) {
	for i := range names {
		for j := range i {
			_, port, err := net.SplitHostPort(addresses[i])
			if err == nil && port != "0" && addresses[i] == addresses[j] {
				k.add(names[i], "give each listener its own port", "%q is the address of %s too", addresses[i], names[j])
			}
		}
	}
}

// url checks a URL of the bot. Its user part would be a secret, so a URL
// that has one is refused without being quoted.
func (k *checker) url(name, s, plain, secure string) {
	if s == "" {
		return
	}
	example := secure + "://bot.example.com/chat"
	u, err := url.Parse(s)
	switch {
	case err != nil:
		k.add(name, "write it like "+example, "not a URL")
	case u.User != nil:
		k.add(name, "let the widget send its credentials in headers, which are passed on", "user and password have no place here")
	case u.Scheme != plain && u.Scheme != secure:
		hint := fmt.Sprintf("start it with %s:// or, where the bot speaks TLS, %s://", plain, secure)
		if swap := map[string]string{"http": "ws", "https": "wss", "ws": "http", "wss": "https"}[u.Scheme]; swap == plain || swap == secure {
			hint = "did you mean " + swap + "://" + u.Host + u.EscapedPath() + "?"
		}
		k.add(name, hint, "the scheme %q is not one of %s, %s", u.Scheme, plain, secure)
	case u.Hostname() == "":
		k.add(name, "write it like "+example, "no host in %q", s)
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		k.add(name, "the widget's own query is appended", "a query or fragment has no place here")
	}
}

// redis checks the URL of the store without ever quoting it: it may hold a
// password. Nothing is connected to.
func (k *checker) redis(s string) {
	if s == "" {
		return
	}
	const name, hint = "ATTUNE_REDIS_URL", "write it like redis://user:password@host:6379/0, or rediss:// for TLS"
	scheme, _, ok := strings.Cut(s, "://")
	switch {
	case !ok:
		k.add(name, hint, "not a URL")
		return
	case scheme != "redis" && scheme != "rediss" && scheme != "unix":
		k.add(name, hint, "the scheme is not one of redis, rediss, unix")
		return
	}
	store, err := session.Open(session.Config{URL: s})
	if err != nil {
		k.add(name, hint, "%s", strings.TrimPrefix(err.Error(), "session: redis URL: "))
		return
	}
	_ = store.Close()
}

// secret checks that the secret cannot be guessed, as far as its length shows.
func (k *checker) secret(s string) {
	if s != "" && len(s) < 32 {
		k.add("ATTUNE_SECRET", "make one: openssl rand -base64 32", "shorter than 32 characters")
	}
}

func (k *checker) origins(list []string) {
	const name = "ATTUNE_ORIGINS"
	for _, s := range list {
		if s == "none" || s == "*" {
			continue
		}
		u, err := url.Parse(s)
		switch {
		case err != nil || u.Scheme == "" || u.Host == "" || u.User != nil:
			k.add(name, "write scheme, host and port as the browser does: https://shop.example.com", "%q is not an origin", s)
		case u.Path != "" || u.RawQuery != "" || u.Fragment != "":
			k.add(name, "did you mean "+u.Scheme+"://"+u.Host+"?", "%q is more than an origin", s)
		case strings.Contains(u.Host, "*"):
			k.add(name, "name each origin, or use * alone for all", "%q: patterns are not supported", s)
		}
	}
}

func (k *checker) prefixes(name string, list []string) {
	for _, s := range list {
		if _, err := netip.ParseAddr(s); err == nil {
			continue
		}
		if _, err := netip.ParsePrefix(s); err != nil {
			k.add(name, "write 10.0.0.0/8, or a single address", "%q is not an address or CIDR range", s)
		}
	}
}

func (k *checker) file(name, path string) {
	if path == "" {
		return
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		k.add(name, "name the file itself", "%s is a directory", path)
		return
	}
	k.readable(name, path, err)
}

func (k *checker) dir(name, path string) {
	if path == "" {
		return
	}
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		k.add(name, "name the directory that the packs are in", "%s is a file", path)
		return
	}
	k.readable(name, path, err)
}

func (k *checker) readable(name, path string, err error) {
	if err == nil {
		var f *os.File
		if f, err = os.Open(path); err == nil { //nolint:gosec // opening what the operator named is the point
			_ = f.Close()
			return
		}
	}
	hint := "check the path; it is taken from the directory that attune was started in"
	if os.IsPermission(err) {
		hint = "let the user that attune runs as read it"
	}
	k.add(name, hint, "%s", strings.TrimPrefix(err.Error(), "stat "))
}

func (k *checker) tls(cert, key string) {
	switch {
	case cert == "" && key == "":
		return
	case key == "":
		k.add("ATTUNE_TLS_KEY", "set it to the key that belongs to ATTUNE_TLS_CERT", "missing, but ATTUNE_TLS_CERT is set")
		return
	case cert == "":
		k.add("ATTUNE_TLS_CERT", "set it to the certificate that belongs to ATTUNE_TLS_KEY", "missing, but ATTUNE_TLS_KEY is set")
		return
	}
	before := len(k.faults)
	k.file("ATTUNE_TLS_CERT", cert)
	k.file("ATTUNE_TLS_KEY", key)
	if len(k.faults) > before {
		return
	}
	// The error of the tls package names the files' kinds, never their bytes.
	if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
		k.add("ATTUNE_TLS_CERT", "use a PEM certificate and the PEM key it was made with", "certificate and key cannot be used: %v", err)
	}
}
