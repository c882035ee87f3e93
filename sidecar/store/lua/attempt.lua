-- Lets an attempt begin, unless too many failed. KEYS: the counter of failures, and the attempts that
-- are being verified, by the instant at which each lapses. ARGV: how many may fail, the attempt's id,
-- after how long it lapses (ms). Returns 0 if it may be verified, -1 if that depends on how those
-- before it end, or for how many milliseconds no more are taken.

local failures = tonumber(redis.call('GET', KEYS[1]) or 0)
local most = tonumber(ARGV[1])
if failures >= most then return math.max(redis.call('PTTL', KEYS[1]), 1) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if failures + redis.call('ZCARD', KEYS[2]) >= most then return -1 end
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 0
