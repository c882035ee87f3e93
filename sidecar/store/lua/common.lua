-- What the scripts share. KEYS: the audit and the event stream of one partition. ARGV: what the
-- names of that partition's keys begin with, and the named parameters as JSON.

local base = ARGV[1]
local given = cjson.decode(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Items of a session's record: see store/codec.py.
local CREATED, AUTHENTICATED, HASH, USER, NAME, ROLE, KIND = 2, 3, 4, 5, 6, 7, 8
local PREVIOUS_HASH, PREVIOUS_UNTIL = 19, 20

-- The shard of a person, of 8192, and their number in it: `sessions_of_user` in store/keys.py.
local function shard_of(user)
  local digest = redis.sha1hex(user)
  return tonumber(string.sub(digest, 13, 16), 16) % 8192, tonumber(string.sub(digest, 1, 12), 16)
end

-- Each person's entries are a chain, so that they are found among millions: an entry names the one
-- before it of its target (pt) and, if that is somebody else, of its actor (pa); `ah:` has the heads.
local function audit(entry)
  local target, actor = entry.tu, entry.i
  if actor == target or actor == '' then actor = nil end
  local of_target = target and base .. 'ah:' .. shard_of(target)
  local of_actor = actor and base .. 'ah:' .. shard_of(actor)
  entry.pt = target and redis.call('HGET', of_target, target) or nil
  entry.pa = actor and redis.call('HGET', of_actor, actor) or nil
  local id = redis.call('XADD', KEYS[1], '*', 'e', cjson.encode(entry))
  if target then redis.call('HSET', of_target, target, id) end
  if actor then redis.call('HSET', of_actor, actor, id) end
  return id
end

local function emit(event)
  redis.call('XADD', KEYS[2], '*', 'e', cjson.encode(event))
end

-- An entry like `template` about one session.
local function audit_session(template, handle, record, reason)
  local entry = {}
  for name, value in pairs(template) do entry[name] = value end
  entry.h, entry.tu, entry.tn, entry.r = handle, record[USER], record[NAME], reason
  audit(entry)
end

local function live_record(handle)
  local raw = redis.call('GET', base .. 's:' .. handle)
  local record = raw and cjson.decode(raw)
  if not record or record[1] < 0 then return nil end
  return record, raw, redis.call('GET', base .. 'a:' .. handle)
end

-- The index that has a person's sessions, and their score in it.
local function index_of(user)
  local shard, number = shard_of(user)
  return base .. 'us:' .. shard, number
end

-- given.limits: for each role {idle timeout, absolute lifetime}.
local function limits_of(record)
  return given.limits[record[ROLE] + 1] or given.limits[1]
end

-- The same decision as `ended_because` in core/session.py, in the step that acts on it.
local function over_limit(record, last_active)
  local limits = limits_of(record)
  if now >= record[CREATED] + limits[2] then return 'lifetime_exceeded' end
  if now >= (tonumber(last_active) or record[CREATED]) + limits[1] then return 'idle_timeout' end
  return nil
end

-- The record becomes a tombstone in the same key, so nothing can be half alive. It is kept as
-- long as its token could have been good, and a while if that is over.
local function bury(handle, record, reason)
  local keep_until = math.max(record[CREATED] + limits_of(record)[2], now + given.tombstone)
  local tombstone = cjson.encode({-1, now, reason, record[USER], record[HASH]})
  redis.call('SET', base .. 's:' .. handle, tombstone, 'PXAT', keep_until)
  redis.call('DEL', base .. 'a:' .. handle, base .. 'r:' .. handle)
  redis.call('ZREM', base .. 'created', handle)
  redis.call('ZREM', base .. 'active', handle)
  redis.call('ZREM', (index_of(record[USER])), handle)
  emit({t = 'session.ended', h = handle, u = record[USER], n = record[NAME], r = reason})
end

-- How many sessions this script ended because a limit was reached, by reason.
local expired = {}

local function expire(handle, record, reason)
  bury(handle, record, reason)
  audit_session({a = 'session.expired', k = 'system', i = 'system'}, handle, record, reason)
  expired[#expired + 1] = reason
end

-- A session over a limit is found by nobody any more: it expires here and counts as absent.
local function usable(handle)
  local record, raw, last_active = live_record(handle)
  if not record then return nil end
  local reason = over_limit(record, last_active)
  if reason then
    expire(handle, record, reason)
    return nil
  end
  return record, raw, last_active
end

-- The person's sessions that are within their limits, the oldest first: handles sort by creation.
local function sessions_of(user)
  local index, number = index_of(user)
  local handles = {}
  for _, handle in ipairs(redis.call('ZRANGEBYSCORE', index, number, number)) do
    local record = usable(handle)
    if not record then
      redis.call('ZREM', index, handle)
    elseif record[USER] == user then
      handles[#handles + 1] = handle
    end
  end
  table.sort(handles)
  return handles
end

local function end_all(user, reason, keep)
  local count = 0
  for _, handle in ipairs(sessions_of(user)) do
    if handle ~= keep then
      bury(handle, (live_record(handle)), reason)
      count = count + 1
    end
  end
  return count
end
