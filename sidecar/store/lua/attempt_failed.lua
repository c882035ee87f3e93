-- Notes that an attempt failed, and at the threshold that the name is locked, for the full time
-- from now. given: counter, threshold, duration, entry, locked (entry). Returns 1 when it locked.

local failures = redis.call('HINCRBY', given.counter, 'f', 1)
audit(given.entry)
if redis.call('PTTL', given.counter) < 0 then
  redis.call('HINCRBY', given.counter, 'a', 1)
  redis.call('PEXPIRE', given.counter, given.duration)
end
if failures ~= given.threshold then return 0 end
redis.call('PEXPIRE', given.counter, given.duration)
audit(given.locked)
emit({t = 'user.locked', u = given.locked.tu, n = given.locked.tn})
return 1
