-- The person says that a new device is theirs. given: user, notice (its session), own (the session
-- that says so, on a device that awaits no answer itself), unanswered, entry. Returns true or nil.

local raw = redis.call('GET', base .. 'u:' .. given.user)
local notice = raw and answerable(given.user, given.notice, given.own)
local suspect = notice and each_notice(given.user, function(_, other)
  return not is_over(other) and holds(other.s, given.own)
end)
if not notice or suspect then return nil end

local user = cjson.decode(raw)
own_device(user, notice.m)
redis.call('SET', base .. 'u:' .. given.user, cjson.encode(user))
redis.call('HDEL', notices_key(given.user), given.notice)
given.entry.h, given.entry.tn, given.entry.d = given.notice, user.n, {device = notice.l}
audit(given.entry)
emit({t = given.entry.a, h = given.notice, u = given.user, n = user.n, d = given.entry.d}, given.entry)
return 1
