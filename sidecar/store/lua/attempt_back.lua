-- Takes one attempt back: it succeeded. KEYS: the counter.

if tonumber(redis.call('HGET', KEYS[1], 'a') or 0) > 0 then redis.call('HINCRBY', KEYS[1], 'a', -1) end
return 0
