package wire

import (
	"embed"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// shipped holds the profiles that come with Attune, one file each.
//
//go:embed profiles/*.yaml
var shipped embed.FS

// Profile says how one backend family shapes its messages. It is immutable; any number of goroutines may use it.
type Profile struct {
	name        string
	framing     *framed
	subprotocol string
	voice       bool
	maxMessage  int64
	keepalive   []string
	once        bool
	echoes      bool
	each        *path
	session     []*path
	locale      []*path
	metas       []string // metadata that paths name; a path's slot is an index in here
	remember    []variable
	frames      [2][]*frame // by Direction
	streams     []*stream
	routes      []*Route
	wide        bool // its messages hold whole conversations
	blind       bool
	inject      injections
	reconnect   *reconnection // nil when a backend that is lost is not replaced
	seed        maphash.Seed
	readers     sync.Pool // of *reader
}

// variable is one entry of remember.
type variable struct {
	name string
	path *path
}

// frame is one entry of frames: which messages it is about, and where their words are.
type frame struct {
	kind      Kind
	role      Role
	when      []*condition
	sender    *path
	text      []textRule
	labels    []*path
	payloads  []*path
	cards     []*path
	opaqueIf  []*condition
	ifOffered bool
	id        *path
	correlate *path
	expected  *path
	sureness  *path // key confidence
	handoff   []*condition
	returned  []*condition
	refused   []*condition
	stream    int // index in the profile's streams, -1 when the frame does not stream
	ackBy     time.Duration
	replyBy   time.Duration
	flush     bool
	inject    *injections
}

// textRule is one entry of text.
type textRule struct {
	path   *path
	syntax Syntax
	follow int // index of the entry whose words this one repeats, -1 for none
}

// Name is the profile's name, such as "rasa-socketio".
func (p *Profile) Name() string { return p.name }

// Channel is "voice" when an IVR platform is the widget, else "text".
func (p *Profile) Channel() string {
	if p.voice {
		return "voice"
	}
	return "text"
}

// Framing is "raw", "socketio" or another word of the profile format.
func (p *Profile) Framing() string { return p.framing.name }

// Subprotocol is the WebSocket subprotocol of the protocol, "" when it has none of its own.
func (p *Profile) Subprotocol() string { return p.subprotocol }

// MaxMessage is how many bytes an edited message may have, 0 for no limit of the protocol's own.
func (p *Profile) MaxMessage() int64 { return p.maxMessage }

// Once reports whether the widget shows a message with an id that it has shown already no second time, so that it may
// be said again.
func (p *Profile) Once() bool { return p.once }

// Injects reports whether the profile can say something to the customer of its own accord.
func (p *Profile) Injects() bool {
	if p.inject[InjectBot] != nil {
		return true
	}
	for _, f := range p.frames[Down] {
		if f.inject != nil && f.inject[InjectBot] != nil {
			return true
		}
	}
	return false
}

// Blind reports whether the socket does not show what the customer says, but for the backend's echo of it: it travels
// by HTTP.
func (p *Profile) Blind() bool { return p.blind }

// Shipped lists the names of the profiles that come with Attune, sorted.
func Shipped() []string {
	files, err := fs.Glob(shipped, "profiles/*.yaml")
	if err != nil {
		return nil
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(filepath.Base(f), ".yaml")
	}
	slices.Sort(names)
	return names
}

// Lookup returns a shipped profile by its name, or the profile in a file by its path. A file that holds a list needs
// the name too, as in "profiles.yaml#mine". The error of a faulty file is [Diagnostics].
func Lookup(nameOrPath string) (*Profile, error) {
	src, err := ReadSource(nameOrPath)
	if err != nil {
		return nil, err
	}
	return src.Profile()
}

// Source is the file a profile stands in.
type Source struct {
	File string // its path; of a shipped profile, where it lies among them
	Name string // which profile of a list is meant, "" when none was named
	Data []byte
}

// ReadSource finds the file of a profile, shipped or not, as [Lookup] does.
func ReadSource(nameOrPath string) (*Source, error) {
	if slices.Contains(Shipped(), nameOrPath) {
		file := "profiles/" + nameOrPath + ".yaml"
		data, err := shipped.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read shipped profile %q: %w", nameOrPath, err)
		}
		return &Source{File: file, Data: data}, nil
	}
	file, name := nameOrPath, ""
	data, err := os.ReadFile(file)
	if i := strings.LastIndexByte(file, '#'); err != nil && i >= 0 {
		file, name = file[:i], file[i+1:]
		data, err = os.ReadFile(file)
	}
	if err != nil {
		if looksLikeFile(file) {
			return nil, fmt.Errorf("read profile: %w", err)
		}
		meant := ""
		if near := nearest(nameOrPath, Shipped()); near != "" {
			meant = fmt.Sprintf(" (did you mean %s?)", near)
		}
		return nil, fmt.Errorf("unknown profile %q%s: neither a file nor one of %s", nameOrPath, meant, strings.Join(Shipped(), ", "))
	}
	return &Source{File: file, Name: name, Data: data}, nil
}

func looksLikeFile(s string) bool {
	return strings.ContainsAny(s, `/\`) || strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml")
}

// Profile reads the profile that is meant.
func (s *Source) Profile() (*Profile, error) {
	file, name := s.File, s.Name
	all, err := Parse(file, s.Data)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.name
		if p.name == name || name == "" && len(all) == 1 {
			return p, nil
		}
	}
	if name == "" {
		return nil, fmt.Errorf("%s holds several profiles: name one, as in %s#%s (it has %s)", file, file, names[0], strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("%s has no profile %q: it has %s", file, name, strings.Join(names, ", "))
}
