-- Ends sessions of several people, with one audit entry for all: about the person if all that ended
-- were one's, else with the ids of all. given: handles, reason, entry.
-- Returns {count, handle of each that ended…, '', reason of each that was found over a limit…}.

local answer, people, ids = {0}, {}, {}
for _, handle in ipairs(agents_first(given.handles)) do
  local record = usable(handle)
  if record then
    bury(handle, record, given.reason)
    answer[#answer + 1] = handle
    if not people[record[USER]] then
      people[record[USER]] = ''
      ids[#ids + 1] = record[USER]
    end
  end
end
answer[1] = #answer - 1
if answer[1] > 0 then
  local entry = given.entry
  entry.c = answer[1]
  if #ids == 1 then
    entry.tu = ids[1]
  else
    entry.m = people
  end
  audit(entry)
end
answer[#answer + 1] = ''
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
