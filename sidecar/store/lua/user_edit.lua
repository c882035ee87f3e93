-- Changes what a person is called, reached by and belongs to, and their role. given: user, highest,
-- set (r, d, e, g, xi: only what is to change), names (of the last four in the API), roles (the words), owners,
-- updated (entry), role_entry, reason, ended (entry), raised_ends: whether a higher role ends the sessions too.
-- A lower role, or a group that is lost, always does. Returns as user_change.lua does.

local raw = redis.call('GET', base .. 'u:' .. given.user)
if not raw then return {'missing'} end
local before, user = cjson.decode(raw), cjson.decode(raw)
local new_role = given.set.r
given.entry = given.updated
if new_role and new_role ~= user.r then
  given.role_entry.d = {from = given.roles[user.r + 1], to = given.roles[new_role + 1]}
  given.entry = given.role_entry
end
if outranked(user) then return {'outranked'} end
if new_role and new_role > given.highest then
  refuse('forbidden', user)
  return {'outranked'}
end

local function lost_a_group()
  local kept = {}
  for group in string.gmatch(user.g or '', '[^\n]+') do kept[group] = true end
  for group in string.gmatch(before.g or '', '[^\n]+') do
    if not kept[group] then return true end
  end
  return false
end

local fields = {}
for _, name in ipairs({'d', 'e', 'g', 'xi'}) do
  local value = given.set[name]
  if value and value ~= (user[name] or '') then
    fields[#fields + 1] = given.names[name]
    user[name] = value ~= '' and value or nil
  end
end
user.r = new_role or user.r
local role_changed = user.r ~= before.r
if #fields == 0 and not role_changed then return {'changed', raw, 0} end
local stored = keep_person(before, user)
if not stored then return {'last_owner'} end

if role_changed then tell(given.role_entry, user) end
if #fields > 0 then
  given.updated.d = {fields = table.concat(fields, ',')}
  tell(given.updated, user)
end
if role_changed then redis.call('DEL', base .. 'pr:' .. given.user) end
local ends = user.r < before.r or (role_changed and given.raised_ends) or lost_a_group()
return done(user, stored, ends and given.reason or nil)
