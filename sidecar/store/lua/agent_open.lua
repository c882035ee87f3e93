-- Opens the session of an agent or a service, in one step. ARGV[3]: its record, created 0.
-- given: handle, user, role, creator (the session that asks), bound (it ends with that one), cap, entry.
-- Returns {'opened', now, lifetime, reason…}, {'gone', reason…}: whoever asks may not any more, or
-- {'at_limit', reason…}.

local function answer(...)
  local parts = {...}
  for _, reason in ipairs(expired) do parts[#parts + 1] = reason end
  return parts
end

local raw_user = redis.call('GET', base .. 'u:' .. given.user)
local user = raw_user and cjson.decode(raw_user)
local banned = user and user.b and (not user.bu or now < user.bu)
if not user or banned or user.r ~= given.role then return answer('gone') end
local creator = usable(given.creator)
if not creator or creator[USER] ~= given.user or is_agent(creator) then return answer('gone') end

local count = 0
for _, handle in ipairs(sessions_of(given.user)) do
  if is_agent((live_record(handle))) then count = count + 1 end
end
if count >= given.cap then
  given.entry.o, given.entry.r, given.entry.c = 'refused', 'agent_limit', 0
  audit(given.entry)
  return answer('at_limit')
end

local record = cjson.decode(ARGV[3])
record[CREATED] = now
local longest = limits_of(record)[2]
if record[KIND] == 'agent' then longest = math.min(longest, creator[CREATED] + limits_of(creator)[2] - now) end
record[LIFETIME] = math.min(record[LIFETIME], longest)
redis.call('SET', base .. 's:' .. given.handle, cjson.encode(record))
redis.call('SET', base .. 'a:' .. given.handle, now)
index_session(given.handle, record)
redis.call('ZADD', base .. 'expiring', now + record[LIFETIME], given.handle)
if given.bound then redis.call('SADD', base .. 'kids:' .. given.creator, given.handle) end
count_hour('opened')
given.entry.h, given.entry.tn = given.handle, user.n
audit(given.entry)
emit({t = 'session.opened', h = given.handle, u = given.user, n = user.n}, given.entry)
return answer('opened', tostring(now), tostring(record[LIFETIME]))
