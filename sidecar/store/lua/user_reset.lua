-- Makes a link to set a new password; one made before is void. given: user, highest, hash (what
-- is kept of it), lasts (ms), entry. Returns {'changed', until}, {'missing'} or {'outranked'}.

local raw = redis.call('GET', base .. 'u:' .. given.user)
if not raw then return {'missing'} end
local user = cjson.decode(raw)
if outranked(user) then return {'outranked'} end
redis.call('SET', base .. 'pr:' .. given.user, given.hash, 'PX', given.lasts)
tell(given.entry, user)
return {'changed', tostring(now + given.lasts)}
