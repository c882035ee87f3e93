-- Counts the sessions of each class, and reads those over a limit. ARGV[1]: what the names of the
-- partition's keys begin with; ARGV[2]: {skip, most, {class, mark in created, mark in active}…}: at and
-- below its mark a session is over a limit. Of these, `most` are read, after the first `skip`.
-- Returns for each class that there is {class, how many, how many over their lifetime, handle and
-- score in active of these…, how many idle, handle and score in created of these…}, lists in lists.

local base, asked = ARGV[1], cjson.decode(ARGV[2])
local skip, most = asked[1], asked[2]

local function below(key, mark, other)
  local count = redis.call('ZCOUNT', key, '-inf', mark)
  local found = {}
  local last = math.min(skip + most, count) - 1
  if skip <= last then
    for _, handle in ipairs(redis.call('ZRANGE', key, skip, last)) do
      found[#found + 1] = handle
      found[#found + 1] = redis.call('ZSCORE', other, handle) or ''
    end
  end
  return count, found
end

local answer = {}
for position = 3, #asked do
  local class, created_mark, active_mark = unpack(asked[position])
  local created, active = base .. 'created:' .. class, base .. 'active:' .. class
  local size = redis.call('ZCARD', created)
  if size > 0 then
    local old, aged = below(created, created_mark, active)
    local unused, idle = below(active, active_mark, created)
    answer[#answer + 1] = {class, size, old, aged, unused, idle}
  end
end
return answer
