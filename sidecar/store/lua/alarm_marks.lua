-- Notes what counts towards alarms, and returns what counts. KEYS: the marks of each subject. ARGV: how
-- long a mark of each is kept (ms) and how many are, for each key; then what is noted, in order: the
-- number of the key, the instant and the mark; an empty mark takes all back.
-- Returns for each key its marks, each followed by its instant.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for first = 2 * #KEYS + 1, #ARGV, 3 do
  local key, instant, mark = KEYS[tonumber(ARGV[first])], ARGV[first + 1], ARGV[first + 2]
  if mark == '' then
    redis.call('DEL', key)
  else
    redis.call('ZADD', key, instant, mark)
  end
end

local answer = {}
for position, key in ipairs(KEYS) do
  local kept, most = tonumber(ARGV[2 * position - 1]), tonumber(ARGV[2 * position])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - kept)
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - most)
  redis.call('PEXPIRE', key, kept)
  answer[position] = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
end
return answer
