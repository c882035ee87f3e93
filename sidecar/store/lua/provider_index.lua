-- Which sessions were opened from which account, and from which session, at a provider. By names of keys:
--   sp:<handle>   the account and the session at the provider that it was opened from
--   ps:<digest>   the live sessions that were opened from an account, or from a session
--   px:<name>     the live sessions that were opened from a provider
--   pe:<digest>   for minutes after the provider ended either: up to when it had spoken of it
--   pl:<digest>   the id of the person whose account it is
--   used:<digest> what a provider or a browser may send once; in the first partition
-- given.provider: {p its name, n issuer, u subject, s its session, t when it said so (s), i {digest…}}.

local METHOD = 18

local function keep_provider(handle, provider)
  redis.call('SET', base .. 'sp:' .. handle, cjson.encode(provider))
  redis.call('SADD', base .. 'px:' .. provider.p, handle)
  for _, digest in ipairs(provider.i) do redis.call('SADD', base .. 'ps:' .. digest, handle) end
end

local function provider_of(handle)
  local raw = redis.call('GET', base .. 'sp:' .. handle)
  return raw and cjson.decode(raw)
end

-- Sessions that a password opened, the most, cost no look.
local function forget_provider(handle, record)
  if not record[METHOD] or record[METHOD] == '' then return end
  local provider = provider_of(handle)
  if not provider then return end
  redis.call('SREM', base .. 'px:' .. provider.p, handle)
  for _, digest in ipairs(provider.i) do redis.call('SREM', base .. 'ps:' .. digest, handle) end
  redis.call('DEL', base .. 'sp:' .. handle)
end

-- Whether the provider has said since that it is over.
local function provider_ended(provider)
  for _, digest in ipairs(provider.i) do
    local mark = redis.call('GET', base .. 'pe:' .. digest)
    if mark and provider.t <= tonumber(mark) then return true end
  end
  return false
end
