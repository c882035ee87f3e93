-- Says how many members stand before a bound. KEYS: sets in the order of names. ARGV: the bound, as
-- ZLEXCOUNT takes it. Returns the number for each set.

local ranks = {}
for position, key in ipairs(KEYS) do
  ranks[position] = redis.call('ZLEXCOUNT', key, '-', ARGV[1])
end
return ranks
