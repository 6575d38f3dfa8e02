package handoff

import "github.com/redis/go-redis/v9"

// tellLua puts mail into the outbox of a shard, as part of a script that changes
// a handoff: both happen or neither does. Arguments: stream, ttl in ms, fields.
const tellLua = `
local function tell(key, ttl, ...)
  redis.call('XADD', key, '*', ...)
  redis.call('PEXPIRE', key, ttl)
end
local function told(desk, desks) return string.find(desks, ' ' .. desk .. ' ', 1, true) end
`

// saidScript tells the desk of an open handoff what the customer said.
// KEYS: handoff, outbox. ARGV: id within the handoff, time, text, desks that are
// told, open states, most mail, ttl in ms. It answers 1, 2 when that was told
// already, 0 when the desk is not told, -1 when there is no open handoff, -2 when
// too much waits.
const saidScript = tellLua + `
local h = redis.call('HMGET', KEYS[1], 'tk', 'st', 'se', 'dk', 'ls')
if not h[1] or not string.find(ARGV[5], ' ' .. h[2] .. ' ', 1, true) then return -1 end
if not told(h[4], ARGV[4]) then return 0 end
if h[5] == ARGV[1] then return 2 end
if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[6]) then return -2 end
redis.call('HSET', KEYS[1], 'ls', ARGV[1])
tell(KEYS[2], ARGV[7], 'id', h[1] .. '-' .. ARGV[1], 'ty', 'customer.said', 'at', ARGV[2], 'tk', h[1], 'se', h[3], 'dk', h[4], 'tx', ARGV[3])
return 1`

// finishScript takes mail out of the outbox, to the dead letters where there is
// a reason. KEYS: outbox, dead letters. ARGV: group, entry, reason, tries, most
// dead letters, their ttl in ms.
const finishScript = `
local e = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
if e and ARGV[3] ~= '' then
  local f = e[2]
  for _, v in ipairs({'why', ARGV[3], 'n', ARGV[4]}) do f[#f + 1] = v end
  redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[5], '*', unpack(f))
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])`

// touchScript keeps entries with a consumer, or lets others have them, and
// answers which of them are that consumer's and not erased. KEYS: outbox. ARGV: group,
// consumer, idle time in ms to set, and for each entry its id and how often it
// was tried.
const touchScript = `
local ours = {}
for i = 4, #ARGV, 2 do
  local p = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if #redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i]) == 0 then
    redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  elseif #p > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'IDLE', ARGV[3], 'RETRYCOUNT', ARGV[i + 1], 'JUSTID')
    ours[#ours + 1] = ARGV[i]
  end
end
return ours`

// burialScript deletes the consumers that have nothing in hand and have been
// silent. KEYS: outbox. ARGV: group, how long in ms.
const burialScript = `
local list = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if list.err then return 0 end
local gone = 0
for _, c in ipairs(list) do
  local f = {}
  for i = 1, #c, 2 do f[c[i]] = c[i + 1] end
  if f.pending == 0 and f.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], f.name)
    gone = gone + 1
  end
end
return gone`

// forgetScript deletes what streams hold of a session. KEYS: streams. ARGV:
// session.
const forgetScript = `
for _, key in ipairs(KEYS) do
  for _, e in ipairs(redis.call('XRANGE', key, '-', '+')) do
    for i = 1, #e[2], 2 do
      if e[2][i] == 'se' and e[2][i + 1] == ARGV[1] then redis.call('XDEL', key, e[1]) end
    end
  end
end
return 1`

type outScripts struct{ finish, touch, burial, unindex *redis.Script }

func newOutScripts() outScripts {
	return outScripts{
		finish: redis.NewScript(finishScript), touch: redis.NewScript(touchScript),
		burial: redis.NewScript(burialScript), unindex: redis.NewScript(unindexScript),
	}
}
