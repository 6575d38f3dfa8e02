package session

import (
	"encoding/json"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// A node joins those that hold a session with the very trip that reads its record:
// whoever gives the floor to somebody either has done so by then, and the node reads
// it, or finds the node among those that it must wait for (Store.Applied), whoever the
// owner is and whether it answers or not.

// joinScript enters a node, behind the owner, among those that hold a session, unless
// it is there or the conversation is over, and tells the others.
//
// KEYS: record.
// ARGV: instance, most holders, channel, event.
const joinScript = `
local rec = redis.call('HMGET', KEYS[1], 'nd', 'i', 'g', 'en')
if not rec[3] or rec[4] then return 0 end
local ver, list = string.match(rec[1] or '', '^(%d+) (.+)$')
if not ver then ver, list = 0, rec[2] or '' end
local new, n = '', 0
for name in string.gmatch(list, '%S+') do
  if name == ARGV[1] then return 0 end
  if n < tonumber(ARGV[2]) - 1 then new = new .. ' ' .. name end
  if n == 0 then new = new .. ' ' .. ARGV[1] end
  n = n + 1
end
if n == 0 then return 0 end
redis.call('HSET', KEYS[1], 'nd', ver .. new)
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`

// joining adds the join to a trip that reads the record of a session; eval runs it.
func (s *Store) joining(id string, eval func(keys []string, args ...any) *redis.Cmd) (*redis.Cmd, error) {
	event, err := json.Marshal(Event{Session: id, Kind: KindJoin, Node: s.instance})
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	return eval([]string{recordKey(id)}, s.instance, maxHolders, bus, event), nil
}

// joined takes note that another node holds the session, too.
func (s *Session) joined() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shared = true
}
