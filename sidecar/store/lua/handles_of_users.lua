-- Reads the sessions of several people. ARGV[1]: what the names of the partition's keys begin with;
-- ARGV[2]: {shard, number} of each. Returns the handles of each.

local answer = {}
for position, person in ipairs(cjson.decode(ARGV[2])) do
  local key, number = ARGV[1] .. 'us:' .. person[1], person[2]
  answer[position] = redis.call('ZRANGEBYSCORE', key, number, number)
end
return answer
