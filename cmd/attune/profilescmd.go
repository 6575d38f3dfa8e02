package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"attune/proxy/wire"
)

func (p *program) profilesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "profiles",
		Short: "List profiles, show one, check one against recorded messages, learn a new one",
		Long: `A profile says how one backend family shapes its messages. ATTUNE_PROFILE names
the one to use: a shipped one, or the path of a file.

Recordings are JSON Lines, one event a line: "conn" (the number of the socket),
"dir" (client for what the widget sends, server for what the backend sends),
"opcode" (text, binary, upgrade, http or close) and "data" (the message; base64
when binary).`,
		Args: cobra.ArbitraryArgs,
		RunE: p.group,
	}
	c.AddCommand(p.profilesListCommand(), &cobra.Command{
		Use:   "show NAME",
		Short: "Print a profile as it stands",
		Long: `Prints the YAML of a profile: a shipped one by its name, or that of a file by its
path. What it reads, edits and says is summed up on stderr, and what it asks for
in vain.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail("see '"+c.CommandPath()+" --help'", "'attune profiles show' takes one profile")
			}
			return p.showProfile(args[0])
		},
	}, p.profilesCheckCommand(), &cobra.Command{
		Use:   "learn FILE",
		Short: "Propose a profile for a protocol from recorded messages",
		Long: `Guesses a profile from recorded messages of a protocol nobody has described, and
prints it with a comment on each guess: what it was made from, and how often
that was seen. What to look at by hand is told on stderr. FILE may be - for
standard input.

Save it, correct it, and run 'attune profiles check FILE RECORDING'.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail("see '"+c.CommandPath()+" --help'", "'attune profiles learn' takes one recording")
			}
			return p.learnProfile(args[0])
		},
	})
	return c
}

func (p *program) profilesListCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the profiles that come with Attune",
		Long: `Lists the profiles that come with Attune: how their protocols are framed, on which
channel, what they were tested against (recorded messages, the vendor's
documentation, messages written by hand), what they cannot (read, inject), and
what they are for.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return p.listProfiles(format) },
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// listed is one profile of the list.
type listed struct {
	Name    string `json:"name"`
	Framing string `json:"framing"`
	Channel string `json:"channel"`
	wire.About
	Limits []string `json:"limits"` // what cannot be done at all: read, inject
}

func (p *program) listProfiles(format string) error {
	var all []listed
	for _, name := range wire.Shipped() {
		src, err := wire.ReadSource(name)
		if err != nil {
			return err
		}
		prof, err := src.Profile()
		if err != nil {
			return err
		}
		all = append(all, listed{name, prof.Framing(), prof.Channel(), src.About(), append([]string{}, prof.Limits()...)})
	}
	switch format {
	case "json":
		return p.writeJSON(all)
	case "text":
	default:
		return fail("use text or json", "unknown format %q", format)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tFRAMING\tCHANNEL\tTESTED\tCANNOT\tFOR")
	for _, l := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Name, l.Framing, l.Channel, l.Evidence, dash(strings.Join(l.Limits, ", ")), l.For)
	}
	return w.Flush()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (p *program) writeJSON(v any) error {
	out := json.NewEncoder(p.stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

func (p *program) showProfile(name string) error {
	src, err := wire.ReadSource(name)
	if err != nil {
		return profileFailure(name, err)
	}
	if _, err := p.stdout.Write(src.Data); err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	prof, err := src.Profile()
	if err != nil {
		return profileFailure(name, err)
	}
	for _, row := range prof.Describe() {
		fmt.Fprintf(p.stderr, "%s: %s\n", row.What, row.Text)
	}
	return nil
}

// profileFailure is about a profile that cannot be used.
func profileFailure(name string, err error) *failure {
	var faults wire.Diagnostics
	if errors.As(err, &faults) {
		return fail("", "profile %q:\n%v", name, err)
	}
	hint := "see 'attune profiles list'"
	if f := fileFailure("read the profile", err); errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		hint = f.problems[0].hint
	}
	return fail(hint, "%v", err)
}

// recording reads a recorded file, standard input for "-".
func (p *program) recording(name string) (*wire.Recording, *failure) {
	var in io.Reader = p.stdin
	if name != "-" {
		f, err := os.Open(name) //nolint:gosec // the caller named it
		if err != nil {
			return nil, fileFailure("read the recording", err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	rec, err := wire.ReadRecording(inputName(name), in)
	if err == nil {
		return rec, nil
	}
	var lines wire.RecordingFaults
	if !errors.As(err, &lines) {
		return nil, fileFailure("read the recording", err)
	}
	f := &failure{code: exitFailure}
	for i, l := range lines {
		if i == maxBadLines {
			f.problems = append(f.problems, advise{problem: fmt.Sprintf("%s: %s more like these", l.File, count(len(lines)-i, "line"))})
			break
		}
		f.problems = append(f.problems, advise{problem: fmt.Sprintf("%s:%d: %s", l.File, l.Line, l.Message)})
	}
	f.problems[len(f.problems)-1].hint = "one event a line is wanted, see 'attune profiles --help'"
	return nil, f
}

func (p *program) learnProfile(name string) error {
	rec, f := p.recording(name)
	if f != nil {
		return f
	}
	lesson, err := wire.Learn(rec)
	if err != nil {
		return fail("record a conversation, with its messages", "%s: %v", rec.File, err)
	}
	if _, err := p.stdout.Write(lesson.YAML); err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	fmt.Fprintln(p.stderr, "Every line is a guess. Look at these by hand:")
	for _, remark := range lesson.Remarks {
		fmt.Fprintf(p.stderr, "- %s\n", remark)
	}
	fmt.Fprintln(p.stderr, "- whose words each frame holds, and whether labels, payloads and handoffs are what they seem")
	fmt.Fprintf(p.stderr, "Then save it and run: attune profiles check FILE %s\n", name)
	return nil
}
