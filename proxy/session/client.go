package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// The modes of a store.
const (
	ModeEmbedded = "embedded"
	ModeSingle   = "single"
	ModeCluster  = "cluster"
	ModeSentinel = "sentinel"
)

// ioTimeout bounds one dial, one write and one read. The whole call is bounded
// by its context.
const ioTimeout = 500 * time.Millisecond

// options reads a store's URL, for a client whose dials, writes and reads may take
// so long each. It is one of
//
//	redis://[user:password@]host[:6379][/db]          one server
//	rediss://…                                         the same over TLS
//	unix:///path/to.sock[?db=N]                        one server on a Unix socket
//	redis://host1,host2,…                              a Cluster; ?cluster=true for one host
//	redis://sentinel1,…[:26379][/db]?master=NAME       Sentinels; ?sentinel_password=…
//
// Errors never quote the URL: it holds a password.
func options(raw string, timeout time.Duration) (*redis.UniversalOptions, string, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return nil, "", errors.New("want redis://, rediss:// or unix://")
	}
	// url.Parse refuses the commas and ports of several hosts, so the hosts are
	// taken out first.
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	user, hosts := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, hosts = authority[:i+1], authority[i+1:]
	}
	u, err := url.Parse(scheme + "://" + user + "host" + tail)
	if err != nil {
		return nil, "", errors.New("not a URL")
	}
	query := u.Query()
	o := &redis.UniversalOptions{
		ContextTimeoutEnabled: true,
		DisableIdentity:       true,
		DialTimeout:           timeout,
		ReadTimeout:           timeout,
		WriteTimeout:          timeout,
		PoolTimeout:           timeout,
		DialerRetries:         1,
		// Everything that is sent may be sent twice: scripts know their tokens.
		MaxRetries:               2,
		MinRetryBackoff:          8 * time.Millisecond,
		MaxRetryBackoff:          64 * time.Millisecond,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		PipelinePoolSize:         2,
		PipelineReadBufferSize:   64 << 10,
		PipelineWriteBufferSize:  64 << 10,
		MasterName:               query.Get("master"),
		SentinelPassword:         query.Get("sentinel_password"),
		SentinelUsername:         query.Get("sentinel_username"),
		IsClusterMode:            query.Get("cluster") == "true",
	}
	if u.User != nil {
		o.Username = u.User.Username()
		o.Password, _ = u.User.Password()
	}
	switch scheme {
	case "unix":
		if u.Path == "" || hosts != "" {
			return nil, "", errors.New("unix:// wants an absolute path")
		}
		o.Addrs = []string{u.Path}
		o.Dialer = func(ctx context.Context, _, addr string) (net.Conn, error) {
			return (&net.Dialer{Timeout: timeout}).DialContext(ctx, "unix", addr)
		}
		u.Path = ""
	case "rediss":
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	case "redis":
	default:
		return nil, "", fmt.Errorf("scheme %q: want redis, rediss or unix", scheme)
	}
	port := "6379"
	if o.MasterName != "" {
		port = "26379"
	}
	if scheme != "unix" {
		for host := range strings.SplitSeq(hosts, ",") {
			if host == "" {
				return nil, "", errors.New("a host is missing")
			}
			if _, _, err := net.SplitHostPort(host); err != nil {
				host = net.JoinHostPort(strings.Trim(host, "[]"), port)
			}
			o.Addrs = append(o.Addrs, host)
		}
	}
	db := strings.Trim(u.Path, "/")
	if db == "" {
		db = query.Get("db")
	}
	if db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, "", errors.New("the database must be a number")
		}
	}
	mode := ModeSingle
	switch {
	case o.MasterName != "":
		mode = ModeSentinel
	case len(o.Addrs) > 1 || o.IsClusterMode:
		mode = ModeCluster
		if o.DB != 0 {
			return nil, "", errors.New("a Cluster has database 0 only")
		}
	}
	if o.TLSConfig != nil && mode == ModeSingle {
		o.TLSConfig.ServerName, _, _ = net.SplitHostPort(o.Addrs[0])
	}
	return o, mode, nil
}

// unavailable reports whether an error says that Redis could not be used, as
// opposed to an answer we did not like.
func unavailable(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) || errors.Is(err, context.Canceled) {
		return false
	}
	var answer redis.Error
	if !errors.As(err, &answer) {
		return true
	}
	for _, prefix := range []string{
		"LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "OOM", "NOREPLICAS", "MISCONF", "BUSY",
		"NOAUTH", "WRONGPASS", "NOPERM", "max number of clients",
	} {
		if redis.HasErrorPrefix(answer, prefix) {
			return true
		}
	}
	return false
}
