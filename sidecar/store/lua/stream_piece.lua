-- Reads entries of a stream as they lie there. KEYS: the stream. ARGV: the lower bound, the upper one, and
-- how many. Returns {id, entry, id, entry…}; in place of one that has other fields than an entry, false.

local flat = {}
for _, item in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])) do
  local fields = item[2]
  flat[#flat + 1] = item[1]
  flat[#flat + 1] = #fields == 2 and fields[1] == 'e' and fields[2] or false
end
return flat
