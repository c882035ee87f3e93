-- A person has been looked at; if something has changed since then, they stay to be looked at.
-- KEYS: the set of those who are. ARGV: for each person the id, and since when.

for position = 1, #ARGV, 2 do
  if redis.call('ZSCORE', KEYS[1], ARGV[position]) == ARGV[position + 1] then
    redis.call('ZREM', KEYS[1], ARGV[position])
  end
end
return 1
