package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"attune/rules"
	"attune/rules/packs"
)

func (p *program) rulesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "rules",
		Short: "Check rule packs, explain what they do, put them in force",
		Args:  cobra.ArbitraryArgs,
		RunE:  p.group,
	}
	c.AddCommand(&cobra.Command{
		Use:   "check [DIR|FILE...]",
		Short: "Compile packs and run every example and test in them",
		Long: `Compiles the packs that are named, as one set, and runs every example and
test in them. Without a name the shipped packs are checked.

Findings are printed as file:line:col with the line quoted and what to do about
it. Where packs do not compile, the rules that are sound are checked all the
same. Exit code 0: no errors (warnings may be there); 1: errors.`,
		RunE: func(_ *cobra.Command, args []string) error { return p.check(args) },
	}, &cobra.Command{
		Use:   "init DIR",
		Short: "Write the shipped packs to a directory, to start from",
		Long: `Writes the shipped packs to a directory, which is made if need be. Files that
exist are never overwritten. Point ATTUNE_RULES at the directory to use them.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail("see '"+c.CommandPath()+" --help'", "'attune rules init' takes one directory")
			}
			return p.initRules(args[0])
		},
	}, &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of packs, for editors",
		Long: `Prints the JSON Schema (draft 2020-12) of a pack: its keys with what they mean,
closed lists, ranges and defaults. Editors that know YAML schemas complete and
check packs with it, for instance when a pack begins with

  # yaml-language-server: $schema=attune.schema.json

References, patterns, conditions and examples are what 'attune rules check' is
for.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.schema() },
	})
	c.AddCommand(p.explainCommand())
	c.AddCommand(p.bundleCommands()...)
	return c
}

func (p *program) schema() error {
	if _, err := p.stdout.Write(rules.Schema()); err != nil {
		return fmt.Errorf("write the schema: %w", err)
	}
	return nil
}

func (p *program) check(names []string) error {
	files, err := readPacks(names)
	if err != nil {
		return err
	}
	for _, name := range names {
		for _, passed := range passedOver(name) {
			warn(p.stderr, advise{passed + " is not read", "the name of a pack ends in .yaml or .yml"})
		}
	}
	if len(files) == 0 {
		warn(p.stderr, advise{"no packs in " + strings.Join(names, ", "), "with these rules nothing is reworded, and nobody is brought in"})
	}
	return p.examine(files)
}

// passedOver lists the files of a directory that look like packs but for the end of their names, as some editors leave
// them: core.yaml.txt, CORE.YAML.
func passedOver(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil { // a file
		return nil
	}
	var list []string
	for _, e := range entries {
		name := e.Name()
		bare := strings.TrimSuffix(strings.ToLower(name), ".txt")
		if end := filepath.Ext(bare); (end == ".yaml" || end == ".yml") && end != filepath.Ext(name) && !e.IsDir() && name[0] != '.' {
			list = append(list, filepath.Join(dir, name))
		}
	}
	return list
}

// examine compiles packs, runs what they say about themselves and prints what it
// finds. Errors among the findings end the command.
func (p *program) examine(files []rules.File) error {
	set, found := rules.Compile(files)
	if set == nil {
		found = found.And(rules.Rest(files, found), files)
	} else {
		found = found.And(set.Check(), files).And(set.Review(time.Now()), files)
	}
	warnings := 0
	for _, d := range found {
		if d.Severity == rules.Warning {
			warnings++
		}
		if _, err := fmt.Fprintln(p.stdout, d); err != nil {
			return fmt.Errorf("write findings: %w", err)
		}
	}
	if set != nil {
		for _, sentence := range set.Meaning() {
			fmt.Fprintln(p.stderr, sentence)
		}
	}
	if set == nil {
		fmt.Fprintln(p.stderr, "conversations, and what depends on the rules at fault, come once these are mended")
	}
	fmt.Fprintf(p.stderr, "%s, %s, %s\n", count(len(files), "pack"), count(len(found)-warnings, "error"), count(warnings, "warning"))
	if found.HasErrors() {
		return findings()
	}
	return nil
}

