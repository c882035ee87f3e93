-- Ends one session. given: handle, reason, entry; or last_active alone: then it ends only if it is
-- over a limit and was not used since (the caller found it so). Returns {record, last active, reason…}, {'', reason…} when
-- it turned out to be over a limit, or nil when there is none that could be ended. reason: of what ended besides.

local raw_last_active = redis.call('GET', base .. 'a:' .. given.handle)
local instant = instant_of(raw_last_active)
if given.last_active and instant and instant ~= given.last_active then return nil end

local record, raw, last_active = usable(given.handle)
if record and not given.last_active then
  bury(given.handle, record, given.reason)
  audit_session(given.entry, given.handle, record, given.reason)
  local answer = {raw, last_active or ''}
  for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
  return answer
end
if not expired[1] then return nil end
local answer = {''}
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
