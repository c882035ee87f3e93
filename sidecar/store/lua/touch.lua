-- Notes activity. KEYS: the last-active keys; ARGV: what the names of the indexes by activity begin
-- with, then for each key its handle, the instant, the session's class, and the client's address:
-- empty if it is that of the session's creation, `?` if it is not known. Only what is there is
-- changed (XX), so that a late note brings no ended session back; an older instant never replaces
-- a newer one.

for position, key in ipairs(KEYS) do
  local first = 4 * position - 2
  local handle, instant, class, address = ARGV[first], ARGV[first + 1], ARGV[first + 2], ARGV[first + 3]
  local known = redis.call('GET', key)
  if known then
    local since, from = string.match(known, '^(%d+) ?(.*)$')
    if address == '?' then address = from end
    local ahead = tonumber(instant) - tonumber(since)
    if ahead > 0 or (ahead == 0 and address ~= from) then
      redis.call('SET', key, address == '' and instant or instant .. ' ' .. address, 'XX', 'KEEPTTL')
      redis.call('ZADD', ARGV[1] .. class, 'XX', instant, handle)
    end
  end
end
return #KEYS
