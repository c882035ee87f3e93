-- Notes whether something arrived at an endpoint. KEYS: a hash with `failures`, `since` (ms: of the first
-- that failed) and `at` (ms: of the last that arrived). ARGV: 1 if it did, else 0.
-- Returns for how long (ms) nothing has arrived; if something has: 1 if it had been failing, else 0.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] == '1' then
  local failing = redis.call('HDEL', KEYS[1], 'failures', 'since')
  redis.call('HSET', KEYS[1], 'at', now)
  return failing > 0 and 1 or 0
end
redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('HSETNX', KEYS[1], 'since', now)
return now - redis.call('HGET', KEYS[1], 'since')
