-- Changes a person and ends their sessions if that follows. given: user, set (fields), clear (names
-- of fields), owners, entry; reason, keep, ended (entry): to end all sessions but `keep`.
-- Returns {'changed', person, count, reason…}, {'missing'} or {'last_owner'}.

local key = base .. 'u:' .. given.user
local raw = redis.call('GET', key)
if not raw then return {'missing'} end
local before, user = cjson.decode(raw), cjson.decode(raw)
for name, value in pairs(given.set) do user[name] = value end
for _, name in ipairs(given.clear) do user[name] = nil end
if given.set.p then user.pn = (user.pn or 0) + 1 end
if not note_owner(given.user, before, user) then return {'last_owner'} end

local stored = cjson.encode(user)
redis.call('SET', key, stored)
given.entry.tn = user.n
audit(given.entry)
emit({t = given.entry.a, u = given.user, n = user.n})

local answer = {'changed', stored, 0}
if given.reason then
  answer[3] = end_all(given.user, given.reason, given.keep)
  if answer[3] > 0 then
    given.ended.tn, given.ended.c = user.n, answer[3]
    audit(given.ended)
  end
end
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
