-- Lists anew those whose ban or lock has lapsed, so that no list shows them as they were, and takes
-- over the one index that an earlier version kept. given: most, sets (in the order of names). ARGV[3],
-- ARGV[4]: bounds, as ZLEXCOUNT takes them. Returns {1 if there may be more, else 0, for each set the
-- number of members before each bound…}.

local lapsed = redis.call('ZRANGEBYSCORE', base .. 'lapses', '-inf', now, 'LIMIT', 0, given.most)
for _, id in ipairs(lapsed) do
  local raw = redis.call('GET', base .. 'u:' .. id)
  if raw then
    list_person(id, cjson.decode(raw))
  else
    redis.call('ZREM', base .. 'lapses', id)
  end
end

local old = redis.call('ZRANGE', base .. 'users', 0, given.most - 1)
for _, member in ipairs(old) do
  local id = string.match(member, '([^%z]+)$')
  local raw = redis.call('GET', base .. 'u:' .. id)
  if raw then list_person(id, cjson.decode(raw)) end
  redis.call('ZREM', base .. 'users', member)
end
local answer = {(#lapsed == given.most or #old == given.most) and 1 or 0}
for _, key in ipairs(given.sets) do
  answer[#answer + 1] = redis.call('ZLEXCOUNT', key, '-', ARGV[3])
  answer[#answer + 1] = redis.call('ZLEXCOUNT', key, '-', ARGV[4])
end
return answer
