package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"attune/proxy"
	"attune/proxy/session"
	"attune/rules"
	"attune/rules/lab"
)

func (p *program) sessionsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "sessions",
		Short: "Print or erase what is stored of conversations",
		Long: `Works in the Redis of ATTUNE_REDIS_URL. A session's id is what the console and
the API call it.`,
		Args: cobra.ArbitraryArgs,
		RunE: p.group,
	}
	c.AddCommand(
		&cobra.Command{
			Use:   "export ID…",
			Short: "Print conversations as transcripts, one a line",
			Long: `Prints conversations as transcripts (JSON Lines): the turns that are stored, as
they were redacted, at most the latest 200. A bot's turn that was reworded has
what was said instead in "sent"; one that came while somebody else had the floor
is "late". What Attune said by itself is an agent's turn by "attune".`,
			Args: someIDs,
			RunE: func(c *cobra.Command, ids []string) error {
				return p.eachSession(c.Context(), ids, p.exportSession)
			},
		},
		&cobra.Command{
			Use:   "erase ID…",
			Short: "Forget conversations, on every node",
			Long: `Forgets what is stored of conversations, of their handoffs and promises, and
tells the nodes to forget what they hold. For a day nothing of them can be
stored again.`,
			Args: someIDs,
			RunE: func(c *cobra.Command, ids []string) error {
				return p.eachSession(c.Context(), ids, func(ctx context.Context, store *session.Store, id string) error {
					if err := proxy.Erase(ctx, store, id); err != nil {
						return fail("check ATTUNE_REDIS_URL and erase it again", "%s is not erased: %v", id, err)
					}
					fmt.Fprintln(p.stderr, "erased", id)
					return nil
				})
			},
		},
	)
	return c
}

// someIDs wants ids of sessions, which are 32 small letters and digits.
func someIDs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fail("see '"+c.CommandPath()+" --help'", "no session named")
	}
	for _, id := range args {
		if len(id) != 32 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") != "" {
			return fail("copy it from the console", "%q is not the id of a session", id)
		}
	}
	return nil
}

func (p *program) eachSession(ctx context.Context, ids []string, do func(context.Context, *session.Store, string) error) error {
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
	for _, id := range ids {
		one, cancel := context.WithTimeout(ctx, storeTime)
		err := do(one, store, id)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// exportSession prints one conversation.
func (p *program) exportSession(ctx context.Context, store *session.Store, id string) error {
	sess := store.Attach(id, false)
	defer store.Detach(sess)
	found, err := store.Load(ctx, sess)
	if err != nil {
		return fail("check ATTUNE_REDIS_URL", "%v", err)
	}
	turns, err := store.History(ctx, id)
	if err != nil {
		return fail("check ATTUNE_REDIS_URL", "%v", err)
	}
	if !found && len(turns) == 0 {
		return fail("sessions are kept for ATTUNE_IDLE after their last turn", "no session %s is stored", id)
	}
	d := lab.Dialogue{ID: id}
	sess.Do(func(b *session.Book) {
		d.Lang, d.Profile, d.Path = b.Meta.Locale, b.Meta.Profile, b.Meta.Path
		if b.Meta.Channel == "voice" { // a profile of one's own is not known elsewhere
			d.Extra = map[string]json.RawMessage{"channel": json.RawMessage(`"voice"`)}
		}
	})
	for i := range turns {
		t, err := transcriptTurn(&turns[i])
		if err != nil {
			return err
		}
		d.Turns = append(d.Turns, t)
	}
	line, err := d.AppendJSON(nil)
	if err != nil {
		return fmt.Errorf("write a transcript: %w", err)
	}
	_, err = fmt.Fprintf(p.stdout, "%s\n", line)
	return err
}

// transcriptTurn is a stored turn as transcripts have it.
func transcriptTurn(s *session.Turn) (t lab.Turn, err error) {
	t.Turn = rules.Turn{Text: s.Text, At: s.At}
	extra := map[string]any{}
	switch {
	case s.Role == "customer":
		t.Role = rules.Customer
	case s.Role == "bot":
		t.Role = rules.Bot
	case s.Event != "":
		t.Role, t.Event = rules.Event, s.Event
	default:
		t.Role = rules.Agent
		if s.Role != "agent" {
			extra["by"] = s.Role
		}
	}
	if s.Agent != "" {
		extra["agent"] = s.Agent
	}
	if s.Sent != "" {
		extra["sent"] = s.Sent
	}
	if s.Late {
		extra["late"] = true
	}
	if len(extra) > 0 {
		t.Extra = map[string]json.RawMessage{}
	}
	var errs []error
	for k, v := range extra {
		data, err := json.Marshal(v)
		t.Extra[k] = data
		errs = append(errs, err)
	}
	return t, errors.Join(errs...)
}
