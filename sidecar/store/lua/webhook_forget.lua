-- Drops what there is in line for an endpoint, and what is kept of it.

for _, lane in ipairs(redis.call('ZRANGE', queue .. 'due', 0, -1)) do
  redis.call('DEL', lane_key(lane))
end
for _, name in ipairs({'at', 'due', 'tried', 'busy', 'waiting', 'log', 'logged'}) do
  redis.call('DEL', queue .. name)
end
return 1
