-- Deletes a person, their name and their sessions. given: user, owners, entry, reason, ended (entry).
-- Returns {'changed', person, count, reason…}, {'missing'} or {'last_owner'}.

local key = base .. 'u:' .. given.user
local raw = redis.call('GET', key)
if not raw then return {'missing'} end
local user = cjson.decode(raw)
if not note_owner(given.user, user, nil) then return {'last_owner'} end

local answer = {'changed', raw, end_all(given.user, given.reason, nil)}
redis.call('DEL', key, base .. 'n:' .. user.c)
redis.call('ZREM', base .. 'users', user.c .. '\0' .. given.user)
given.entry.tn = user.n
audit(given.entry)
emit({t = given.entry.a, u = given.user, n = user.n})
if answer[3] > 0 then
  given.ended.tn, given.ended.c = user.n, answer[3]
  audit(given.ended)
end
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
