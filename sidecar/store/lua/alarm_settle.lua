-- Acknowledges an alarm or resolves it. given: id, name (of the person), to (state), note and by {i, p} (of who
-- acknowledges), entry, kept (how long resolved ones are, ms), most (of them).
-- Returns {'done', the alarm}, {'resolved'}: it is over already, or {'missing'}.

local alarm = read_alarm(given.id)
if not alarm then return {'missing'} end
if alarm.st == 'resolved' then return {'resolved'} end

redis.call('ZREM', ALARMS .. ':' .. alarm.st, member_of(alarm))
count_alarm(alarm, -1)
alarm.st = given.to
if given.by then alarm.ak, alarm.at, alarm.nt = given.by, now, given.note end
count_alarm(alarm, 1)
local at = alarm.l
if alarm.st == 'resolved' then
  alarm.r, at = now, now
  redis.call('HDEL', ALARMS .. ':open', alarm.k .. ' ' .. alarm.s)
end
local stored = keep_alarm(alarm, at)
tell_alarm(given.entry, alarm)

if alarm.st == 'resolved' then
  local list = ALARMS .. ':resolved'
  local surplus = redis.call('ZCARD', list) - given.most
  local over = redis.call('ZRANGEBYSCORE', list, '-inf', now - given.kept, 'LIMIT', 0, 100)
  if surplus > #over then over = redis.call('ZRANGE', list, 0, surplus - 1) end
  for _, member in ipairs(over) do
    redis.call('ZREM', list, member)
    redis.call('HDEL', ALARMS, string.match(member, '[^ ]+$'))
  end
end
return {'done', stored}
