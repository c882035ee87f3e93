-- Reads a person's entries, the newest first, along their chain (common.lua). KEYS[2]: the heads. at:
-- the entry to go on with, itself included; absent: the head. Returns {where to go on or '', id,
-- entry, id, entry…}. What was trimmed ends the chain: all that is older was trimmed too.

local person = wanted.person
local at = wanted.at or redis.call('HGET', KEYS[2], person) or ''
local answer = {''}
local found = 0
for _ = 1, wanted.most do
  if at == '' or found == wanted.limit then break end
  local item = redis.call('XRANGE', KEYS[1], at, at)[1]
  if not item then
    at = ''
    break
  end
  local id, raw = item[1], item[2][2]
  local entry = cjson.decode(raw)
  local among = entry.m and entry.m[person]
  -- A position that was made up leads nowhere.
  if entry.tu ~= person and entry.i ~= person and not among then
    at = ''
    break
  end
  if matches(id, entry) then
    answer[#answer + 1], answer[#answer + 2] = id, raw
    found = found + 1
  end
  at = among or (entry.tu == person and entry.pt or entry.tu ~= person and entry.pa) or ''
  if wanted.since and tonumber(string.match(id, '^%d+')) < wanted.since then at = '' end
end
answer[1] = at
return answer
