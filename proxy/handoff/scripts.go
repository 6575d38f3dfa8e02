package handoff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// What the scripts answer first; the fields of the handoff follow.
const (
	answerNone    = 0
	answerChanged = 1
	answerAgain   = 2 // it was so already, by the same caller
	answerOther   = 3 // somebody else's
	answerState   = 4
	answerSame    = 6 // it changed, and is in the state it was in
)

// The scripts touch the keys of one shard (handoff, queue, outbox), and may be sent
// twice: a token says whether it happened already.

// requestScript opens a handoff unless the session has an open one.
// ARGV: token, session, desk, card, requested at, epoch, ttl in ms, open states,
// desks that are told.
const requestScript = tellLua + `
local h = redis.call('HMGET', KEYS[1], 'tk', 'st')
if h[1] == ARGV[1] then return {2, redis.call('HGETALL', KEYS[1])} end
if h[1] and string.find(ARGV[8], ' ' .. h[2] .. ' ', 1, true) then return {3, redis.call('HGETALL', KEYS[1])} end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'v', '1', 'tk', ARGV[1], 'se', ARGV[2], 'dk', ARGV[3], 'st', 'queued', 'cd', ARGV[4], 'tr', ARGV[5], 'ep', ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('ZADD', KEYS[2], ARGV[5], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[7])
if told(ARGV[3], ARGV[9]) then
  tell(KEYS[3], ARGV[7], 'id', ARGV[1], 'ty', 'handoff.requested', 'at', ARGV[5], 'tk', ARGV[1], 'se', ARGV[2], 'dk', ARGV[3], 'cd', ARGV[4])
end
return {1, redis.call('HGETALL', KEYS[1])}`

// claimScript gives a waiting handoff to one agent.
// ARGV: agent, claim token, now, states to claim from, states in which it is
// taken, desks that are told, ttl of their mail in ms.
const claimScript = tellLua + `
local h = redis.call('HMGET', KEYS[1], 'tk', 'st', 'ct', 'se', 'dk')
if not h[1] then return {0} end
local st = ' ' .. h[2] .. ' '
if string.find(ARGV[5], st, 1, true) then
  if h[3] == ARGV[2] then return {2, redis.call('HGETALL', KEYS[1])} end
  return {3, redis.call('HGETALL', KEYS[1])}
end
if not string.find(ARGV[4], st, 1, true) then return {4, redis.call('HGETALL', KEYS[1])} end
redis.call('HSET', KEYS[1], 'st', 'accepted', 'ag', ARGV[1], 'ct', ARGV[2], 'ta', ARGV[3])
if told(h[5], ARGV[6]) then
  tell(KEYS[3], ARGV[7], 'id', h[1] .. '-' .. ARGV[2], 'ty', 'handoff.accepted', 'at', ARGV[3], 'tk', h[1], 'se', h[4], 'dk', h[5], 'ag', ARGV[1])
end
return {1, redis.call('HGETALL', KEYS[1])}`

// moveScript takes a handoff to another state.
// ARGV: state, states to come from, agent who must have it ("" = anybody),
// handoff token ("" = any), name of the time's field ("" = none), now, epoch
// ("" = unchanged), ttl in ms when this closes it ("" = it stays open), desks
// that are told of it, ttl of their mail in ms, its id within the handoff, desk at
// which it must be ("" = any).
const moveScript = tellLua + `
local h = redis.call('HMGET', KEYS[1], 'tk', 'st', 'ag', 'se', 'dk')
if not h[1] or ARGV[4] ~= '' and ARGV[4] ~= h[1] or ARGV[12] ~= '' and ARGV[12] ~= h[5] then return {0} end
if h[2] == ARGV[1] and (ARGV[3] == '' or h[3] == ARGV[3]) then return {2, redis.call('HGETALL', KEYS[1])} end
if not string.find(ARGV[2], ' ' .. h[2] .. ' ', 1, true) then return {4, redis.call('HGETALL', KEYS[1])} end
if ARGV[3] ~= '' and h[3] ~= ARGV[3] then return {3, redis.call('HGETALL', KEYS[1])} end
redis.call('HSET', KEYS[1], 'st', ARGV[1])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], ARGV[5], ARGV[6]) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'ep', ARGV[7]) end
if ARGV[1] == 'queued' then
  redis.call('HDEL', KEYS[1], 'ag', 'ct', 'ta', 'tv')
  redis.call('HSET', KEYS[1], 'rq', ARGV[6])
end
if ARGV[8] ~= '' then
  redis.call('ZREM', KEYS[2], h[4])
  redis.call('PEXPIRE', KEYS[1], ARGV[8])
end
if told(h[5], ARGV[9]) then
  tell(KEYS[3], ARGV[10], 'id', h[1] .. '-' .. ARGV[11], 'ty', 'handoff.' .. ARGV[1], 'at', ARGV[6], 'tk', h[1], 'se', h[4], 'dk', h[5], 'ag', h[3] or '')
end
return {1, redis.call('HGETALL', KEYS[1])}`

