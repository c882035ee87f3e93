-- What waits for a further attempt is due now. given: most. Returns how many lanes those are.

local count = 0
local waiting = redis.call('ZRANGEBYSCORE', queue .. 'due', '(' .. now, '+inf', 'LIMIT', 0, given.most)
for _, lane in ipairs(waiting) do
  if redis.call('HEXISTS', queue .. 'busy', lane) == 0 then
    redis.call('ZADD', queue .. 'due', now, lane)
    count = count + 1
  end
end
return count
