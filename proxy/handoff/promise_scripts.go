package handoff

import "github.com/redis/go-redis/v9"

// The scripts touch the promises of one session and the set of its shard, and
// may be sent twice: a settled promise leaves its id behind, empty.

// newPromise records what the arguments from a on say: id, member, due, promise,
// ttl in ms.
const newPromise = `
local function new(a)
  if redis.call('HEXISTS', KEYS[1], ARGV[a]) == 1 then return '0' end
  redis.call('HSET', KEYS[1], ARGV[a], ARGV[a + 3])
  redis.call('ZADD', KEYS[2], ARGV[a + 2], ARGV[a + 1])
  for _, k in ipairs(KEYS) do
    redis.call('PEXPIRE', k, math.max(redis.call('PTTL', k), tonumber(ARGV[a + 4])))
  end
  return '1'
end
`

var (
	// makeScript records a promise once. It answers 1, or 0 when it was recorded.
	makeScript = redis.NewScript(newPromise + `return new(1)`)

	// settleScript takes a promise off the record and may put another in its
	// place. ARGV: id, member, then nothing or the new one. It answers 1 to the
	// one who settled it, else 0.
	settleScript = redis.NewScript(newPromise + `
redis.call('ZREM', KEYS[2], ARGV[2])
local p = redis.call('HGET', KEYS[1], ARGV[1])
if not p or p == '' then return '0' end
redis.call('HSET', KEYS[1], ARGV[1], '')
if #ARGV > 2 then new(3) end
return '1'`)

	// claimDueScript gives a promise that is due to one node for a while. ARGV:
	// id, member, now, until. It answers the promise, or when it can be claimed,
	// or nothing when it is settled.
	claimDueScript = redis.NewScript(`
local p = redis.call('HGET', KEYS[1], ARGV[1])
if not p or p == '' then
  redis.call('ZREM', KEYS[2], ARGV[2])
  return ''
end
local at = redis.call('ZSCORE', KEYS[2], ARGV[2])
if at and tonumber(at) > tonumber(ARGV[3]) then return string.format('%.0f', tonumber(at)) end
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2])
return p`)
)
