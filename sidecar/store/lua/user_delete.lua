-- Deletes a person, their name and their sessions. What they were called stays, for the audit log. given: user, highest, owners, entry, reason,
-- ended (entry). Returns as user_change.lua does.

local key = base .. 'u:' .. given.user
local raw = redis.call('GET', key)
if not raw then return {'missing'} end
local user = cjson.decode(raw)
if outranked(user) then return {'outranked'} end
if not note_owner(given.user, user, nil) then
  refuse('last_owner', user)
  return {'last_owner'}
end

local answer = done(user, raw, given.reason)
redis.call('DEL', key, base .. 'n:' .. user.c, base .. 'pr:' .. given.user, base .. 'nd:' .. given.user)
redis.call('DEL', base .. 'seen:' .. given.user, base .. 'shifts:' .. given.user)
redis.call('HSET', base .. 'gone', given.user, user.n .. '\0' .. user.c, '=' .. user.c, given.user)
redis.call('ZREM', base .. 'locks', given.user)
unlist(given.user, user)
drop_links(user)
keep_names(given.user, user, nil)
tell(given.entry, user)
return answer
