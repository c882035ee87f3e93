-- Reads a part of each of several sets. KEYS: them. ARGV: for each its first rank and its last.

local members = {}
for position, key in ipairs(KEYS) do
  members[position] = redis.call('ZRANGE', key, ARGV[2 * position - 1], ARGV[2 * position])
end
return members
