-- Returns what a hash of counts holds, and empties it. KEYS: it.

local counts = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return counts
