-- Ends all sessions of a person. given: user, reason, keep, entry. Returns {count, reason…}: how
-- many were ended, and the reason of each that was found over a limit.

local count = end_all(given.user, given.reason, given.keep)
if count > 0 then
  local user = redis.call('GET', base .. 'u:' .. given.user)
  given.entry.c, given.entry.tn = count, user and cjson.decode(user).n or nil
  audit(given.entry)
end
local answer = {count}
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
