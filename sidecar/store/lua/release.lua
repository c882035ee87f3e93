-- Gives a lease back or keeps it, if it is still the caller's. KEYS: it. ARGV: holder, ms or 0.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
