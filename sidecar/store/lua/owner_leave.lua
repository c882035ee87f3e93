-- Takes an owner out, or until an instant. KEYS: owners. ARGV: id, instant or ''. Returns 0 if that
-- would leave nobody.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local from = redis.call('ZSCORE', KEYS[1], ARGV[1])
if from and tonumber(from) <= now and redis.call('ZCOUNT', KEYS[1], '-inf', now) <= 1 then return 0 end
if ARGV[2] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
end
return 1
