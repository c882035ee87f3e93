-- Sessions, found and ended.

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

-- When a session was last active: `<instant>` or `<instant> <address>`.
local function instant_of(last_active)
  return last_active and tonumber(string.match(last_active, '^%d+'))
end

-- The same decision as `ended_because` in core/session.py, in the step that acts on it.
local function over_limit(record, last_active)
  local limits = limits_of(record)
  if now >= record[CREATED] + math.min(limits[2], record[LIFETIME] or limits[2]) then return 'lifetime_exceeded' end
  if now >= (instant_of(last_active) or record[CREATED]) + limits[1] then return 'idle_timeout' end
  return nil
end

-- The record becomes a tombstone in the same key, so nothing can be half alive. It is kept as
-- long as its token could have been good, and a while if that is over. by: the entry that says who
-- did it; without one, that of the script.
local function bury_alone(handle, record, reason, by)
  local keep_until = math.max(record[CREATED] + limits_of(record)[2], now + given.tombstone)
  local active = redis.call('GET', base .. 'a:' .. handle)
  if not is_agent(record) then
    saw(base, record[USER], last_address(active, record[ADDRESS]), instant_of(active) or record[CREATED])
  end
  local tombstone = cjson.encode({-1, now, reason, record[USER], record[HASH]})
  redis.call('SET', base .. 's:' .. handle, tombstone, 'PXAT', keep_until)
  redis.call('DEL', base .. 'a:' .. handle, base .. 'r:' .. handle, base .. 'sa:' .. handle)
  unindex_session(handle, record)
  forget_provider(handle, record)
  remember_end(handle, record, reason, by)
  emit({t = 'session.ended', h = handle, u = record[USER], n = record[NAME], r = reason}, by)
end

-- The reason of each session that ended in this script beside what was asked for: a limit was reached,
-- or the session that it was delegated from ended.
local expired = {}

-- `kids:<handle>` has the agents that were delegated from a session: they end with it, in this step.
local function bury(handle, record, reason, by)
  by = by or given.ended or given.entry
  bury_alone(handle, record, reason, by)
  local kids = base .. 'kids:' .. handle
  for _, kid in ipairs(redis.call('SMEMBERS', kids)) do
    local child = live_record(kid)
    if child then
      local entry = {a = 'session.revoked', k = by.k, i = by.i, u = by.u, p = by.p}
      bury_alone(kid, child, 'parent_ended', entry)
      audit_session(entry, kid, child, 'parent_ended')
      expired[#expired + 1] = 'parent_ended'
    end
  end
  redis.call('DEL', kids)
end

local function expire(handle, record, reason)
  local entry = {a = 'session.expired', k = 'system', i = 'system'}
  expired[#expired + 1] = reason
  bury(handle, record, reason, entry)
  audit_session(entry, handle, record, reason)
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

-- Whether it is a session of this person within its limits; changes nothing.
local function is_usable(handle, user)
  local record, _, last_active = live_record(handle)
  return record and record[USER] == user and not over_limit(record, last_active)
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

-- Those of agents before those that they were delegated from: what is ended itself is no cascade.
local function agents_first(handles)
  local first, rest = {}, {}
  for _, handle in ipairs(handles) do
    local record = live_record(handle)
    local into = record and is_agent(record) and first or rest
    into[#into + 1] = handle
  end
  for _, handle in ipairs(rest) do first[#first + 1] = handle end
  return first
end

local function end_all(user, reason, keep)
  local count = 0
  for _, handle in ipairs(agents_first(sessions_of(user))) do
    if handle ~= keep then
      bury(handle, (live_record(handle)), reason)
      count = count + 1
    end
  end
  return count
end
