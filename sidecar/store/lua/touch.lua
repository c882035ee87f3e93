-- Notes activity. KEYS[3]…: the last-active keys; ARGV[3]…: for each its handle, the instant, the session's
-- class, and the client's address: empty if it is that of the session's creation, `?` if it is not known;
-- and as JSON what is new about where it comes from, which is usually nothing: {a (addresses), g (the
-- User-Agent, if that of another program from another address than at its creation), p (from where)}. Only
-- what is there is changed (XX), so that a late note brings no ended session back; an older instant never
-- replaces a newer one.

local MOST_ADDRESSES, ADDRESSES_KEPT = 20, 86400
local KINDS_OF_ACTORS = {agent = 'agent', service = 'service'}

-- Writes down that a session is used from an address that is new to it. Those that it was used from are kept
-- until it ends (`sa:`), and are no more than so many: one that goes to and fro fills no log.
local function note_address(handle, before, address)
  local record, seen = live_record(handle), base .. 'sa:' .. handle
  if not record or redis.call('SCARD', seen) >= MOST_ADDRESSES then return end
  if before == '' then before = record[ADDRESS] end
  if address == '' then address = record[ADDRESS] end
  redis.call('SADD', seen, record[ADDRESS])
  local is_new = redis.call('SADD', seen, address) == 1
  redis.call('EXPIRE', seen, ADDRESSES_KEPT)
  if not is_new then return end
  local kind = KINDS_OF_ACTORS[record[KIND]] or 'user'
  local entry = {a = 'session.address_changed', k = kind, i = record[USER], p = address, d = {from = before}}
  audit_session(entry, handle, record, nil)
  emit({t = entry.a, h = handle, u = record[USER], n = record[NAME], d = entry.d}, entry)
end

local function moved(handle, instant, since, from, seen)
  local record = live_record(handle)
  if not record then return end
  local user = record[USER]
  local addresses = seen.a or {}
  for _, address in ipairs(addresses) do
    note_address(handle, from, address) -- also one that another is noted behind, or was before
  end
  if is_agent(record) then return end -- where software runs says nothing of its person
  saw(base, user, from ~= '' and from or record[ADDRESS], since)
  for _, address in ipairs(addresses) do saw(base, user, address, instant) end
  if seen.g then
    local key = base .. 'shifts:' .. user
    redis.call('HSET', key, handle, cjson.encode({t = tonumber(instant), p = seen.p, g = seen.g}))
    redis.call('PEXPIRE', key, SIGHTINGS_KEPT)
  end
  watch(base, user, instant)
end

for position = 3, #KEYS do
  local key, first = KEYS[position], 5 * position - 12
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
      if address ~= from then note_address(handle, from, address) end
    end
  end
end
return #KEYS - 2
