-- Forgets a name's failures. given: counter, canonical, threshold, entry. Returns 1 if it was locked.

local count = tonumber(redis.call('GET', given.counter) or 0)
redis.call('DEL', given.counter)
if count < given.threshold then return 0 end
given.entry.tu = redis.call('GET', base .. 'n:' .. given.canonical) or nil
audit(given.entry)
emit({t = 'user.unlocked', u = given.entry.tu, n = given.entry.tn})
return 1
