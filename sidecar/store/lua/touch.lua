-- Notes activity. KEYS: the index by activity, then the last-active keys; ARGV: for each of these
-- its handle and the instant. Only what is there is changed (XX), so that a late note brings no
-- ended session back; an older instant never replaces a newer one.

for position = 2, #KEYS do
  local handle, instant = ARGV[2 * position - 3], ARGV[2 * position - 2]
  local known = redis.call('GET', KEYS[position])
  if known and tonumber(known) < tonumber(instant) then
    redis.call('SET', KEYS[position], instant, 'XX', 'KEEPTTL')
    redis.call('ZADD', KEYS[1], 'XX', instant, handle)
  end
end
return #KEYS - 1
