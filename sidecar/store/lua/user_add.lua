-- Adds a person, if the name is free. ARGV[3]: the person, created 0. given: user, canonical,
-- owners, entry. Returns the person, or nil when the name is taken.

if not redis.call('SET', base .. 'n:' .. given.canonical, given.user, 'NX') then return nil end
local user = cjson.decode(ARGV[3])
user.t = now
local stored = cjson.encode(user)
note_owner(given.user, nil, user)
redis.call('SET', base .. 'u:' .. given.user, stored)
redis.call('ZADD', base .. 'users', 0, given.canonical .. '\0' .. given.user)
audit(given.entry)
emit({t = given.entry.a, u = given.user, n = user.n})
return stored
