-- Raises an alarm, or updates the one that there is about the same subject. given: alarm (as stored, with
-- a new id), name (of the person), entry, most (open ones of one kind).
-- Returns {'raised' or 'updated', the alarm}, or {'full'}.

local alarm = given.alarm
local name = alarm.k .. ' ' .. alarm.s
local known = redis.call('HGET', ALARMS .. ':open', name)
local before = known and read_alarm(known)

if before then
  redis.call('ZREM', ALARMS .. ':' .. before.st, member_of(before))
  before.l, before.q = math.max(before.l, alarm.l), math.max(before.q, alarm.q)
  before.c, before.x = alarm.c, alarm.x
  before.u = before.u or alarm.u
  before.n = not before.u and (before.n or alarm.n) or nil
  for _, list in ipairs({'ip', 'dv', 'ss'}) do before[list] = joined(alarm[list], before[list]) end
  return {'updated', keep_alarm(before, before.l)}
end

local open = tonumber(redis.call('HGET', ALARMS .. ':count', 'open ' .. alarm.k) or 0)
if open >= given.most then return {'full'} end
redis.call('HSET', ALARMS .. ':open', name, alarm.id)
count_alarm(alarm, 1)
local stored = keep_alarm(alarm, alarm.l)
tell_alarm(given.entry, alarm)
return {'raised', stored}
