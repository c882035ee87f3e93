-- The devices that a person signs in from. Those that are theirs are in the person's record, as
-- user.kd = {mark = when it was last seen}. What they have not answered for is in the hash `nd:<user>`:
-- by the session that was opened first, {m mark, l label, b browser, o system, y type, i address,
-- t instant, s sessions from there, x when they disowned it}. See core/known_device.py.

local MOST_DEVICES_KNOWN, MOST_NOTICES = 20, 10

local function notices_key(user_id)
  return base .. 'nd:' .. user_id
end

-- Calls visit(handle, notice) for each until it returns something, and returns that.
local function each_notice(user_id, visit)
  local all = redis.call('HGETALL', notices_key(user_id))
  for position = 1, #all, 2 do
    local found = visit(all[position], cjson.decode(all[position + 1]))
    if found then return found end
  end
end

local function keep_notice(user_id, handle, notice)
  redis.call('HSET', notices_key(user_id), handle, cjson.encode(notice))
  redis.call('PEXPIRE', notices_key(user_id), given.unanswered)
end

local function is_over(notice)
  return now >= notice.t + given.unanswered
end

local function holds(list, wanted)
  for _, each in ipairs(list) do
    if each == wanted then return true end
  end
  return false
end

-- Takes a device for the person's; the ones not seen for longest make room.
local function own_device(user, mark)
  local known, others = user.kd or {}, {}
  known[mark] = nil
  for each in pairs(known) do others[#others + 1] = each end
  table.sort(others, function(one, other)
    if known[one] ~= known[other] then return known[one] > known[other] end
    return one < other
  end)
  for position = MOST_DEVICES_KNOWN, #others do known[others[position]] = nil end
  known[mark] = now
  user.kd = known
end

-- The live ones of these sessions.
local function still_live(handles)
  local kept = {}
  for _, handle in ipairs(handles) do
    if live_record(handle) then kept[#kept + 1] = handle end
  end
  return kept
end

local function make_room(user_id)
  local over, oldest, count = {}, nil, 0
  each_notice(user_id, function(handle, notice)
    if is_over(notice) then
      over[#over + 1] = handle
    else
      count = count + 1
      if not oldest or notice.t < oldest.t then oldest = {t = notice.t, handle = handle} end
    end
  end)
  if count >= MOST_NOTICES then over[#over + 1] = oldest.handle end
  for _, handle in ipairs(over) do redis.call('HDEL', notices_key(user_id), handle) end
end

-- Looks from where a session was opened, and writes down a device that is new. given.device: known,
-- fresh (marks), remembered, notice, entry, told (what a notice says).
-- Returns whether it had to be given its fresh mark.
local function see_device(user_id, user, handle, record)
  local device = given.device
  for mark, at in pairs(user.kd or {}) do
    if at < now - device.remembered then user.kd[mark] = nil end
  end
  for _, mark in ipairs(device.known) do
    if user.kd and user.kd[mark] then
      own_device(user, mark)
      return false
    end
  end
  local unanswered = each_notice(user_id, function(first, notice)
    if notice.x or is_over(notice) or not holds(device.known, notice.m) then return nil end
    notice.s = still_live(notice.s)
    notice.s[#notice.s + 1] = handle
    keep_notice(user_id, first, notice)
    return true
  end)
  if unanswered then return false end
  if not user.kd or not device.notice then
    own_device(user, device.fresh)
    return true
  end
  make_room(user_id)
  local notice = device.told
  notice.m, notice.t, notice.s = device.fresh, now, {handle}
  keep_notice(user_id, handle, notice)
  audit_session(device.entry, handle, record, '')
  emit({t = 'device.first_seen', h = handle, u = user_id, n = record[NAME], d = device.entry.d}, device.entry)
  return true
end

-- The password is another one: whoever set it is the person. Without a session that stays, nothing
-- that was known before counts.
local function settle_devices(user_id, user, keep)
  if keep then
    each_notice(user_id, function(_, notice)
      if not notice.x and holds(notice.s, keep) then own_device(user, notice.m) end
    end)
  else
    user.kd = nil
  end
  redis.call('DEL', notices_key(user_id))
end

-- The notice that this session may answer: not one about the device that it is on itself.
local function answerable(user_id, handle, own)
  local raw = redis.call('HGET', notices_key(user_id), handle)
  local notice = raw and cjson.decode(raw)
  if not notice or notice.x or is_over(notice) or holds(notice.s, own) then return nil end
  return is_usable(own, user_id) and notice or nil
end
