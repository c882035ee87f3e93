-- Changes fields of a person and ends their sessions if that follows. given: user, highest, set
-- (fields), clear (names of fields), always (an entry even if nothing differs), owners, entry;
-- reason, keep, ended (entry): to end all sessions but `keep`; reset (what is kept of a link, which
-- this uses up), counter (of failed sign-ins, to be forgotten); number: of the password that was
-- proved in the session `keep`, which must both still be as they were. unless_banned: without an end; banned_for:
-- why, for anything to be done.
-- Returns what acts.lua says, {'missing'}, {'stale'}, {'outranked'} or {'last_owner'}.

local raw = redis.call('GET', base .. 'u:' .. given.user)
if not raw then return {'missing'} end
if given.reset and redis.call('GET', base .. 'pr:' .. given.user) ~= given.reset then return {'stale'} end
local before, user = cjson.decode(raw), cjson.decode(raw)
if given.number and (before.pn or 0) ~= given.number then return {'stale'} end
if given.number and not is_usable(given.keep, given.user) then return {'stale'} end
if outranked(user) then return {'outranked'} end
if given.unless_banned and user.b and not user.bu then return {'changed', raw, 0} end
if given.banned_for and user.br ~= given.banned_for then return {'changed', raw, 0} end

local differs = given.always
for name, value in pairs(given.set) do
  differs = differs or user[name] ~= value
  user[name] = value
end
for _, name in ipairs(given.clear) do
  differs = differs or user[name] ~= nil
  user[name] = nil
end
if not differs then return {'changed', raw, 0} end
if given.set.p then
  user.pn = (user.pn or 0) + 1
  settle_devices(given.user, user, given.keep)
  redis.call('DEL', base .. 'pr:' .. given.user)
end
if given.counter then
  redis.call('DEL', given.counter)
  redis.call('ZREM', base .. 'locks', given.user)
end
local stored = keep_person(before, user)
if not stored then return {'last_owner'} end
tell(given.entry, user)
return done(user, stored, given.reason)
