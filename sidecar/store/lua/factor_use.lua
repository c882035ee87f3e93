-- Uses up what opens something once: a time step of an app, or a recovery code. given: user; factor,
-- sealed and step, or recovery (a digest) and entry. Returns 1, or 0 if it is used up or never was.

local key = base .. 'u:' .. given.user
local raw = redis.call('GET', key)
if not raw then return 0 end
local user = cjson.decode(raw)
if given.recovery then
  local left, found = {}, false
  for digest in string.gmatch(user.rc or '', '[^\n]+') do
    if digest == given.recovery and not found then
      found = true
    else
      left[#left + 1] = digest
    end
  end
  if not found then return 0 end
  user.rc = table.concat(left, '\n')
  redis.call('SET', key, cjson.encode(user))
  given.entry.d = {left = tostring(#left)}
  tell(given.entry, user)
  return 1
end
local factor = user.fa and user.fa[given.factor]
if not factor or factor.s ~= given.sealed or given.step <= factor.p then return 0 end
factor.p, factor.l = given.step, now
redis.call('SET', key, cjson.encode(user))
return 1
