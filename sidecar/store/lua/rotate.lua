-- Gives a session a new secret. given: handle, expected (the hash that the caller saw), hash, grace,
-- origin (what the new secret was derived from), entry. Returns the origin that stands: tabs that
-- rotate together all get the secret of the first. nil when the session has ended.

local record = usable(given.handle)
if not record then return nil end

local origin_key = base .. 'r:' .. given.handle
if record[HASH] ~= given.expected then
  if record[PREVIOUS_HASH] ~= given.expected then return nil end
  return redis.call('GET', origin_key)
end

record[PREVIOUS_HASH] = record[HASH]
record[PREVIOUS_UNTIL] = now - record[CREATED] + given.grace
record[HASH] = given.hash
record[AUTHENTICATED] = now - record[CREATED]
redis.call('SET', base .. 's:' .. given.handle, cjson.encode(record), 'KEEPTTL')
redis.call('SET', origin_key, given.origin, 'PX', given.grace)
audit_session(given.entry, given.handle, record, '')
emit({t = 'session.rotated', h = given.handle, u = record[USER], n = record[NAME]}, given.entry)
return given.origin
