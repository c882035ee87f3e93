-- Puts recovery codes in the place of all that a person has. given: user, owners, recovery (digests),
-- entry. Returns as user_change.lua does; {'stale'}: they have no factor.

local raw = redis.call('GET', base .. 'u:' .. given.user)
if not raw then return {'missing'} end
local before, user = cjson.decode(raw), cjson.decode(raw)
if not user.fa then return {'stale'} end
user.rc = given.recovery
local stored = keep_person(before, user)
if not stored then return {'last_owner'} end
tell(given.entry, user)
return {'changed', stored, 0}
