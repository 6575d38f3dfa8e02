package session

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Every script touches the keys of one shard, and may run twice: what must
// happen once is recognised by a number or a token.

// What the flush script answers about a session.
const (
	flushDone     = 1 // {1, version, epoch, floor, holder, number of turns}
	flushConflict = 2 // {2, the same, state, instance}: that one wrote; the turns are in, the state is not
	flushErased   = 3 // {3, generation of the tombstone}
	flushEnded    = 4 // {4, generation, 1 when it is over, too}: the one that was written is not over, as far as its writer knows
	flushLost     = 5 // {5}: the record that this one continues is not there any more
)

// flushScript writes the dirty sessions of one shard.
//
// KEYS: record, turns and tombstone of each session; when one key is given
// twice, the first entry is the older conversation.
// ARGV: instance, ttl in ms, turns kept; then for each session generation,
// version, number of turns, state, meta, floor, epoch, holder, outcome ("" =
// goes on), number of the last turn, 1 when the keys are to live for the ttl from
// now on, how many turns follow, and for each turn its number and its JSON.
const flushScript = `
local inst, ttl, keep = ARGV[1], ARGV[2], -tonumber(ARGV[3])
local w = 'w' .. inst
local out, a = {}, 4
for k = 1, #KEYS, 3 do
  local rec, turns = KEYS[k], KEYS[k + 1]
  local gen, ver, epoch = tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 6])
  local renew, first, n = ARGV[a + 10] == '1', a + 12, tonumber(ARGV[a + 11])
  local h = redis.call('HMGET', rec, 'g', 'n', 'i', 'ep', 'fl', 'ho', 'en', w, 'tc')
  local sgen = (tonumber(h[1] or '0') or 0)
  local tomb = sgen ~= gen and redis.call('GET', KEYS[k + 2]) -- what was erased has left no record
  if tomb and gen <= tonumber(tomb) then
    out[#out + 1] = {3, tonumber(tomb)}
  elseif sgen > gen or (sgen == gen and h[7] and ARGV[a + 8] == '') then
    out[#out + 1] = {4, sgen, h[7] and 1 or 0}
  elseif ver > 0 and sgen == 0 then
    out[#out + 1] = {5}
  else
    local sver, sinst, sepoch, seen = (tonumber(h[2] or '0') or 0), h[3], (tonumber(h[4] or '0') or 0), (tonumber(h[8] or '0') or 0)
    local floor, holder, count = h[5] or 'bot', h[6] or '', (tonumber(h[9] or '0') or 0)
    local reset = sgen > 0 and sgen < gen
    if reset then
      redis.call('DEL', rec, turns)
      renew = true
      sver, sinst, seen, count = 0, false, 0, 0
      if floor ~= 'bot' then sepoch, floor, holder = sepoch + 1, 'bot', '' end
    end
    local set = {'v', '1', 'g', gen, w, ARGV[a + 9]}
    local conflict = sinst and sver ~= ver and sinst ~= inst
    if not conflict then
      sver = sver + 1
      for _, p in ipairs({'n', sver, 'i', inst, 'mt', ARGV[a + 4]}) do set[#set + 1] = p end
      if ARGV[a + 3] ~= '' then
        set[#set + 1] = 'st'
        set[#set + 1] = ARGV[a + 3]
      end
      if ARGV[a + 8] ~= '' then
        set[#set + 1] = 'en'
        set[#set + 1] = ARGV[a + 8]
      end
    end
    if epoch > sepoch then
      sepoch, floor, holder, reset = epoch, ARGV[a + 5], ARGV[a + 7], true
    end
    if reset then
      for _, p in ipairs({'ep', sepoch, 'fl', floor, 'ho', holder}) do set[#set + 1] = p end
    end
    local push = {}
    for t = first, first + 2 * n - 1, 2 do
      if tonumber(ARGV[t]) > seen then push[#push + 1] = ARGV[t + 1] end
    end
    if #push > 0 then
      local len = redis.call('RPUSH', turns, unpack(push))
      if len > -keep * 1.25 then redis.call('LTRIM', turns, keep, -1) end -- not with each of a long conversation
      if renew or len == #push then redis.call('PEXPIRE', turns, ttl) end
    elseif renew then
      redis.call('PEXPIRE', turns, ttl)
    end
    count = count + #push
    if not conflict then count = math.max(count, tonumber(ARGV[a + 2])) end
    set[#set + 1] = 'tc'
    set[#set + 1] = count
    local answer = {1, sver, sepoch, floor, holder, count}
    if conflict then
      answer[1] = 2
      answer[7] = redis.call('HGET', rec, 'st') or ''
      answer[8] = sinst
    end
    redis.call('HSET', rec, unpack(set))
    if renew or sgen == 0 then redis.call('PEXPIRE', rec, ttl) end
    out[#out + 1] = answer
  end
  a = first + 2 * n
end
return out`

