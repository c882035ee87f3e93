-- Drops what is kept of sessions that ended long ago. given: mark (up to when they ended), most.
-- Returns how many were dropped.

local documents = redis.call('ZRANGEBYSCORE', base .. 'ended', '-inf', given.mark, 'LIMIT', 0, given.most)
for _, document in ipairs(documents) do
  local ended = cjson.decode(document)
  local index = base .. 'ue:' .. shard_of(ended[2])
  redis.call('ZREM', index, string.format('%011x', ended[9]) .. ended[1])
  redis.call('ZREM', base .. 'ended', document)
end
return #documents
