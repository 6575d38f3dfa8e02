package handoff

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Note is something that a person added to a handoff: why an agent passes it on,
// or what the customer says is wrong with the card.
type Note struct {
	// By is the agent's name, or "customer".
	By   string    `json:"by"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// maxNote bounds the text of a note, in bytes, and maxNotes how many are kept.
const (
	maxNote  = 2 << 10
	maxNotes = 20
)

// ErrNote says that a note is too long or that there are too many.
var ErrNote = errors.New("handoff: a note has at most 2 KiB, a handoff at most 20 notes")

// noteLua defines note(key, line), which adds a note unless there are too many.
const noteLua = `
local function note(key, line)
  if line == '' then return true end
  local have = redis.call('HGET', key, 'nt') or ''
  local _, n = string.gsub(have, '\n', '\n')
  if n >= 20 then return false end
  redis.call('HSET', key, 'nt', have .. line .. '\n')
  return true
end`

// movedLua defines moved, which tells the desks of a handoff that goes from one to
// the other: its old one that it is gone, its new one that a person is wanted.
const movedLua = tellLua + `
local function moved(id, at, old, new, desks, ttl)
  local h = redis.call('HMGET', KEYS[1], 'tk', 'se', 'cd')
  if old ~= new and told(old, desks) then
    tell(KEYS[3], ttl, 'id', h[1] .. '-' .. id .. '-gone', 'ty', 'handoff.moved', 'at', at, 'tk', h[1], 'se', h[2], 'dk', old)
  end
  if told(new, desks) then
    tell(KEYS[3], ttl, 'id', h[1] .. '-' .. id, 'ty', 'handoff.requested', 'at', at, 'tk', h[1], 'se', h[2], 'dk', new, 'cd', h[3])
  end
end
`

// transferScript takes a handoff from its agent and lets it wait again, at its
// old age, at a desk and perhaps for somebody.
// ARGV: agent, states to come from, token of this transfer, desk ("" = the same),
// for whom ("" = anybody), note (JSON, "" = none), now, desks that are told, ttl
// of their mail in ms.
var transferScript = redis.NewScript(noteLua + movedLua + `
local h = redis.call('HMGET', KEYS[1], 'tk', 'st', 'ag', 'mt', 'dk')
if not h[1] then return {0} end
if h[4] == ARGV[3] then return {2, redis.call('HGETALL', KEYS[1])} end
if not string.find(ARGV[2], ' ' .. h[2] .. ' ', 1, true) then return {4, redis.call('HGETALL', KEYS[1])} end
if h[3] ~= ARGV[1] then return {3, redis.call('HGETALL', KEYS[1])} end
if not note(KEYS[1], ARGV[6]) then return {5} end
redis.call('HSET', KEYS[1], 'st', 'queued', 'mt', ARGV[3], 'rq', ARGV[7])
redis.call('HDEL', KEYS[1], 'ag', 'ct', 'ta', 'tv', 'fr')
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'dk', ARGV[4]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'fr', ARGV[5]) end
moved(ARGV[3], ARGV[7], h[5], ARGV[4] ~= '' and ARGV[4] or h[5], ARGV[8], ARGV[9])
return {1, redis.call('HGETALL', KEYS[1])}`)

// raiseScript gives an open handoff another card, and one that waits another desk,
// where it waits to be offered anew.
// ARGV: open states, states in which it waits, desk, card, since when it waits
// ("" = as before), desks that are told, ttl of their mail in ms, now, id of the mail.
var raiseScript = redis.NewScript(movedLua + `
local h = redis.call('HMGET', KEYS[1], 'tk', 'st', 'dk')
if not h[1] or not string.find(ARGV[1], ' ' .. h[2] .. ' ', 1, true) then return {0} end
redis.call('HSET', KEYS[1], 'cd', ARGV[4])
if not string.find(ARGV[2], ' ' .. h[2] .. ' ', 1, true) then return {6, redis.call('HGETALL', KEYS[1])} end
if h[3] ~= ARGV[3] then redis.call('HSET', KEYS[1], 'dk', ARGV[3], 'st', 'queued') end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'rq', ARGV[5]) end
moved(ARGV[9], ARGV[8], h[3], ARGV[3], ARGV[6], ARGV[7])
return {(h[3] ~= ARGV[3] or ARGV[5] ~= '') and 1 or 6, redis.call('HGETALL', KEYS[1])}`)

// noteScript adds a note to an open handoff. ARGV: open states, note (JSON).
var noteScript = redis.NewScript(noteLua + `
local h = redis.call('HMGET', KEYS[1], 'tk', 'st')
if not h[1] or not string.find(ARGV[1], ' ' .. h[2] .. ' ', 1, true) then return {0} end
if not note(KEYS[1], ARGV[2]) then return {5} end
return {6, redis.call('HGETALL', KEYS[1])}`)

// answerFull is what the scripts say when there are too many notes.
const answerFull = 5

// Transfer is where an agent passes a handoff on to.
type Transfer struct {
	// Token is made once by the caller and kept over retries.
	Token string
	// Desk is where it goes; "" = it stays at its desk.
	Desk string
	// For is the agent whom it is meant for; others may take it, too. "" = nobody
	// in particular.
	For string
	// Note is what the next agent shall know; "" = nothing.
	Note string
}

// Transfer takes a handoff from the agent who has it and puts it back into the
// queue, at its old age and with its card: at no time has it two owners.
func (b *Board) Transfer(ctx context.Context, session, agent string, to Transfer) (Handoff, error) {
	if agent == "" || to.Token == "" {
		return Handoff{}, errors.New("handoff: transfer: agent and token are wanted")
	}
	now := time.Now()
	note, err := b.note(agent, to.Note, now)
	if err != nil {
		return Handoff{}, err
	}
	begin := time.Now()
	cmd, err := b.run(ctx, transferScript, b.keys(session), agent, takenStates(), to.Token, to.Desk, to.For, note, now.UnixMilli(),
		b.cfg.Outbox.tells(), openTTL.Milliseconds())
	b.cfg.Observe("handoff_transfer", time.Since(begin), err)
	h, err := b.concludeNote(cmd, err, Queued)
	b.mailed(ctx, h, err)
	return h, err
}

// AddNote adds a note to the open handoff of a session.
func (b *Board) AddNote(ctx context.Context, session, by, text string) (Handoff, error) {
	note, err := b.note(by, text, time.Now())
	if err != nil {
		return Handoff{}, err
	}
	begin := time.Now()
	cmd, err := b.run(ctx, noteScript, b.keys(session), openStates(), note)
	b.cfg.Observe("handoff_note", time.Since(begin), err)
	return b.concludeNote(cmd, err, "")
}

func (b *Board) concludeNote(cmd *redis.Cmd, err error, to State) (Handoff, error) {
	if err == nil {
		if list, _ := cmd.Slice(); len(list) > 0 && list[0] == int64(answerFull) {
			return Handoff{}, ErrNote
		}
	}
	return b.conclude(cmd, err, to)
}

// note is a note as it is stored: a line of JSON, cleaned; "" for no text.
func (b *Board) note(by, text string, at time.Time) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	if len(text) > maxNote {
		return "", ErrNote
	}
	if b.cfg.Redact != nil {
		text = b.cfg.Redact(text)
	}
	line, err := json.Marshal(Note{By: by, Text: text, At: at.UTC().Truncate(time.Millisecond)})
	if err != nil {
		return "", fmt.Errorf("handoff: encode note: %w", err)
	}
	return string(line), nil
}

// notesOf reads the notes of a handoff.
func notesOf(lines string) []Note {
	var out []Note
	for line := range strings.SplitSeq(strings.TrimSuffix(lines, "\n"), "\n") {
		var n Note
		if json.Unmarshal([]byte(line), &n) == nil {
			out = append(out, n)
		}
	}
	return out
}

// Raise makes a crisis of the open handoff of a session: it goes before all
// others, and while it waits also to another desk. What the card said stays in
// it. ErrNone when none is open. An agent who has it keeps it.
func (b *Board) Raise(ctx context.Context, session, desk string, card Card) (Handoff, error) {
	card.Crisis = true
	card = card.redact(b.cfg.Redact)
	if kept, ok := b.raiseKept(session, desk, card); ok {
		return kept, nil
	}
	h, err := b.Get(ctx, session)
	if err != nil {
		return Handoff{}, err
	}
	if desk == "" {
		desk = h.Desk
	}
	if h.Card.Crisis && (h.Desk == desk || !h.State.Waiting()) {
		return h, nil
	}
	return b.recard(ctx, h, desk, card)
}

// Hurry makes a request to come now of a request to be called back. Another
// handoff is left as it is.
func (b *Board) Hurry(ctx context.Context, session string, card Card) (Handoff, error) {
	h, err := b.Get(ctx, session)
	if err != nil || !h.Card.Callback || !h.State.Waiting() {
		return h, err
	}
	return b.recard(ctx, h, h.Desk, card.redact(b.cfg.Redact))
}

// recard gives an open handoff another card, with what the old one said.
func (b *Board) recard(ctx context.Context, h Handoff, desk string, card Card) (Handoff, error) {
	data, err := json.Marshal(card.over(h.Card))
	if err != nil {
		return Handoff{}, fmt.Errorf("handoff: encode card: %w", err)
	}
	now, since := strconv.FormatInt(time.Now().UnixMilli(), 10), ""
	if h.Card.Callback {
		since = now
	}
	begin := time.Now()
	cmd, err := b.run(ctx, raiseScript, b.keys(h.Session), openStates(), waitingStates(), desk, string(data), since,
		b.cfg.Outbox.tells(), openTTL.Milliseconds(), now, rand.Text())
	b.cfg.Observe("handoff_raise", time.Since(begin), err)
	h, err = b.conclude(cmd, err, "")
	b.mailed(ctx, h, err)
	return h, err
}

// mailed wakes the outbox after a handoff may have gone to another desk.
func (b *Board) mailed(ctx context.Context, h Handoff, err error) {
	if err == nil && b.cfg.Outbox != nil {
		b.cfg.Outbox.posted(ctx, b.cfg.Prefix(h.Session))
	}
}

// raiseKept does so with a request that waits in memory.
func (b *Board) raiseKept(session, desk string, card Card) (Handoff, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, ok := b.kept[session]
	if !ok {
		return Handoff{}, false
	}
	h.Card = card.over(h.Card)
	if desk != "" {
		h.Desk = desk
	}
	b.kept[session] = h
	return h, true
}

// over is the card with what an earlier one says beyond it.
func (c Card) over(old Card) Card {
	c.Explicit = c.Explicit || old.Explicit
	c.Callback = false
	c.Words = append(slices.Clone(old.Words), c.Words...)
	if c.Goal == "" {
		c.Goal = old.Goal
	}
	if len(c.Facts) == 0 {
		c.Facts = old.Facts
	}
	if len(c.Tried) == 0 {
		c.Tried = old.Tried
	}
	return c
}
