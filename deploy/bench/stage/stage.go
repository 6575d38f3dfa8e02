package stage

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"attune/rules/packs"
)

//go:embed nginx.conf haproxy.cfg
var configs embed.FS

// Names are what can be put on the stage: the backend by itself, the peers, Attune's
// event loops with nothing read, and Attune.
var Names = []string{"direct", "nginx", "haproxy", "gorilla", "loops", "attune"}

// Stage is where processes run. One goroutine uses it at a time.
type Stage struct {
	// Dir holds configurations and output; it must exist.
	Dir string
	// Attune and Bench are the programs' paths.
	Attune, Bench string
	// Stiff is the share of replies that ought to be reworded.
	Stiff float64
	// Files is the limit of descriptors of a process, Sessions how many
	// sessions a proxy must be able to hold.
	Files, Sessions int
	// Rules are further packs for Attune.
	Rules [][]byte
	// Env are further variables for Attune, as NAME=VALUE.
	Env []string

	port int
	made int // performances, for names of directories
}

// Show is one proxy with its backend, running.
type Show struct {
	Name string
	// Address is where widgets connect.
	Address string
	// Proxy is the root of the proxy's process tree.
	Proxy int
	// Redis is the redis-server's process and RedisAddress where it listens; 0
	// and empty without.
	Redis        int
	RedisAddress string
	// Admin is Attune's admin address, empty for others.
	Admin string

	processes []*process
}

// Stop ends all of its processes.
func (s *Show) Stop() {
	for _, p := range s.processes {
		p.stop()
	}
}

func (s *Stage) dirOf(name string) string {
	return filepath.Join(s.Dir, fmt.Sprintf("%03d-%s", s.made, name))
}

// Start puts one of Names on. The caller stops what it gets.
func (s *Stage) Start(ctx context.Context, name string) (_ *Show, err error) {
	s.made++
	show := &Show{Name: name}
	defer func() {
		if err != nil {
			show.Stop()
			err = fmt.Errorf("%s: %w", name, err)
		}
	}()
	backend, err := s.address()
	if err != nil {
		return nil, err
	}
	echo, err := s.start("backend", nil, s.Bench, "echo", "-listen", backend, "-stiff", fmt.Sprint(s.Stiff))
	if err != nil {
		return nil, err
	}
	show.processes = append(show.processes, echo)
	if err := echo.answers(ctx, upgrades(backend)); err != nil {
		return nil, err
	}
	if name == "direct" {
		show.Address, show.Proxy = backend, echo.pid()
		return show, nil
	}
	if show.Address, err = s.address(); err != nil {
		return nil, err
	}
	var proxy *process
	ready := upgrades(show.Address)
	switch name {
	case "nginx":
		if proxy, err = s.configured(show.Address, backend, "nginx.conf"); err != nil {
			return nil, err
		}
	case "haproxy":
		if proxy, err = s.configured(show.Address, backend, "haproxy.cfg"); err != nil {
			return nil, err
		}
	case "gorilla", "loops":
		if proxy, err = s.start(name, nil, s.Bench, name, "-listen", show.Address, "-backend", backend); err != nil {
			return nil, err
		}
	case "attune":
		if proxy, err = s.attune(ctx, show, backend); err != nil {
			return nil, err
		}
		ready = healthy(show.Admin)
	default:
		return nil, errors.New("nobody of that name; there are " + strings.Join(Names, ", "))
	}
	show.Proxy = proxy.pid()
	show.processes = append(show.processes, proxy)
	return show, proxy.answers(ctx, ready)
}

// configured starts nginx or HAProxy by its file.
func (s *Stage) configured(address, backend, file string) (*process, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(file, ".")
	path := filepath.Join(s.dirOf(name), file)
	t, err := template.ParseFS(configs, file)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, struct {
		Port, Backend   string
		Files, Sessions int
	}{port, backend, s.Files, s.Sessions + 100}); err != nil {
		return nil, err
	}
	if err := write(path, b.Bytes()); err != nil {
		return nil, err
	}
	if name == "nginx" {
		return s.start(name, nil, "nginx", "-p", filepath.Dir(path)+"/", "-c", path)
	}
	return s.start(name, nil, "haproxy", "-f", path)
}

// attune starts it with everything on: English rules, sessions in Redis,
// metrics. Limits are raised where one machine plays thousands of customers.
func (s *Stage) attune(ctx context.Context, show *Show, backend string) (*process, error) {
	rules, err := s.rules()
	if err != nil {
		return nil, err
	}
	if show.RedisAddress, err = s.address(); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(show.RedisAddress)
	if err != nil {
		return nil, err
	}
	redis, err := s.start("redis", nil, "redis-server", "--bind", host, "--port", port, "--save", "", "--appendonly", "no")
	if err != nil {
		return nil, err
	}
	show.processes = append(show.processes, redis)
	show.Redis = redis.pid()
	if err := redis.answers(ctx, listens(show.RedisAddress)); err != nil {
		return nil, err
	}
	if show.Admin, err = s.address(); err != nil {
		return nil, err
	}
	console, err := s.address()
	if err != nil {
		return nil, err
	}
	return s.start("attune", append([]string{
		"ATTUNE_LISTEN=" + show.Address, "ATTUNE_CONSOLE_LISTEN=" + console, "ATTUNE_ADMIN_LISTEN=" + show.Admin,
		"ATTUNE_BACKEND_URL=ws://" + backend, "ATTUNE_REDIS_URL=redis://" + show.RedisAddress + "/0",
		"ATTUNE_RULES=" + rules, "ATTUNE_MODE=tone", "ATTUNE_ORIGINS=none", "ATTUNE_LOG_LEVEL=warn",
		"ATTUNE_RATE=0", "ATTUNE_RATE_BURST=0", "ATTUNE_MAX_PER_ADDRESS=0",
	}, s.Env...), s.Attune, "serve")
}

// rules writes the English pack, and the stage's further ones, into a directory.
func (s *Stage) rules() (string, error) {
	shipped, err := packs.Files()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.dirOf("attune"), "rules")
	for _, f := range shipped {
		if filepath.Base(f.Name) == "core-en.yaml" {
			if err := write(filepath.Join(dir, "core-en.yaml"), f.Data); err != nil {
				return "", err
			}
		}
	}
	for i, pack := range s.Rules {
		if err := write(filepath.Join(dir, fmt.Sprintf("further-%d.yaml", i)), pack); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // nginx' workers are another user
		return err
	}
	return os.WriteFile(path, data, 0o644) //nolint:gosec // nothing in it is secret
}

// healthy looks whether Attune at an admin address is ready.
func healthy(admin string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/-/ready", http.NoBody)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		if err := resp.Body.Close(); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	}
}
