-- Ends the sessions that were opened from an account, or a session, at a provider, and keeps any from
-- being opened from it that the provider spoke of until then. given: digest, mark (until when, s), keep
-- (how long that is remembered, ms), reason, entry.
-- Returns {how many ended, the reason of each that was found over a limit…}.

local key = base .. 'pe:' .. given.digest
local mark = math.max(tonumber(redis.call('GET', key) or 0), given.mark)
redis.call('SET', key, string.format('%.0f', mark), 'PX', given.keep)

local last, record, count = nil, nil, 0
for _, handle in ipairs(redis.call('SMEMBERS', base .. 'ps:' .. given.digest)) do
  local found, provider = usable(handle), provider_of(handle)
  if found and provider and provider.t <= given.mark then
    bury(handle, found, given.reason)
    last, record, count = handle, found, count + 1
  end
end
if count == 1 then
  audit_session(given.entry, last, record, given.reason)
elseif count > 1 then
  local entry = given.entry
  entry.tu, entry.tn, entry.s, entry.c, entry.r = record[USER], record[NAME], 'bulk', count, given.reason
  audit(entry)
end

local answer = {count}
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
