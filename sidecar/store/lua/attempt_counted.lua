-- Ends an attempt that failed. KEYS: the counter of failures, the attempts that are being verified.
-- ARGV: the attempt's id, for how long failures count from the first of them (ms).

redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
