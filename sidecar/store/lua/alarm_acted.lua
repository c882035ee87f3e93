-- Notes that the action of an alarm is done: the entry of the act itself was written by the act.
-- given: id, ended (how many sessions).

local alarm = read_alarm(given.id)
if not alarm then return 0 end
alarm.p, alarm.e = nil, given.ended
redis.call('HSET', ALARMS, alarm.id, cjson.encode(alarm))
return 1
