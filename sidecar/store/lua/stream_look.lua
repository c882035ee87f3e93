-- Reads a stream, and what the time was before. KEYS: it. ARGV: XRANGE or XREVRANGE, from, to, how many.
-- Returns {epoch ms, entries}: an entry that comes later has no lower millisecond.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {tostring(now), redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[3], 'COUNT', ARGV[4])}
