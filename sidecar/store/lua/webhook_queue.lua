-- The deliveries of one endpoint in one partition, in keys that begin `wh:<endpoint>:`
--   at       the event up to which they were put in line
--   l:<lane> the ids that are waiting in one lane, which come one after the other: `u` and a person for
--            events, `r…` for one that is sent once more, `t…` for a test
--   due      the lanes, by the instant at which their first is to be attempted (ms)
--   tried    of each lane, how often its first was attempted
--   busy     the lanes that a worker is attempting
--   waiting  how many events there are in all lanes
--   log      what came of each delivery, by id; logged: by the instant of that
-- KEYS[2]: the event stream. given.endpoint: the id. Nothing is kept for longer than matters.

local base = ARGV[1]
local given = cjson.decode(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local queue = base .. 'wh:' .. given.endpoint .. ':'
local KEPT = 8 * 24 * 3600 * 1000

local function lane_key(lane)
  return queue .. 'l:' .. lane
end

local function is_of_events(lane)
  return string.sub(lane, 1, 1) == 'u'
end

local function push(lane, id)
  local length = redis.call('RPUSH', lane_key(lane), id)
  redis.call('PEXPIRE', lane_key(lane), KEPT)
  if length == 1 then redis.call('ZADD', queue .. 'due', now, lane) end
  if is_of_events(lane) then redis.call('INCR', queue .. 'waiting') end
end

-- The first of a lane is over; the next one is due.
local function pop(lane)
  redis.call('LPOP', lane_key(lane))
  redis.call('HDEL', queue .. 'tried', lane)
  redis.call('HDEL', queue .. 'busy', lane)
  if is_of_events(lane) then redis.call('DECR', queue .. 'waiting') end
  if redis.call('EXISTS', lane_key(lane)) == 1 then
    redis.call('ZADD', queue .. 'due', now, lane)
  else
    redis.call('ZREM', queue .. 'due', lane)
  end
end

local function keep_all()
  for _, name in ipairs({'at', 'due', 'tried', 'busy', 'waiting'}) do
    redis.call('PEXPIRE', queue .. name, KEPT)
  end
end
