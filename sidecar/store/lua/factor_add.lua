-- Gives a person a factor. given: user, owners, factor (its id), fields (see people.py), replace (it
-- may take the place of one with that id), recovery (digests of codes, for who has none), entry.
-- Returns as user_change.lua does; {'stale'}: there is one with that id.

local raw = redis.call('GET', base .. 'u:' .. given.user)
if not raw then return {'missing'} end
local before, user = cjson.decode(raw), cjson.decode(raw)
if user.x then return {'missing'} end
user.fa = user.fa or {}
if user.fa[given.factor] and not given.replace then return {'stale'} end
given.fields.t = now
user.fa[given.factor] = given.fields
user.rc = user.rc or given.recovery
local stored = keep_person(before, user)
if not stored then return {'last_owner'} end
tell(given.entry, user)
return {'changed', stored, 0}
