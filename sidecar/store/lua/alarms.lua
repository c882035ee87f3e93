-- The alarms, kept in the first partition. One is a JSON object with short names, see store/alarms.py;
-- here are used: id, k kind, s subject, u user, st state, l last seen, q count, ip, dv, ss, c and x (the
-- evidence), e how many sessions were ended, p whether they are still to be ended.

local MOST_LISTED = 20
local ALARMS = base .. 'alarms'

local function read_alarm(id)
  local raw = redis.call('HGET', ALARMS, id)
  return raw and cjson.decode(raw)
end

local function member_of(alarm)
  return alarm.k .. ' ' .. (alarm.u or '') .. ' ' .. alarm.id
end

local function count_alarm(alarm, change)
  if alarm.st == 'active' then redis.call('HINCRBY', ALARMS .. ':count', 'active ' .. alarm.k, change) end
  if alarm.st ~= 'resolved' then redis.call('HINCRBY', ALARMS .. ':count', 'open ' .. alarm.k, change) end
end

-- Stores it, at its place in the list of its state. Returns it as stored.
local function keep_alarm(alarm, at)
  local stored = cjson.encode(alarm)
  redis.call('HSET', ALARMS, alarm.id, stored)
  redis.call('ZADD', ALARMS .. ':' .. alarm.st, at, member_of(alarm))
  return stored
end

-- Both lists, the new one first, each item once.
local function joined(new, old)
  local all, known = {}, {}
  for _, list in ipairs({new or {}, old or {}}) do
    for _, item in ipairs(list) do
      if not known[item] and #all < MOST_LISTED then
        known[item], all[#all + 1] = true, item
      end
    end
  end
  return #all > 0 and all or nil
end

-- Writes down what became of it, and tells. given.name: of the person, whom the alarm has by id.
local function tell_alarm(entry, alarm)
  entry.tu, entry.tn = alarm.u, alarm.u and given.name or alarm.n
  entry.d = entry.d or {}
  entry.d.alarm, entry.d.kind, entry.d.severity = alarm.id, alarm.k, alarm.v
  entry.d.count, entry.d.addresses = tostring(alarm.q), alarm.ip and table.concat(alarm.ip, ',')
  audit(entry)
  -- A name that nobody has may be a password that was typed into the wrong field.
  emit({t = entry.a, u = alarm.u, n = alarm.u and given.name, d = entry.d}, entry)
end
