-- Notes what agents of one partition asked for. `used:<handle>` counts by rule (n:…) and knows when an entry
-- was written last (t:…): at most one of each in so long a time, with how often it was since the one before.
-- given: uses ([{h, rule, n (how often), o (outcome), entry}]), every (ms).
-- Returns for each how long (ms) until what is counted may be written, 0 if nothing waits.

local answer = {}
for position, use in ipairs(given.uses) do
  local key, name = base .. 'used:' .. use.h, (use.o or '') .. ':' .. use.rule
  local count = redis.call('HINCRBY', key, 'n:' .. name, use.n)
  local due = tonumber(redis.call('HGET', key, 't:' .. name) or 0) + given.every
  answer[position] = 0
  if count > 0 and now >= due then
    use.entry.c = count
    audit(use.entry)
    redis.call('HSET', key, 't:' .. name, now, 'n:' .. name, 0)
  elseif count > 0 then
    answer[position] = due - now
  end
  redis.call('PEXPIRE', key, 10 * given.every)
end
return answer
