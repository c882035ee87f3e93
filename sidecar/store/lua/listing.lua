-- Where a person is listed: each is in one of twelve sets, `users:<role><status>`, by name. `locks`
-- says until when who is locked, `lapses` when a status ends by itself (people_settle.lua).

local STATUSES = {'a', 'b', 'l'} -- active, banned, locked

local function unlist(id, user)
  local member = user.c .. '\0' .. id
  for role = 0, 3 do
    for _, status in ipairs(STATUSES) do
      redis.call('ZREM', base .. 'users:' .. role .. status, member)
    end
  end
  redis.call('ZREM', base .. 'lapses', id)
end

-- A ban is named before a lock, which it hides.
local function list_person(id, user)
  local status, lapses = 'a', nil
  local locked = tonumber(redis.call('ZSCORE', base .. 'locks', id) or 0)
  if user.b and (not user.bu or now < user.bu) then
    status, lapses = 'b', user.bu
  elseif locked > now then
    status, lapses = 'l', locked
  end
  if locked <= now then redis.call('ZREM', base .. 'locks', id) end
  unlist(id, user)
  redis.call('ZADD', base .. 'users:' .. user.r .. status, 0, user.c .. '\0' .. id)
  if lapses then redis.call('ZADD', base .. 'lapses', lapses, id) end
end

-- The person who has a canonical name: id and record, or nothing.
local function person_named(canonical)
  local id = redis.call('GET', base .. 'n:' .. canonical)
  local raw = id and redis.call('GET', base .. 'u:' .. id)
  if not raw then return nil end
  return id, cjson.decode(raw)
end

-- Returns whether they were listed as locked.
local function unlock(id, user)
  if redis.call('ZREM', base .. 'locks', id) == 0 then return false end
  list_person(id, user)
  return true
end
