-- Replaces a value that is still what the caller saw. KEYS: it. ARGV: the old value, the new one.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
