-- Ends sessions that are over a limit. given: most (to look at). Returns {looked at, reason…}: as many
-- as `most` when there may be more. An index entry that is not true any more is mended.

local function mend(class, handle)
  local created, active = base .. 'created:' .. class, base .. 'active:' .. class
  local record, _, last_active = live_record(handle)
  if record and class_of(record) == class then
    redis.call('ZADD', created, record[CREATED], handle)
    redis.call('ZADD', active, instant_of(last_active) or record[CREATED], handle)
  else
    redis.call('ZREM', created, handle)
    redis.call('ZREM', active, handle)
  end
end

local answer = {0}

-- What has a lifetime of its own is not in the order of its creation.
local lapsed = redis.call('ZRANGEBYSCORE', base .. 'expiring', '-inf', now, 'LIMIT', 0, given.most)
for _, handle in ipairs(lapsed) do
  if not live_record(handle) then redis.call('ZREM', base .. 'expiring', handle) end
  usable(handle)
end
answer[1] = #lapsed
for role, limits in ipairs(given.limits) do
  for _, kind in ipairs({'b', 'd', 'a', 's'}) do
    local class = (role - 1) .. kind
    for position, index in ipairs({'active:', 'created:'}) do
      local key = base .. index .. class
      local due = given.most - answer[1]
      local found = due > 0
        and redis.call('ZRANGEBYSCORE', key, '-inf', now - limits[position], 'LIMIT', 0, due) or {}
      for _, handle in ipairs(found) do
        local before = #expired
        usable(handle)
        if #expired == before then mend(class, handle) end
      end
      answer[1] = answer[1] + #found
    end
  end
end
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
