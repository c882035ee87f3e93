-- Writes an endpoint anew, if it is still what the caller saw. given: id, before (absent: a new one), after
-- (absent: it is deleted), most (how many there may be), entry. Returns 'done', 'stale' or 'full'.

local book = base .. 'webhooks'
if (redis.call('HGET', book, given.id) or nil) ~= given.before then return 'stale' end
if not given.before and redis.call('HLEN', book) >= given.most then return 'full' end
if given.after then
  redis.call('HSET', book, given.id, given.after)
else
  redis.call('HDEL', book, given.id)
end
local keeps_health = {['webhook.updated'] = true, ['webhook.secret_rotated'] = true}
if not keeps_health[given.entry.a] then redis.call('DEL', base .. 'wh:' .. given.id .. ':health') end
audit(given.entry)
emit({t = given.entry.a, d = given.entry.d}, given.entry)
return 'done'
