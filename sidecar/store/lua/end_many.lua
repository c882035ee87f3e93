-- Ends sessions of several people, with one audit entry for all. given: handles, reason, entry (with
-- a target if they are all of one person).
-- Returns {count, handle of each that ended…, '', reason of each that was found over a limit…}.

local user = given.entry.tu and redis.call('GET', base .. 'u:' .. given.entry.tu)
given.entry.tn = user and cjson.decode(user).n or nil

local answer = {0}
for _, handle in ipairs(given.handles) do
  local record = usable(handle)
  if record then
    bury(handle, record, given.reason)
    answer[#answer + 1] = handle
  end
end
answer[1] = #answer - 1
if answer[1] > 0 then
  given.entry.c = answer[1]
  audit(given.entry)
end
answer[#answer + 1] = ''
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
