-- Makes an account at a provider a person's. given: user, highest, issuer (digest), account (digest),
-- owners, entry. Returns as user_change.lua does; {'stale'}: they have another one of that provider.

local raw = redis.call('GET', base .. 'u:' .. given.user)
if not raw then return {'missing'} end
local before, user = cjson.decode(raw), cjson.decode(raw)
if outranked(user) then return {'outranked'} end
user.pl = user.pl or {}
if user.x or (user.pl[given.issuer] and user.pl[given.issuer] ~= given.account) then return {'stale'} end
user.pl[given.issuer] = given.account
keep_links(given.user, user)
local stored = keep_person(before, user)
if not stored then return {'last_owner'} end
tell(given.entry, user)
return {'changed', stored, 0}
