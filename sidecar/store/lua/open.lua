-- Opens a session, in one step with all that it may end. ARGV[3]: its record, created 0.
-- given: handle, user, role, password (its number, if it was what proved the person), alone (without a
-- second factor), cap (0: none),
-- evict, replaces, end_first, provider (provider_index.lua), opened (entry), ended (entry), refused (entry), device and unanswered (devices.lua)
-- Returns {'opened', now, '1' if it is on a new device, reason…}, {'at_limit', handle, record, last active, …}, {'banned'},
-- {'changed', user}: the person's role is not what the caller thinks, or {'outdated'}: the password
-- was set anew after it was checked, which ended all sessions and must end this one too, or a second
-- factor was set up since; or
-- {'provider_ended'}: the provider has said meanwhile that its session is over.

local user_key = base .. 'u:' .. given.user
local raw_user = redis.call('GET', user_key)
local user = raw_user and cjson.decode(raw_user)
local function refuse(code)
  given.refused.r = code
  audit(given.refused)
end

if user and user.b and (not user.bu or now < user.bu) then
  refuse('banned')
  return {'banned'}
end
if not user then return {'banned'} end
if given.password and given.password ~= (user.pn or 0) then return {'outdated'} end
if given.alone and user.fa then return {'outdated'} end
if given.provider and provider_ended(given.provider) then
  refuse('provider_logout')
  return {'provider_ended'}
end
if user.r ~= given.role then return {'changed', raw_user} end

local counted, found = {}, {'at_limit'}
for _, handle in ipairs(sessions_of(given.user)) do
  local record, raw, last_active = live_record(handle)
  if not is_agent(record) and handle ~= given.replaces and handle ~= given.end_first then
    counted[#counted + 1] = handle
    for _, part in ipairs({handle, raw, last_active or ''}) do found[#found + 1] = part end
  end
end

local record = cjson.decode(ARGV[3])
local surplus = 0
if given.cap > 0 and not is_agent(record) then surplus = #counted - given.cap + 1 end
if surplus > 0 and not given.evict then
  refuse('session_limit')
  return found
end

local ended = {}
local function finish(handle, action, reason, owner)
  local old = usable(handle)
  if not old or (owner and old[USER] ~= owner) then return end
  local entry = {}
  for name, value in pairs(given.ended) do entry[name] = value end
  entry.a = action
  if reason == 'evicted' then entry.k, entry.i, entry.u, entry.p = 'system', 'system', nil, nil end
  bury(handle, old, reason, entry)
  audit_session(entry, handle, old, reason)
  ended[#ended + 1] = reason
end

if given.end_first then finish(given.end_first, 'session.revoked', 'revoked', given.user) end
if given.replaces then finish(given.replaces, 'session.signed_out', 'signed_out') end
for position = 1, surplus do finish(counted[position], 'session.evicted', 'evicted') end

record[CREATED] = now
redis.call('SET', base .. 's:' .. given.handle, cjson.encode(record))
redis.call('SET', base .. 'a:' .. given.handle, now)
index_session(given.handle, record)
if given.provider then keep_provider(given.handle, given.provider) end
count_hour('opened')
audit_session(given.opened, given.handle, record, '')
emit({t = 'session.opened', h = given.handle, u = given.user, n = record[NAME]}, given.opened)
watch(base, given.user, now)
local is_new = given.device and see_device(given.user, user, given.handle, record)
user.l = now
redis.call('SET', user_key, cjson.encode(user))

local answer = {'opened', tostring(now), is_new and '1' or ''}
for _, reason in ipairs(ended) do answer[#answer + 1] = reason end
for _, reason in ipairs(expired) do answer[#answer + 1] = reason end
return answer
