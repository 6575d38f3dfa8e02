package deploy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"
)

// chart renders the Helm chart as a release "shop" with values in place of the chart's own, as Helm does it: what the
// templates use of its functions is little. What a template refuses comes back as an error.
func chart(t *testing.T, values map[string]any) (docs []map[string]any, err error) {
	t.Helper()
	var all map[string]any
	readYAML(t, "helm/attune/values.yaml", &all)
	for key, value := range values {
		own, both := all[key].(map[string]any)
		if given, ok := value.(map[string]any); both && ok {
			maps.Copy(own, given)
			continue
		}
		all[key] = value
	}
	functions := template.FuncMap{
		"fail":    func(text string) (string, error) { return "", errors.New(text) },
		"has":     func(item string, list []any) bool { return slices.Contains(list, any(item)) },
		"get":     func(m map[string]any, key string) any { return m[key] },
		"int":     number,
		"add":     func(a, b any) int { return number(a) + number(b) },
		"default": func(otherwise, v string) string { return cmp.Or(v, otherwise) },
		"quote":   func(v any) string { return fmt.Sprintf("%q", fmt.Sprint(v)) },
		"dict": func(pairs ...string) map[string]string {
			m := map[string]string{}
			for pair := range slices.Chunk(pairs, 2) {
				m[pair[0]] = pair[1]
			}
			return m
		},
		"toYaml": func(v any) (string, error) {
			text, err := yaml.Marshal(v)
			return strings.TrimSuffix(string(text), "\n"), err
		},
		"nindent": func(n int, text string) string {
			return strings.ReplaceAll("\n"+text, "\n", "\n"+strings.Repeat(" ", n))
		},
	}
	templates, err := template.New("").Option("missingkey=error").Funcs(functions).ParseGlob("helm/attune/templates/*")
	if err != nil {
		t.Fatal(err)
	}
	release := map[string]any{"Values": all, "Chart": map[string]any{"AppVersion": "1.2.3"}, "Release": map[string]any{"Name": "shop", "Namespace": "talk"}}
	for _, part := range templates.Templates() {
		var text strings.Builder
		if err := part.Execute(&text, release); err != nil {
			return nil, err
		}
		if filepath.Ext(part.Name()) != ".yaml" {
			continue
		}
		for text := range strings.SplitSeq(text.String(), "\n---\n") {
			var doc map[string]any
			if err := yaml.UnmarshalWithOptions([]byte(text), &doc, yaml.Strict()); err != nil {
				t.Fatalf("%s: %v\n%s", part.Name(), err, text)
			}
			if doc != nil {
				docs = append(docs, doc)
			}
		}
	}
	return docs, nil
}

// number is a number of a values file.
func number(v any) int {
	var n int
	_, _ = fmt.Sscan(fmt.Sprint(v), &n)
	return n
}

// at follows keys and indices into a document.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for i, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			if v, ok = m[step]; !ok {
				t.Fatalf("there is no %v", path[:i+1])
			}
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				t.Fatalf("there is no %v", path[:i+1])
			}
			v = list[step]
		}
	}
	return v
}

// kinds are the kinds and names of documents.
func kinds(t *testing.T, docs []map[string]any) (names []string) {
	t.Helper()
	for _, d := range docs {
		names = append(names, fmt.Sprint(d["kind"], " ", at(t, d, "metadata", "name")))
	}
	slices.Sort(names)
	return names
}

// one is the document of a kind.
func one(t *testing.T, docs []map[string]any, kind string) map[string]any {
	t.Helper()
	i := slices.IndexFunc(docs, func(d map[string]any) bool { return d["kind"] == kind })
	if i < 0 {
		t.Fatalf("there is no %s", kind)
	}
	return docs[i]
}