func (p *program) initRules(dir string) error {
	files, err := packs.Files()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // packs are no secret
		return fail("name a directory that you may write to", "make the directory: %v", err)
	}
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(dir, f.Name)); err == nil {
			return fail("name an empty directory, or move the file away", "%s exists", filepath.Join(dir, f.Name))
		}
	}
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		if err := os.WriteFile(name, f.Data, 0o644); err != nil { //nolint:gosec // packs are no secret
			return fail("name a directory that you may write to", "write the pack: %v", err)
		}
		if _, err := fmt.Fprintln(p.stdout, name); err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
	}
	fmt.Fprintf(p.stderr, "wrote %s; set ATTUNE_RULES=%s to use them\n", count(len(files), "pack"), dir)
	return nil
}

// readPacks reads packs by the names of their files or directories, the
// shipped ones when none is named. They keep the names they were called by,
// so that findings lead to them.
func readPacks(names []string) ([]rules.File, error) {
	if len(names) == 0 {
		files, err := packs.Files()
		if err != nil {
			return nil, err
		}
		for i := range files {
			files[i].Name = "shipped:" + files[i].Name
		}
		return files, nil
	}
	var all []rules.File
	add := func(f rules.File) {
		if !slices.ContainsFunc(all, func(g rules.File) bool { return filepath.Clean(g.Name) == filepath.Clean(f.Name) }) { // DIR and DIR/FILE
			all = append(all, f)
		}
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fileFailure("read packs", err)
		}
		if !info.IsDir() {
			f, err := rules.ReadFile(os.DirFS(filepath.Dir(name)), filepath.Base(name))
			if err != nil {
				return nil, fileFailure(name, err)
			}
			add(rules.File{Name: name, Data: f.Data})
			continue
		}
		files, err := rules.ReadDir(os.DirFS(name), ".")
		if err != nil {
			return nil, fileFailure(name, err)
		}
		for _, f := range files {
			f.Name = filepath.Join(name, f.Name)
			add(f)
		}
	}
	return all, nil
}

// fileFailure is about a file that the user named.
func fileFailure(doing string, err error) *failure {
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = "check the name"
	case errors.Is(err, fs.ErrInvalid):
		hint = "only regular files are read"
	case errors.Is(err, fs.ErrPermission):
		hint = "check who may read it"
	}
	return fail(hint, "%s: %v", doing, err)
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// rulesFrom returns what loads the rules that ATTUNE_RULES names.
func rulesFrom(dir string) func() (*rules.Set, rules.Diagnostics, error) {
	return (&ruleSource{dir: dir}).load
}

// rulesIn reads the packs of a directory, the shipped ones for "".
func rulesIn(dir string) ([]rules.File, error) {
	if dir == "" {
		return packs.Files()
	}
	return readPacks([]string{dir})
}

// rulesFault sums up why rules cannot be used.
// called is the variable or flag that named them.
func rulesFault(called, dir string, found rules.Diagnostics, err error) advise {
	if err != nil {
		hint := "check the directory"
		if f := (*failure)(nil); errors.As(err, &f) && f.problems[0].hint != "" {
			hint = f.problems[0].hint
		}
		return advise{fmt.Sprintf("%s: %v", called, err), hint}
	}
	first, errs := "", 0
	for _, d := range found {
		if d.Severity != rules.Error {
			continue
		}
		if errs++; errs == 1 {
			first = fmt.Sprintf("%s:%d:%d: %s", d.File, d.Line, d.Col, d.Message)
		}
	}
	command := "attune rules check"
	if dir != "" {
		command += " " + dir
	}
	return advise{fmt.Sprintf("%s: %s in the rules, first %s", called, count(errs, "error"), first), "see all with '" + command + "'"}
}
