-- Forgets a name's failures. given: counter, canonical, threshold, entry, highest (absent: whoever).
-- Returns {'changed', '1' if it was locked else '0'} or {'outranked'}.

local id, user = person_named(given.canonical)
if id then given.entry.tu = id end
if user and outranked(user) then return {'outranked'} end
local count = tonumber(redis.call('GET', given.counter) or 0)
redis.call('DEL', given.counter)
local listed = user and unlock(id, user)
if count < given.threshold and not listed then return {'changed', '0'} end
if user then given.entry.tn = user.n end
audit(given.entry)
emit({t = 'user.unlocked', u = id, n = id and given.entry.tn}, given.entry)
return {'changed', '1'}
