-- What the acts on a person share. given.highest: the role of whoever acts, absent for the person
-- themselves; given.owners, given.user, given.entry, given.ended: as in each script.

-- Writes down that the act was refused, and why: the code that the answer has.
local function refuse(code, user)
  local entry = given.entry
  if entry.r then
    entry.d = entry.d or {}
    entry.d.note = entry.r
  end
  entry.tn, entry.o, entry.r, entry.c = user and user.n or entry.tn, 'refused', code, 0
  audit(entry)
end

local function outranked(user)
  if not given.highest or user.r <= given.highest then return false end
  refuse('forbidden', user)
  return true
end

-- Who has an e-mail address, `em:<digest>`, and a name of a provider's, `xi:<digest>`: store/people.py. A person who is added has no
-- `before`, one who is gone no `user`.
local function keep_names(id, before, user)
  local old, new = before and before.e, user and user.e
  if old and old ~= new then redis.call('SREM', base .. 'em:' .. redis.sha1hex(string.lower(old)), id) end
  if new then redis.call('SADD', base .. 'em:' .. redis.sha1hex(string.lower(new)), id) end
  old, new = before and before.xi, user and user.xi
  if old and old ~= new then redis.call('SREM', base .. 'xi:' .. redis.sha1hex(old), id) end
  if new then redis.call('SADD', base .. 'xi:' .. redis.sha1hex(new), id) end
end

-- Stores the person as changed and says true; the last owner stays, and that is refused.
local function keep_person(before, user)
  if not note_owner(given.user, before, user) then
    refuse('last_owner', before)
    return nil
  end
  local stored = cjson.encode(user)
  redis.call('SET', base .. 'u:' .. given.user, stored)
  list_person(given.user, user)
  keep_names(given.user, before, user)
  return stored
end

-- Accounts at providers are found by a key of each; user.pl: {digest of the issuer = of the account}.
local function keep_links(id, user)
  for _, account in pairs(user.pl or {}) do redis.call('SET', base .. 'pl:' .. account, id) end
end

local function drop_links(user)
  for _, account in pairs(user.pl or {}) do redis.call('DEL', base .. 'pl:' .. account) end
end

local function tell(entry, user)
  entry.tn = user.n
  audit(entry)
  emit({t = entry.a, u = given.user, n = user.n, d = entry.d}, entry)
end

-- The answer of an act: {'changed', person, how many sessions ended, the reason of each that was
-- found over a limit…}. reason: why all end but given.keep; nil: none does. What ends sessions makes
-- a link to set a new password void too: it was made for somebody of another role, or not banned.
local function done(user, stored, reason)
  local answer = {'changed', stored, 0}
  if reason then
    redis.call('DEL', base .. 'pr:' .. given.user)
    answer[3] = end_all(given.user, reason, given.keep)
    if answer[3] > 0 then
      given.ended.tn, given.ended.c = user.n, answer[3]
      audit(given.ended)
    end
  end
  for _, over in ipairs(expired) do answer[#answer + 1] = over end
  return answer
end
