-- Notes what came of an attempt. given: lane, id, attempt, taken, due (ms: when it is tried again;
-- absent: it is over), logged (its id there), most and kept (of the log; ms). ARGV[3]: what is kept of it.
-- Returns 0 when it is somebody else's by now: only that something arrived counts then, too.

if redis.call('LINDEX', lane_key(given.lane), 0) ~= given.id then return 0 end
local attempt = tonumber(redis.call('HGET', queue .. 'tried', given.lane) or 0)
if not given.taken and attempt ~= given.attempt then return 0 end
if given.due then
  redis.call('ZADD', queue .. 'due', given.due, given.lane)
  redis.call('HDEL', queue .. 'busy', given.lane)
else
  pop(given.lane)
end

local log, logged = queue .. 'log', queue .. 'logged'
redis.call('HSET', log, given.logged, ARGV[3])
redis.call('ZADD', logged, now, given.logged)
local over = redis.call('ZRANGE', logged, 0, -given.most - 1)
if #over == 0 then over = redis.call('ZRANGEBYSCORE', logged, '-inf', now - given.kept, 'LIMIT', 0, 20) end
for _, id in ipairs(over) do
  redis.call('HDEL', log, id)
  redis.call('ZREM', logged, id)
end
redis.call('PEXPIRE', log, given.kept)
redis.call('PEXPIRE', logged, given.kept)
return 1
