-- Ends an attempt that failed, and at the threshold locks the name, for the full time from now.
-- KEYS[3], KEYS[4]: the counter of failures, the attempts that are being verified. given: attempt,
-- canonical, threshold, duration, entry, locked (entry). Returns 1 when it locked.

redis.call('ZREM', KEYS[4], given.attempt)
local failures = redis.call('INCR', KEYS[3])
audit(given.entry)
-- A name that nobody has may be a password that was typed into the wrong field.
local failed = given.entry
emit({t = failed.a, u = failed.tu, n = failed.tu and failed.tn}, failed)
count_hour('failed')
count_hour('failed:' .. math.floor(now / 60000) % 60) -- of each minute, for alarms
if failures > given.threshold then return 0 end
redis.call('PEXPIRE', KEYS[3], given.duration)
if failures < given.threshold then return 0 end
local id, user = person_named(given.canonical)
if id then
  redis.call('ZADD', base .. 'locks', now + given.duration, id)
  list_person(id, user)
end
audit(given.locked)
count_hour('locked')
emit({t = 'user.locked', u = given.locked.tu, n = given.locked.tu and given.locked.tn}, given.locked)
return 1
