-- Adds a seal behind the newest one. KEYS: the seals. ARGV: the number of the seal that it was made
-- after and the hash of its text ('0' and '' for none), its own number, text, signature and index.
-- Returns 0 if that is not the newest: of two that seal at once, one does.

local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local number = newest and string.match(newest[1], '^%d+') or '0'
local hash = newest and redis.sha1hex(newest[2][2]) or ''
if number ~= ARGV[1] or hash ~= ARGV[2] then return 0 end
local words = {'XADD', KEYS[1], ARGV[3] .. '-0', 's', ARGV[4], 'g', ARGV[5], 'l', ARGV[6]}
if type(redis.pcall(unpack(words))) == 'string' then return 1 end
-- Seals were taken away at the end, and the stream remembers their numbers. The log goes on; that
-- they are gone is told by who knows the higher number.
redis.call('XSETID', KEYS[1], newest and newest[1] or '0-0')
redis.call(unpack(words))
return 1
