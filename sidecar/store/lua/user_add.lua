-- Adds a person, if the name is free. ARGV[3]: the person, created 0. given: user, canonical,
-- highest, owners, entry, counter (of the name's failures), threshold. Returns {'changed', person},
-- {'taken'} or {'outranked'}.

local user = cjson.decode(ARGV[3])
given.entry.tu = nil -- who is refused has no id, so that the entry keeps the name
if outranked(user) then return {'outranked'} end
if redis.call('EXISTS', base .. 'n:' .. given.canonical) == 1 then
  refuse('user_exists')
  return {'taken'}
end
given.entry.tu = given.user
redis.call('SET', base .. 'n:' .. given.canonical, given.user)
user.t = now
keep_links(given.user, user)
-- The name may be locked already, as any name can be.
if tonumber(redis.call('GET', given.counter) or 0) >= given.threshold then
  redis.call('ZADD', base .. 'locks', now + redis.call('PTTL', given.counter), given.user)
end
local stored = keep_person(nil, user)
tell(given.entry, user)
return {'changed', stored}
