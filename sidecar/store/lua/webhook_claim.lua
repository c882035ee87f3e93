-- Puts new events in line, and gives out deliveries that are due: whoever gets one has it to themselves
-- for a while; if they do not come back, the next one gets it. given: since (ms: from when on the
-- endpoint gets events), types (wanted: {type = true}; absent: all), actions (of a session's end, by
-- reason), patience (ms: older events are passed over), cap (how many may be in line), read (how many
-- events to look at), most (to give out), lapse (ms).
-- Returns {1 if there may be more to put in line, how long (ms) until a lane is due or -1, lane, id, attempt,
-- event or '', lane…}.

local more = 0
if tonumber(redis.call('GET', queue .. 'waiting') or 0) < given.cap then
  local at = redis.call('GET', queue .. 'at') or string.format('%d-0', given.since - 1)
  local items = redis.call('XRANGE', KEYS[2], '(' .. at, '+', 'COUNT', given.read)
  for _, item in ipairs(items) do
    local id = item[1]
    if tonumber(string.match(id, '^%d+')) > now - given.patience then
      local event = cjson.decode(item[2][2])
      local kind = event.r and given.actions[event.r] or event.t
      if not given.types or given.types[kind] then push('u' .. (event.u or ''), id) end
    end
    at = id
  end
  if #items > 0 then redis.call('SET', queue .. 'at', at) end
  if #items == given.read then more = 1 end
end

local answer = {more, -1}
local due = queue .. 'due'
for _, lane in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, given.most)) do
  local id = redis.call('LINDEX', lane_key(lane), 0)
  if id then
    redis.call('ZADD', due, now + given.lapse, lane)
    redis.call('HSET', queue .. 'busy', lane, 1)
    local event = string.sub(lane, 1, 1) ~= 't' and redis.call('XRANGE', KEYS[2], id, id)[1]
    local attempt = redis.call('HINCRBY', queue .. 'tried', lane, 1)
    for _, part in ipairs({lane, id, attempt, event and event[2][2] or ''}) do
      answer[#answer + 1] = part
    end
  else
    redis.call('ZREM', due, lane)
  end
end
local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
if first[2] then answer[2] = math.max(math.floor(first[2] - now), 0) end
keep_all()
return answer
