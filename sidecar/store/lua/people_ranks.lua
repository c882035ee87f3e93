-- Says how many members stand before a bound. KEYS: sets in the order of names. ARGV: bounds, as
-- ZLEXCOUNT takes them. Returns for each set the number before each bound.

local ranks = {}
for _, key in ipairs(KEYS) do
  for _, bound in ipairs(ARGV) do ranks[#ranks + 1] = redis.call('ZLEXCOUNT', key, '-', bound) end
end
return ranks