// What the floor script answers.
const (
	floorSet    = 1 // {1, epoch given to the token, epoch, floor, holder now}
	floorErased = 2
	floorAbsent = 3
)

// floorScript gives the floor to somebody, once for each token.
//
// KEYS: record, tombstone, turns.
// ARGV: floor, holder, token, least epoch, ttl in ms, generation (0 = the
// caller does not hold the session), channel, event up to and from its epoch.
const floorScript = `
local h = redis.call('HMGET', KEYS[1], 'ep', 'ft', 'fl', 'ho', 'g')
local gen = tonumber(ARGV[6])
local tomb = redis.call('GET', KEYS[2])
if tomb and (gen == 0 and not h[5] or gen > 0 and gen <= tonumber(tomb)) then return {2} end
if gen == 0 and not h[5] then return {3} end
local now, tokens = (tonumber(h[1] or '0') or 0), h[2] or ' '
local at, stop = string.find(tokens, ' ' .. ARGV[3] .. '=', 1, true)
if at then
  local given = tonumber(string.match(tokens, '^%d+', stop + 1))
  return {1, given, now, h[3] or 'bot', h[4] or ''}
end
local epoch = math.max(now + 1, tonumber(ARGV[4]))
tokens = ' ' .. ARGV[3] .. '=' .. epoch .. tokens
if #tokens > 640 then tokens = string.match(string.sub(tokens, 1, 640), '^.* ') end
local sgen = (tonumber(h[5] or '0') or 0)
if gen > sgen then
  if sgen > 0 then redis.call('DEL', KEYS[1], KEYS[3]) end
  redis.call('HSET', KEYS[1], 'g', gen)
end
redis.call('HSET', KEYS[1], 'v', '1', 'ep', epoch, 'fl', ARGV[1], 'ho', ARGV[2], 'ft', tokens)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', ARGV[7], ARGV[8] .. epoch .. ARGV[9])
return {1, epoch, epoch, ARGV[1], ARGV[2]}`

// eraseScript forgets a session and leaves a tombstone with the generation that
// must not come back. KEYS: record, turns, tombstone, unconfirmed. ARGV: generation, ttl in
// ms, channel, event up to and from its generation.
const eraseScript = `
local gen = math.max(1, tonumber(ARGV[1]), tonumber(redis.call('HGET', KEYS[1], 'g') or '0') or 0, tonumber(redis.call('GET', KEYS[3]) or '0') or 0)
redis.call('DEL', KEYS[1], KEYS[2], KEYS[4])
redis.call('SET', KEYS[3], gen, 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4] .. gen .. ARGV[5])
return gen`

// keepScript keeps a message that waits for a sign of the widget, unless its
// conversation was erased. KEYS: unconfirmed, tombstone. ARGV: id, message, ttl in
// ms, generation.
const keepScript = `
local tomb = redis.call('GET', KEYS[2])
if tomb and tonumber(ARGV[4]) <= tonumber(tomb) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`

// scripts are the store's scripts with their hashes.
type scripts struct{ flush, floor, erase, own, join, keep *redis.Script }

func newScripts() scripts {
	return scripts{
		flush: redis.NewScript(flushScript),
		floor: redis.NewScript(floorScript),
		erase: redis.NewScript(eraseScript),
		own:   redis.NewScript(ownScript),
		join:  redis.NewScript(joinScript),
		keep:  redis.NewScript(keepScript),
	}
}

// call is one run of a script within a pipeline.
type call struct {
	keys []string
	args []any
	cmd  *redis.Cmd
}

// runAll runs a script for each call, in one round trip; servers that do not
// know the script yet are told it in a second one. The first error of the
// transport is returned, and each call has its own answer or error.
func runAll(ctx context.Context, c redis.UniversalClient, script *redis.Script, calls []*call) error {
	pipe := c.Pipeline()
	for _, k := range calls {
		k.cmd = script.EvalSha(ctx, pipe, k.keys, k.args...)
	}
	_, err := pipe.Exec(ctx)
	if err == nil {
		return nil
	}
	again := c.Pipeline()
	for _, k := range calls {
		if redis.HasErrorPrefix(k.cmd.Err(), "NOSCRIPT") {
			k.cmd = script.Eval(ctx, again, k.keys, k.args...)
		}
	}
	if again.Len() > 0 {
		_, err = again.Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("script: %w", err)
	}
	return nil
}
