package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// readYAML reads a file, of which only some keys matter.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// variables are the names in README's table of the configuration, which another test compares with the program.
func variables(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(ATTUNE_\\w+)` \\|").FindAllStringSubmatch(string(data), -1) {
		names = append(names, m[1])
	}
	if len(names) < 25 {
		t.Fatalf("only %d variables are found in README", len(names))
	}
	return names
}

// TestCompose: no engine runs where the tests do, so they hold the file to what it promises. Services, images, volumes and
// files exist and are pinned, variables are Attune's, ports are reachable from this machine only.
func TestCompose(t *testing.T) {
	type service struct {
		Image       string
		Build       struct{ Context, Dockerfile string }
		Command     []string
		Ports       []string
		Volumes     []string
		Environment map[string]string
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		DependsOn   any      `yaml:"depends_on"`
		Healthcheck struct{ Test []string }
	}
	var file struct {
		Services map[string]service
		Volumes  map[string]any
	}
	readYAML(t, "compose/compose.yaml", &file)
	for _, want := range []string{"attune-1", "attune-2", "balancer", "bot", "redis", "prometheus", "grafana"} {
		if _, ok := file.Services[want]; !ok {
			t.Fatalf("there is no service %s", want)
		}
	}
	known := variables(t)
	published := map[string]bool{}
	for name, s := range file.Services {
		if s.Build.Dockerfile != "" {
			if _, err := os.Stat(filepath.Join("compose", s.Build.Context, s.Build.Dockerfile)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if image, tag, ok := strings.Cut(s.Image, ":"); !ok || tag == "latest" || image == "" {
			t.Errorf("%s: the image %q is not pinned", name, s.Image)
		}
		for _, p := range s.Ports {
			host, ok := strings.CutPrefix(p, "127.0.0.1:")
			port, _, _ := strings.Cut(host, ":")
			if !ok || published[port] {
				t.Errorf("%s: the port %s is taken, or open to everybody", name, p)
			}
			published[port] = true
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if !strings.HasPrefix(from, ".") {
				if _, ok := file.Volumes[from]; !ok {
					t.Errorf("%s: there is no volume %s", name, from)
				}
				continue
			}
			if from == "./tokens" { // made by who starts it
				continue
			}
			if _, err := os.Stat(filepath.Join("compose", from)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		needs, _ := s.DependsOn.(map[string]any)
		for other := range needs {
			if _, ok := file.Services[other]; !ok {
				t.Errorf("%s needs %s, which there is not", name, other)
			}
		}
		for v := range s.Environment {
			if strings.HasPrefix(v, "ATTUNE_") && !slices.Contains(known, v) {
				t.Errorf("%s: Attune knows no %s", name, v)
			}
		}
		if s.Image == "attune" && (!s.ReadOnly || !slices.Contains(s.CapDrop, "ALL")) {
			t.Errorf("%s may write, or do, more than it has to", name)
		}
	}
	env := file.Services["attune-1"].Environment
	for v, service := range map[string]string{"ATTUNE_BACKEND_URL": "ws://bot:3000", "ATTUNE_REDIS_URL": "redis://redis:6379/0"} {
		if env[v] != service {
			t.Errorf("%s is %q, want %q", v, env[v], service)
		}
	}
	if bot := file.Services["bot"].Command; !slices.Equal(bot, []string{"demo", "--bot", ":3000"}) {
		t.Errorf("the bot is started with %q", bot)
	}

	balancer, err := os.ReadFile("compose/haproxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range []string{"attune-1", "attune-2"} {
		for _, port := range []string{":8080", ":8081"} {
			if !strings.Contains(string(balancer), "server "+node+" "+node+port) {
				t.Errorf("the balancer does not lead to %s%s", node, port)
			}
		}
	}
	var scrape struct {
		ScrapeConfigs []struct {
			StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, "prometheus/prometheus.yml", &scrape)
	if got := scrape.ScrapeConfigs[0].StaticConfigs[0].Targets; !slices.Equal(got, []string{"attune-1:9090", "attune-2:9090"}) {
		t.Errorf("scraped are %q", got)
	}
}

// TestUnit: systemd takes the unit, and rates it as hardened.
func TestUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("ATTUNE_TEST_FULL") == "" {
			t.Skip("systemd-analyze is not installed")
		}
		t.Fatal(err)
	}
	data, err := os.ReadFile("systemd/attune.service")
	if err != nil {
		t.Fatal(err)
	}
	const binary = "/usr/local/bin/attune"
	if !strings.Contains(string(data), "ExecStart="+binary+" serve\n") {
		t.Fatal("the unit starts something else")
	}
	// The binary need not be installed where the tests run.
	unit := filepath.Join(t.TempDir(), "attune.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(data), binary, "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", unit).CombinedOutput()
	if err != nil || strings.Contains(string(out), "attune.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--threshold=20", unit).CombinedOutput(); err != nil {
		t.Errorf("the exposure is above 2.0: %v\n%s", err, out)
	}
}