// labelScript notes what the agent says of a handoff that he or she had.
// ARGV: agent, label.
const labelScript = `
local h = redis.call('HMGET', KEYS[1], 'tk', 'ag')
if not h[1] then return {0} end
if h[2] ~= ARGV[1] then return {3, redis.call('HGETALL', KEYS[1])} end
redis.call('HSET', KEYS[1], 'lb', ARGV[2])
return {6, redis.call('HGETALL', KEYS[1])}`

// pruneScript takes a session out of its shard's queue when its handoff is over
// or expired. ARGV: session, open states.
const pruneScript = `
local st = redis.call('HGET', KEYS[1], 'st')
if st and string.find(ARGV[2], ' ' .. st .. ' ', 1, true) then return 0 end
return redis.call('ZREM', KEYS[2], ARGV[1])`

// unindexScript takes a session out of the index, unless it is there for a
// newer handoff. ARGV: session, its time in the index.
const unindexScript = `
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '-1') ~= tonumber(ARGV[2]) then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])`

// presentScript notes that an agent is there, by the clock of Redis, and tells who is,
// and who was within the last hour. ARGV: agent ("" = only count), how long a sign of
// life lasts in ms, "1" = the agent leaves, how long an hour is in ms.
const presentScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[4])
if ARGV[3] == '1' then
  redis.call('ZREM', KEYS[1], ARGV[1])
elseif ARGV[1] ~= '' then
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return {redis.call('ZRANGE', KEYS[1], 0, -1), redis.call('ZRANGE', KEYS[2], 0, -1)}`

type scripts struct{ request, claim, move, label, prune, unindex, present, said, forget *redis.Script }

func newScripts() scripts {
	return scripts{
		request: redis.NewScript(requestScript),
		claim:   redis.NewScript(claimScript),
		move:    redis.NewScript(moveScript),
		label:   redis.NewScript(labelScript),
		prune:   redis.NewScript(pruneScript),
		unindex: redis.NewScript(unindexScript),
		present: redis.NewScript(presentScript),
		said:    redis.NewScript(saidScript),
		forget:  redis.NewScript(forgetScript),
	}
}

// run runs a script that changes a handoff. Where replicas are configured it
// waits until one has the change, on the same connection.
func (b *Board) run(ctx context.Context, script *redis.Script, keys []string, args ...any) (*redis.Cmd, error) {
	var client redis.UniversalClient = b.cfg.Client
	waits := b.cfg.Replicas > 0 && time.Now().UnixNano() >= b.alone.Load()
	if c, ok := client.(*redis.ClusterClient); ok && waits {
		node, err := c.MasterForKey(ctx, keys[0])
		if err != nil {
			return nil, fmt.Errorf("handoff: %w", err)
		}
		client = node
	}
	send := func(eval func(ctx context.Context, c redis.Scripter, keys []string, args ...any) *redis.Cmd) (*redis.Cmd, error) {
		pipe := client.Pipeline()
		cmd := eval(ctx, pipe, keys, args...)
		var acks *redis.IntCmd
		if waits {
			acks = redis.NewIntCmd(ctx, "wait", b.cfg.Replicas, replicaWait.Milliseconds())
			_ = pipe.Process(ctx, acks)
		}
		_, err := pipe.Exec(ctx)
		if cmd.Err() == nil && acks != nil {
			if n := acks.Val(); int(n) < b.cfg.Replicas {
				b.alone.Store(time.Now().Add(aloneFor).UnixNano())
				b.cfg.Logger.Warn("a handoff is not on enough replicas yet; others do not wait for a minute", "replicas", n)
			}
			return cmd, nil
		}
		if cmd.Err() != nil {
			err = cmd.Err()
		}
		return cmd, err
	}
	cmd, err := send(script.EvalSha)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		cmd, err = send(script.Eval)
	}
	if err != nil {
		return nil, fmt.Errorf("handoff: %w", err)
	}
	return cmd, nil
}

// answer reads what a script said: its first number and the handoff.
func answer(cmd *redis.Cmd) (int64, Handoff, error) {
	list, err := cmd.Slice()
	if err != nil || len(list) == 0 {
		return 0, Handoff{}, fmt.Errorf("handoff: answer: %w", errors.Join(err, errAnswer))
	}
	code, _ := list[0].(int64)
	if code == answerNone || len(list) < 2 {
		return answerNone, Handoff{}, nil
	}
	h, err := decode(pairs(list[1]))
	return code, h, err
}

var errAnswer = errors.New("unexpected answer")
