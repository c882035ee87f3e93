-- Notes activity. KEYS: the last-active keys; ARGV: what the names of the partition's keys begin
-- with, then for each key its handle, the instant, the session's class, and the client's address:
-- empty if it is that of the session's creation, `?` if it is not known; and as JSON what is new about
-- where it comes from, which is usually nothing: {a (addresses), g (the User-Agent, if that of another
-- program from another address than at its creation), p (from where)}. Only what is there is changed (XX),
-- so that a late note brings no ended session back; an older instant never replaces a newer one.

local base = ARGV[1]

-- Items of a session's record: see store/codec.py.
local USER, ADDRESS = 5, 12

local function moved(handle, instant, since, from, seen)
  local raw = redis.call('GET', base .. 's:' .. handle)
  local record = raw and cjson.decode(raw)
  if not record or record[1] < 0 then return end
  local user = record[USER]
  saw(base, user, from ~= '' and from or record[ADDRESS], since)
  for _, address in ipairs(seen.a or {}) do saw(base, user, address, instant) end
  if seen.g then
    local key = base .. 'shifts:' .. user
    redis.call('HSET', key, handle, cjson.encode({t = tonumber(instant), p = seen.p, g = seen.g}))
    redis.call('PEXPIRE', key, SIGHTINGS_KEPT)
  end
  watch(base, user, instant)
end

for position, key in ipairs(KEYS) do
  local first = 5 * position - 3
  local handle, instant, class = ARGV[first], ARGV[first + 1], ARGV[first + 2]
  local address, seen = ARGV[first + 3], ARGV[first + 4]
  local known = redis.call('GET', key)
  if known then
    local since, from = string.match(known, '^(%d+) ?(.*)$')
    if seen ~= '' then moved(handle, instant, since, from, cjson.decode(seen)) end
    if address == '?' then address = from end
    local ahead = tonumber(instant) - tonumber(since)
    if ahead > 0 or (ahead == 0 and address ~= from) then
      redis.call('SET', key, address == '' and instant or instant .. ' ' .. address, 'XX', 'KEEPTTL')
      redis.call('ZADD', base .. 'active:' .. class, 'XX', instant, handle)
    end
  end
end
return #KEYS
