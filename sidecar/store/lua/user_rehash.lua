-- Replaces a password hash by one with newer parameters, if nobody changed it meanwhile.
-- KEYS: the person. ARGV: the old hash, the new one.

local raw = redis.call('GET', KEYS[1])
local user = raw and cjson.decode(raw)
if not user or user.p ~= ARGV[1] then return 0 end
user.p = ARGV[2]
redis.call('SET', KEYS[1], cjson.encode(user))
return 1
