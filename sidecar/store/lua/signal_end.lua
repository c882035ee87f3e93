-- Ends what a signal names, once for each message. given: once (what stands for the message), keep (how long
-- it is remembered, ms), reason, entry; one of handle, user, name (canonical) and mail (digest of an address).
-- Returns {how many ended, the reason of each that was found over a limit…}, or {'repeated'}.

if not redis.call('SET', base .. 'sg:' .. given.once, '', 'NX', 'PX', given.keep) then return {'repeated'} end

local function copy_of(entry)
  local copy = {}
  for name, value in pairs(entry) do copy[name] = value end
  return copy
end

local count = 0
local function end_of(user)
  local raw = user and redis.call('GET', base .. 'u:' .. user)
  if not raw then return end
  local ended = end_all(user, given.reason)
  if ended == 0 then return end
  local entry = copy_of(given.entry)
  entry.tu, entry.tn, entry.s, entry.c, entry.r = user, cjson.decode(raw).n, 'bulk', ended, given.reason
  audit(entry)
  count = count + ended
end

if given.handle then
  local record = usable(given.handle)
  if record then
    bury(given.handle, record, given.reason)
    audit_session(given.entry, given.handle, record, given.reason)
    count = 1
  end
elseif given.user then
  end_of(given.user)
elseif given.name then
  end_of(redis.call('GET', base .. 'n:' .. given.name) or nil)
else
  local people = redis.call('SMEMBERS', base .. 'em:' .. given.mail)
  table.sort(people)
  for _, user in ipairs(people) do end_of(user) end
end

local answer = {count}
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
