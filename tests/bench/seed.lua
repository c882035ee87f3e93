-- Puts sessions into the store as open.lua would have, without their audit entries and events. ARGV[3]
-- and on: for each its handle, its record, and what its last-active key holds.

for position = 3, #ARGV, 3 do
  local handle, raw, last_active = ARGV[position], ARGV[position + 1], ARGV[position + 2]
  local record = cjson.decode(raw)
  redis.call('SET', base .. 's:' .. handle, cjson.encode(record))
  redis.call('SET', base .. 'a:' .. handle, last_active)
  index_session(handle, record)
  redis.call('ZADD', base .. 'active:' .. class_of(record), instant_of(last_active), handle)
end
return 0
