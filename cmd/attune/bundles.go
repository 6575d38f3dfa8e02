package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"attune/proxy/bundle"
	"attune/proxy/session"
	"attune/rules"
)

// inRedis is the value of ATTUNE_RULES for rules that come in bundles.
const inRedis = "redis"

// storeTime bounds what a command does in Redis.
const storeTime = 10 * time.Second

// bundleCommands change and show which rule sets are in force on the nodes that
// run with ATTUNE_RULES=redis.
func (p *program) bundleCommands() []*cobra.Command {
	var slot, share, from, empty, by, format string
	push := &cobra.Command{
		Use:   "push DIR",
		Short: "Check the packs of a directory and put them in force on all nodes, or beside what is",
		Long: `Checks the packs of a directory as 'attune rules check' does and puts them, as
one bundle, into a slot in Redis (ATTUNE_REDIS_URL), which nodes with
ATTUNE_RULES=redis follow within seconds. With an error in them nothing changes.

  active   judges the sessions
  canary   judges a share of them instead, always the same ones
  shadow   judges beside the active set without any effect: it is only counted

Exit code 1: errors in the packs.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail("see '"+c.CommandPath()+" --help'", "'attune rules push' takes one directory")
			}
			if c.Flags().Changed("share") && slot != string(bundle.Canary) {
				return fail("add --slot canary, or leave --share out", "--share is for the slot canary: the slot %s has all sessions", slot)
			}
			return p.push(c.Context(), args[0], slot, share, by)
		},
	}
	push.Flags().StringVar(&slot, "slot", string(bundle.Active), "active, canary or shadow")
	push.Flags().StringVar(&share, "share", "10%", "share of the sessions that a canary judges")
	list := &cobra.Command{
		Use:   "bundles",
		Short: "Show which bundles are in force, since when and by whom",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return p.bundles(c.Context(), format) },
	}
	list.Flags().StringVar(&format, "format", "text", "text or json")
	promote := &cobra.Command{
		Use:   "promote",
		Short: "Make the canary, or the shadow, the active set",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return p.promote(c.Context(), from, by) },
	}
	promote.Flags().StringVar(&from, "slot", "", "canary or shadow (default: the one that is there)")
	rollback := &cobra.Command{
		Use:   "rollback",
		Short: "Go back to the set that was active before, or take the canary or shadow away",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return p.rollback(c.Context(), empty, by) },
	}
	rollback.Flags().StringVar(&empty, "slot", string(bundle.Active), "active: go back to the one before; canary or shadow: empty the slot")
	for _, c := range []*cobra.Command{push, promote, rollback} {
		c.Flags().StringVar(&by, "by", "", "who does it, for the others to see (default: the user)")
	}
	return []*cobra.Command{push, list, promote, rollback}
}

func (p *program) push(ctx context.Context, dir, slotName, share, by string) error {
	slot, err := bundle.ParseSlot(slotName)
	if err != nil {
		return fail("", "--slot: %v", err)
	}
	placed := p.placed(by)
	if slot == bundle.Canary {
		if placed.Share, err = percent(share); err != nil {
			return err
		}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fileFailure("read packs", err)
	}
	if !info.IsDir() {
		return fail("name the directory that the packs are in", "%s is a file", dir)
	}
	files, err := rules.ReadDir(os.DirFS(dir), ".")
	if err != nil {
		return fileFailure(dir, err)
	}
	if len(files) == 0 {
		return fail("to change and detect nothing, set ATTUNE_MODE=observe-all", "no packs in %s", dir)
	}
	named := make([]rules.File, len(files)) // findings lead to the files here, nodes know their names alone
	for i, f := range files {
		named[i] = rules.File{Name: filepath.Join(dir, f.Name), Data: f.Data}
	}
	if err := p.examine(named); err != nil {
		return err
	}
	return p.change(ctx, func(ctx context.Context, shelf *bundle.Shelf) (bundle.Slots, error) {
		return shelf.Push(ctx, files, slot, placed)
	})
}

func (p *program) promote(ctx context.Context, from, by string) error {
	if from != "" && from != string(bundle.Canary) && from != string(bundle.Shadow) {
		return fail("use canary or shadow", "--slot: %q cannot be promoted", from)
	}
	return p.change(ctx, func(ctx context.Context, shelf *bundle.Shelf) (bundle.Slots, error) {
		slot := bundle.Slot(from)
		if slot == "" {
			slots, err := shelf.Slots(ctx)
			if err != nil {
				return slots, err
			}
			switch {
			case slots.Canary != nil && slots.Shadow != nil:
				return slots, fail("say which with --slot canary or --slot shadow", "there is a canary and a shadow")
			case slots.Shadow != nil:
				slot = bundle.Shadow
			default:
				slot = bundle.Canary
			}
		}
		return shelf.Promote(ctx, slot, p.placed(by))
	})
}

func (p *program) rollback(ctx context.Context, slotName, by string) error {
	slot, err := bundle.ParseSlot(slotName)
	if err != nil {
		return fail("", "--slot: %v", err)
	}
	return p.change(ctx, func(ctx context.Context, shelf *bundle.Shelf) (bundle.Slots, error) {
		if slot == bundle.Active {
			return shelf.Rollback(ctx, p.placed(by))
		}
		return shelf.Empty(ctx, slot)
	})
}

func (p *program) bundles(ctx context.Context, format string) error {
	if format != "text" && format != "json" {
		return fail("use text or json", "unknown format %q", format)
	}
	return p.withShelf(ctx, func(ctx context.Context, _ *session.Store, shelf *bundle.Shelf) error {
		slots, err := shelf.Slots(ctx)
		if err != nil {
			return err
		}
		return p.printSlots(slots, format)
	})
}

// change changes the slots, tells the nodes, and shows what is in force now.
func (p *program) change(ctx context.Context, do func(context.Context, *bundle.Shelf) (bundle.Slots, error)) error {
	return p.withShelf(ctx, func(ctx context.Context, store *session.Store, shelf *bundle.Shelf) error {
		slots, err := do(ctx, shelf)
		if err != nil {
			return err
		}
		if err := store.Publish(ctx, session.Event{Kind: bundle.Changed}); err != nil {
			fmt.Fprintln(p.stderr, "the nodes could not be told and will see it within seconds")
		}
		return p.printSlots(slots, "text")
	})
}

// withShelf runs a piece of work in the Redis of ATTUNE_REDIS_URL.
func (p *program) withShelf(ctx context.Context, work func(context.Context, *session.Store, *bundle.Shelf) error) error {
	const name = "ATTUNE_REDIS_URL"
	url := p.environ[name]
	if url == "" {
		return fail("set it to the Redis of the nodes, like redis://host:6379/0", "%s is not set", name)
	}
	store, err := session.Open(session.Config{URL: url})
	if err != nil {
		return fail("write it like redis://user:password@host:6379/0", "%s: %s", name, strings.TrimPrefix(err.Error(), "session: redis URL: "))
	}
	defer func() { _ = store.Close() }()
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	err = work(ctx, store, bundle.NewShelf(store.Client()))
	var ours *failure
	switch {
	case err == nil || errors.As(err, &ours):
		return err
	case errors.Is(err, bundle.ErrEmpty):
		return fail("'attune rules bundles' shows what is there", "%s", strings.TrimPrefix(err.Error(), "bundle: "))
	case errors.Is(err, bundle.ErrRaced):
		return fail("try again", "%s", strings.TrimPrefix(err.Error(), "bundle: "))
	}
	return fail("check "+name+" and that its user may read and write attune:*", "%s", strings.TrimPrefix(err.Error(), "bundle: "))
}

func (p *program) printSlots(slots bundle.Slots, format string) error {
	if format == "json" {
		enc := json.NewEncoder(p.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(slots); err != nil {
			return fmt.Errorf("write the slots: %w", err)
		}
		return nil
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "slot\tdigest\tshare\tsince\tby")
	row := func(slot string, b *bundle.Placed) {
		switch {
		case b == nil:
			fmt.Fprintf(w, "%s\t-\t\t\t\n", slot)
		case b.Share > 0:
			fmt.Fprintf(w, "%s\t%s\t%v%%\t%s\t%s\n", slot, b.Digest, b.Share, b.At.UTC().Format(time.RFC3339), b.By)
		default:
			fmt.Fprintf(w, "%s\t%s\t\t%s\t%s\n", slot, b.Digest, b.At.UTC().Format(time.RFC3339), b.By)
		}
	}
	for _, slot := range []bundle.Slot{bundle.Active, bundle.Canary, bundle.Shadow} {
		row(string(slot), slots.In(slot))
	}
	for i := range slots.Before {
		row("before", &slots.Before[i])
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the slots: %w", err)
	}
	return nil
}

// placed says who changes a slot, and when.
func (p *program) placed(by string) bundle.Placed {
	for _, name := range []string{"USER", "LOGNAME", "USERNAME"} {
		if by == "" {
			by = p.environ[name]
		}
	}
	if by == "" {
		by = "unknown"
	}
	return bundle.Placed{At: time.Now().UTC().Truncate(time.Millisecond), By: by}
}

// percent reads the share of a canary: 10% or 10.
func percent(s string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "%"), 64)
	if err != nil || !(n > 0 && n < 100) {
		return 0, fail("write it like 10%; for all sessions, push to the slot active", "--share: %q is not more than 0 and less than 100 %%", s)
	}
	return n, nil
}