// TestChart: everything that can be set, once. Variables are Attune's, what is mounted is there, what is probed is
// served, and a pod has the time that its drain takes.
func TestChart(t *testing.T) {
	files := []any{"tokens", "desks.yaml", "replies.yaml", "routes.yaml", "profile.yaml"}
	docs, err := chart(t, map[string]any{
		"replicas": 3, "drainSeconds": 90, "envSecret": "attune-env", "fileSecret": "attune-files", "files": files,
		"rules":      map[string]any{"core-en.yaml": "pack: core-en\nversion: 1\n"},
		"env":        map[string]any{"ATTUNE_ORIGINS": "https://shop.example.com"},
		"podMonitor": map[string]any{"enabled": true}, "podLabels": map[string]any{"team": "care"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ConfigMap shop-rules", "Deployment shop", "NetworkPolicy shop", "PodDisruptionBudget shop", "PodMonitor shop", "Service shop", "Service shop-console"}
	if got := kinds(t, docs); !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	pod := at(t, one(t, docs, "Deployment"), "spec", "template")
	for label, want := range map[string]string{"app.kubernetes.io/name": "attune", "app.kubernetes.io/instance": "shop", "team": "care"} {
		if got := at(t, pod, "metadata", "labels", label); got != want {
			t.Errorf("the label %s is %v", label, got)
		}
	}
	if got := number(at(t, pod, "spec", "terminationGracePeriodSeconds")); got < 90+5 {
		t.Errorf("a pod has %d s to stop, its drain takes 95", got)
	}
	c := at(t, pod, "spec", "containers", 0)
	if got := at(t, c, "image"); got != "attune:1.2.3" {
		t.Errorf("the image is %v", got)
	}
	env, known := map[string]any{}, variables(t)
	for _, v := range at(t, c, "env").([]any) {
		name := at(t, v, "name").(string)
		if _, twice := env[name]; twice || !slices.Contains(known, name) {
			t.Errorf("%s is set twice, or no variable of Attune", name)
		}
		env[name] = at(t, v, "value")
	}
	for name, want := range map[string]string{
		"ATTUNE_DRAIN": "90s", "ATTUNE_MODE": "observe", "ATTUNE_ORIGINS": "https://shop.example.com", "ATTUNE_RULES": "/etc/attune/rules",
		"ATTUNE_TOKENS_FILE": "/etc/attune/files/tokens", "ATTUNE_DESKS": "/etc/attune/files/desks.yaml", "ATTUNE_REPLIES": "/etc/attune/files/replies.yaml",
		"ATTUNE_ROUTES": "/etc/attune/files/routes.yaml", "ATTUNE_PROFILE": "/etc/attune/files/profile.yaml",
		"ATTUNE_LISTEN": ":8080", "ATTUNE_CONSOLE_LISTEN": ":8081", "ATTUNE_ADMIN_LISTEN": ":9090",
	} {
		if env[name] != want {
			t.Errorf("%s is %v, want %s", name, env[name], want)
		}
	}
	for probe, path := range map[string]string{"livenessProbe": "/-/healthy", "readinessProbe": "/-/ready"} {
		if got := at(t, c, probe, "httpGet"); at(t, got, "path") != path || at(t, got, "port") != "admin" {
			t.Errorf("the %s asks %v", probe, got)
		}
	}
	if url, set := env["ATTUNE_BACKEND_URL"]; set {
		t.Errorf("ATTUNE_BACKEND_URL, which nobody set, is %q", url)
	}
	mounted := map[any]any{}
	for _, m := range at(t, c, "volumeMounts").([]any) {
		mounted[at(t, m, "name")] = at(t, m, "mountPath")
	}
	if want := map[any]any{"rules": "/etc/attune/rules", "files": "/etc/attune/files"}; !maps.Equal(mounted, want) {
		t.Errorf("mounted is %v", mounted)
	}
	if got := at(t, pod, "spec", "volumes", 0, "configMap", "name"); got != "shop-rules" {
		t.Errorf("the rules come from %v", got)
	}
	for _, safe := range []struct {
		of   any
		path []any
		want any
	}{
		{c, []any{"securityContext", "readOnlyRootFilesystem"}, true},
		{c, []any{"securityContext", "allowPrivilegeEscalation"}, false},
		{c, []any{"securityContext", "capabilities", "drop", 0}, "ALL"},
		{pod, []any{"spec", "securityContext", "runAsNonRoot"}, true},
		{pod, []any{"spec", "securityContext", "seccompProfile", "type"}, "RuntimeDefault"},
		{pod, []any{"spec", "automountServiceAccountToken"}, false},
	} {
		if got := at(t, safe.of, safe.path...); got != safe.want {
			t.Errorf("%v is %v", safe.path, got)
		}
	}
	if at(t, c, "resources", "limits", "memory") == nil {
		t.Error("the container has no limit of memory")
	}
}

// TestChartGuardsTheAdmin: whoever is let in, it is at the widgets' port alone, unless they are named.
func TestChartGuardsTheAdmin(t *testing.T) {
	values := map[string]any{"env": map[string]any{"ATTUNE_BACKEND_URL": "ws://bot:3000"}}
	prometheus := map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"name": "monitoring"}}}
	for _, named := range []bool{false, true} {
		want := fmt.Sprint([]any{map[string]any{"podSelector": map[string]any{}}})
		if named {
			values["networkPolicy"] = map[string]any{"operators": []any{prometheus}, "egress": []any{map[string]any{"to": []any{prometheus}}}}
			want = fmt.Sprint([]any{prometheus})
		}
		docs, err := chart(t, values)
		if err != nil {
			t.Fatal(err)
		}
		spec := at(t, one(t, docs, "NetworkPolicy"), "spec")
		for _, rule := range at(t, spec, "ingress").([]any) {
			ports, from := fmt.Sprint(at(t, rule, "ports")), rule.(map[string]any)["from"]
			if (ports != "[map[port:widgets]]") != (from != nil) || from != nil && fmt.Sprint(from) != want {
				t.Errorf("%s answer %v", ports, from)
			}
		}
		if _, bounded := spec.(map[string]any)["egress"]; bounded != named {
			t.Errorf("with %v what Attune may reach is bounded: %v", values, bounded)
		}
	}
}

// TestChartNeedsABot: the least that a release is, and what is refused with a word about what to do.
func TestChartNeedsABot(t *testing.T) {
	bot := map[string]any{"ATTUNE_BACKEND_URL": "ws://bot:3000"}
	docs, err := chart(t, map[string]any{"env": bot})
	if got, want := kinds(t, docs), []string{"Deployment shop", "NetworkPolicy shop", "Service shop", "Service shop-console"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("the least has %q, %v, want %q", got, err, want)
	}
	for want, values := range map[string]map[string]any{
		"set env.ATTUNE_BACKEND_URL": {},
		"name in envSecret":          {"env": bot, "replicas": 2},
		"name in fileSecret":         {"env": bot, "files": []any{"tokens"}},
	} {
		if _, err := chart(t, values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("said %v, want %q", err, want)
		}
	}
}

// TestChartIsWhole: whatever can be set is asked for.
func TestChartIsWhole(t *testing.T) {
	var values, meta map[string]any
	readYAML(t, "helm/attune/values.yaml", &values)
	readYAML(t, "helm/attune/Chart.yaml", &meta)
	if meta["apiVersion"] != "v2" || meta["name"] != "attune" || meta["version"] == nil {
		t.Errorf("Chart.yaml says %v", meta)
	}
	var asked strings.Builder
	sources(t, func(_, text string) { asked.WriteString(text) }, ".yaml", ".txt")
	for name := range values {
		if !strings.Contains(asked.String(), ".Values."+name) {
			t.Errorf("nothing asks for %s", name)
		}
	}
}
