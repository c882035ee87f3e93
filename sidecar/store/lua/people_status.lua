-- Says what people are now. given: users (ids). Returns for each {'a', 'b', 'l' or '', until when they
-- are locked or '0'}; '' for one who is not there.

local answer = {}
for _, id in ipairs(given.users) do
  local raw = redis.call('GET', base .. 'u:' .. id)
  local user = raw and cjson.decode(raw)
  local locked = tonumber(redis.call('ZSCORE', base .. 'locks', id) or 0)
  if locked <= now then locked = 0 end
  local status = ''
  if user then
    status = locked > 0 and 'l' or 'a'
    if user.b and (not user.bu or now < user.bu) then status = 'b' end
  end
  answer[#answer + 1] = {status, string.format('%.0f', locked)}
end
return answer
