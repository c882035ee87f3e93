-- Takes a factor from a person, or all of them. given: user, highest, owners, factor (absent: all),
-- keep_last, entry. With the last factor go the recovery codes. What is not there costs no entry.
-- Returns as user_change.lua does; {'stale'}: it is the last one, and that is to stay.

local raw = redis.call('GET', base .. 'u:' .. given.user)
if not raw then return {'missing'} end
local before, user = cjson.decode(raw), cjson.decode(raw)
if outranked(user) then return {'outranked'} end
if given.factor then given.entry.d = {kind = ((user.fa or {})[given.factor] or {}).k} end
local left, gone = 0, 0
for id in pairs(user.fa or {}) do
  if given.factor and id ~= given.factor then
    left = left + 1
  else
    gone = gone + 1
  end
end
if gone == 0 then return {'changed', raw, 0} end
if left == 0 and given.keep_last then
  refuse('factor_required', user)
  return {'stale'}
end
if left == 0 then
  user.fa, user.rc = nil, nil
else
  user.fa[given.factor] = nil
end
local stored = keep_person(before, user)
if not stored then return {'last_owner'} end
tell(given.entry, user)
return {'changed', stored, 0}
