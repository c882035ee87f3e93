-- Takes from the directory all that says who somebody is or was, and ends their sessions. Their id stays,
-- with a name that says nothing: the audit log has only that. given: user, highest, owners, entry, reason,
-- ended (entry), name (the new one, which is canonical). Returns as user_change.lua does, or {'taken'}: the
-- name is somebody's. The person is empty if they had been deleted before.

-- What is kept of their ended sessions stays as a number of sessions, without name, address and device.
local function forget_ended()
  local shard, number = shard_of(given.user)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', base .. 'ue:' .. shard, number, number)) do
    local instant = string.format('%.0f', tonumber(string.sub(member, 1, 11), 16))
    local beginning = '["' .. string.sub(member, 12) .. '","' .. given.user .. '"'
    for _, document in ipairs(redis.call('ZRANGEBYSCORE', base .. 'ended', instant, instant)) do
      if string.sub(document, 1, #beginning) == beginning then
        local ended = cjson.decode(document)
        ended[3], ended[6], ended[7], ended[15] = given.name, '', '', ''
        if ended[12] == given.user then ended[14] = '' end
        redis.call('ZREM', base .. 'ended', document)
        redis.call('ZADD', base .. 'ended', instant, cjson.encode(ended))
      end
    end
  end
end

local key, gone = base .. 'u:' .. given.user, base .. 'gone'
local raw = redis.call('GET', key)
if not raw then
  local called = redis.call('HGET', gone, given.user)
  if not called then return {'missing'} end
  local canonical = string.match(called, '%z(.*)$')
  if redis.call('HGET', gone, '=' .. canonical) == given.user then redis.call('HDEL', gone, '=' .. canonical) end
  redis.call('HDEL', gone, given.user)
  forget_ended()
  tell(given.entry, {n = given.name})
  return {'changed', '', 0}
end

local user = cjson.decode(raw)
if outranked(user) then return {'outranked'} end
if user.x then return {'changed', raw, 0} end
if redis.call('EXISTS', base .. 'n:' .. given.name) == 1 then return {'taken'} end
if not note_owner(given.user, user, nil) then
  refuse('last_owner', user)
  return {'last_owner'}
end
local answer = done(user, raw, given.reason)
redis.call('DEL', base .. 'n:' .. user.c, base .. 'pr:' .. given.user, base .. 'nd:' .. given.user)
redis.call('DEL', base .. 'seen:' .. given.user, base .. 'shifts:' .. given.user)
redis.call('ZREM', base .. 'locks', given.user)
unlist(given.user, user)
drop_links(user)
keep_names(given.user, user, nil)
local nobody = {
  v = user.v, n = given.name, c = given.name, r = 0, t = user.t, pn = (user.pn or 0) + 1, x = 1, b = 1, br = 'erased',
}
answer[2] = cjson.encode(nobody)
redis.call('SET', key, answer[2])
redis.call('SET', base .. 'n:' .. given.name, given.user)
list_person(given.user, nobody)
forget_ended()
tell(given.entry, nobody)
return answer
