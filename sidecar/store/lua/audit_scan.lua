-- Reads entries, the newest first, each of them. at: up to where, as XREVRANGE takes it; low: down
-- to where. Returns {where to go on or '', id, entry, id, entry…}.

local picky = wanted.action or wanted.actor or wanted.name
local most = picky and wanted.most or wanted.limit
local items = redis.call('XREVRANGE', KEYS[1], wanted.at, wanted.low, 'COUNT', most)
local answer = {''}
local found, last = 0, nil
local word = wanted.action and '"' .. wanted.action .. '"'
for _, item in ipairs(items) do
  local id, raw = item[1], item[2][2]
  -- Most are passed over without being taken apart.
  if not picky or ((not word or string.find(raw, word, 1, true)) and matches(id, cjson.decode(raw))) then
    answer[#answer + 1], answer[#answer + 2] = id, raw
    found = found + 1
  end
  last = id
  if found == wanted.limit then break end
end
if last and (found == wanted.limit or #items == most) then answer[1] = last end
return answer
