-- Counts an attempt before it is verified, unless too many were. KEYS: the counter. ARGV: how many
-- may be, for how long they count (ms), 1 if each attempt starts that anew. Returns 0, or for how
-- many milliseconds no more are taken.

local count = tonumber(redis.call('HGET', KEYS[1], 'a') or 0)
if count >= tonumber(ARGV[1]) then return math.max(redis.call('PTTL', KEYS[1]), 1) end
redis.call('HINCRBY', KEYS[1], 'a', 1)
if count == 0 or ARGV[3] == '1' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
