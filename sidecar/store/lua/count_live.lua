-- Counts the sessions of each class and those over a limit. ARGV: as for survey.lua, without names: the
-- smaller of the two kinds of these is gone through, `most` of it after the first `skip`.
-- Returns for each class that there is {class, how many, how many over their lifetime, how many idle,
-- how many both, of those gone through}.

local base, asked = ARGV[1], cjson.decode(ARGV[2])
local skip, most = asked[1], asked[2]

local function also_below(key, count, other, mark)
  local found, last = 0, math.min(skip + most, count) - 1
  if skip > last then return 0 end
  for _, handle in ipairs(redis.call('ZRANGE', key, skip, last)) do
    local score = tonumber(redis.call('ZSCORE', other, handle) or '-1')
    if score <= mark then found = found + 1 end
  end
  return found
end

local answer = {}
for position = 3, #asked do
  local class, created_mark, active_mark = unpack(asked[position])
  local created, active = base .. 'created:' .. class, base .. 'active:' .. class
  local size = redis.call('ZCARD', created)
  if size > 0 then
    local old = redis.call('ZCOUNT', created, '-inf', created_mark)
    local idle = redis.call('ZCOUNT', active, '-inf', active_mark)
    local both
    if old < idle then
      both = also_below(created, old, active, active_mark)
    else
      both = also_below(active, idle, created, created_mark)
    end
    answer[#answer + 1] = {class, size, old, idle, both}
  end
end
return answer
