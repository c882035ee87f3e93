-- Says what people are now. given: users (ids). Returns for each 'a', 'b' or 'l'; '' for one who is
-- not there.

local answer = {}
for index, id in ipairs(given.users) do
  local raw = redis.call('GET', base .. 'u:' .. id)
  local user = raw and cjson.decode(raw)
  local status = ''
  if user and user.b and (not user.bu or now < user.bu) then
    status = 'b'
  elseif user then
    local locked = tonumber(redis.call('ZSCORE', base .. 'locks', id) or 0)
    status = now < locked and 'l' or 'a'
  end
  answer[index] = status
end
return answer
