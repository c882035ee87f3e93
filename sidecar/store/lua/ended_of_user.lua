-- Reads a person's ended sessions, the last one first. KEYS: the index by person, the documents by the
-- instant of the end. ARGV: the person's number, the instant up to which they are too old (as in the
-- index), offset, limit. Returns how many there are, then the documents.

local number, since, offset, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local all = redis.call('ZCOUNT', KEYS[1], number, number)
local old = 0
while old < all do
  local found = redis.call('ZRANGEBYSCORE', KEYS[1], number, number, 'LIMIT', old, 100)
  local before = old
  for _, member in ipairs(found) do
    if string.sub(member, 1, 11) > since then break end
    old = old + 1
  end
  if old < before + #found or #found == 0 then break end
end

-- Documents of one instant are in order of their beginning, which is the handle.
local function document(instant, handle)
  local first = redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. instant)
  local last = first + redis.call('ZCOUNT', KEYS[2], instant, instant) - 1
  local wanted = '["' .. handle
  while first <= last do
    local middle = math.floor((first + last) / 2)
    local found = redis.call('ZRANGE', KEYS[2], middle, middle)[1]
    local beginning = string.sub(found, 1, #wanted)
    if beginning == wanted then return found end
    if beginning < wanted then first = middle + 1 else last = middle - 1 end
  end
end

local answer = {all - old}
local count = math.min(limit, all - old - offset)
if count <= 0 then return answer end
for _, member in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[1], number, number, 'LIMIT', offset, count)) do
  local instant = string.format('%.0f', tonumber(string.sub(member, 1, 11), 16))
  answer[#answer + 1] = document(instant, string.sub(member, 12))
end
return answer
