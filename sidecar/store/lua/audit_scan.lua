-- Reads entries, the newest first, each of them. at: up to where, as XREVRANGE takes it; low: down
-- to where. Returns {where to go on or '', id, entry, id, entry…}.

local picky = wanted.action or wanted.actor or wanted.name
local most = picky and wanted.most or wanted.limit
local function is_before(one, other)
  local ms, sequence = string.match(one, '(%d+)%-?(%d*)')
  local other_ms, other_sequence = string.match(other, '(%d+)%-(%d+)')
  ms, other_ms = tonumber(ms), tonumber(other_ms)
  return ms < other_ms or (ms == other_ms and (tonumber(sequence) or 0) < tonumber(other_sequence))
end

-- An end before the first entry makes Redis go through the whole stream backwards, to find nothing.
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
if not first then return {''} end
if wanted.at ~= '+' then
  local at, open = string.gsub(wanted.at, '^%(', '')
  if is_before(at, first[1]) or (open == 1 and at == first[1]) then return {''} end
end

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
