-- The person says that a new device is not theirs: every session from there ends. The notice stays,
-- as what they have done, until their password is another one. given: user, notice (its session), own
-- (the session that says so), unanswered, entry, ended (entry), reason.
-- Returns {how many ended, reason…}: of each that was found over a limit; or nil.

local raw = redis.call('GET', base .. 'u:' .. given.user)
local notice = raw and answerable(given.user, given.notice, given.own)
if not notice then return nil end

local user, count = cjson.decode(raw), 0
given.entry.h, given.entry.tn, given.entry.d = given.notice, user.n, {device = notice.l}
audit(given.entry)
emit({t = given.entry.a, h = given.notice, u = given.user, n = user.n, d = given.entry.d}, given.entry)
for _, handle in ipairs(notice.s) do
  local record = usable(handle)
  if record and record[USER] == given.user then
    bury(handle, record, given.reason)
    audit_session(given.ended, handle, record, given.reason)
    count = count + 1
  end
end
notice.s, notice.x = {}, now
keep_notice(given.user, given.notice, notice)
local answer = {count}
for _, over in ipairs(expired) do answer[#answer + 1] = over end
return answer
