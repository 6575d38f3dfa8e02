package deploy

import (
	"os"
	"strings"
	"testing"
)

// No engine builds the image where the tests run, so they hold the file to what
// it promises: nothing but the binary and the certificates, and not as root.
func TestDockerfile(t *testing.T) {
	data, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, final, found := strings.Cut(string(data), "FROM scratch\n")
	if !found || strings.Contains(final, "FROM ") {
		t.Fatal("the last stage is not scratch")
	}
	for _, want := range []string{"USER 65532:65532\n", "ENTRYPOINT [\"/attune\"]\n", "CMD [\"serve\"]\n", "ca-certificates.crt"} {
		if !strings.Contains(final, want) {
			t.Errorf("the last stage lacks %q", want)
		}
	}
	if strings.Contains(string(data), ":latest") {
		t.Error("a base image is not pinned")
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(mod), "\ngo ")
	version, _, _ := strings.Cut(rest, "\n")
	minor := version[:strings.LastIndex(version, ".")]
	if !strings.Contains(string(data), "FROM golang:"+minor+".") {
		t.Errorf("the Dockerfile does not build with go %s", minor)
	}
}
