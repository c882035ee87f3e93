-- Ends an attempt that succeeded: the name's failures are forgotten. KEYS[3], KEYS[4]: their counter,
-- the attempts that are being verified. given: attempt, canonical.

redis.call('ZREM', KEYS[4], given.attempt)
redis.call('DEL', KEYS[3])
local id, user = person_named(given.canonical)
if id then unlock(id, user) end
return 1
