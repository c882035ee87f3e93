-- What is kept of sessions beside their records, in the same step as these. The names and what each
-- is for: store/keys.py. Role and kind never change while a session lives, so they are its class.

local KINDS = {[''] = 'b', browser = 'b', desktop = 'd', agent = 'a', service = 's'}
local MOST_DEVICES, HOURS_KEPT = 200, 26

-- Whether software holds it: then no cap of people counts it.
local function is_agent(record)
  return record[KIND] == 'agent' or record[KIND] == 'service'
end

local function class_of(record)
  return record[ROLE] .. KINDS[record[KIND]]
end

-- A client address as text that sorts: `address_key` in store/lexical.py. nil for what is none.
local function address_key(address)
  local a, b, c, d = string.match(address, '^(%d+)%.(%d+)%.(%d+)%.(%d+)$')
  if a then return string.format('4%02x%02x%02x%02x', a, b, c, d) end
  if not string.match(address, '^%x*:[%x:]*$') then return nil end
  local words = {}
  local gap = string.find(address, '::', 1, true)
  for word in string.gmatch(gap and string.sub(address, 1, gap) or address, '%x+') do
    words[#words + 1] = string.rep('0', 4 - #word) .. word
  end
  if gap then
    local after = {}
    for word in string.gmatch(string.sub(address, gap + 1), '%x+') do
      after[#after + 1] = string.rep('0', 4 - #word) .. word
    end
    for _ = #words + #after + 1, 8 do words[#words + 1] = '0000' end
    for _, word in ipairs(after) do words[#words + 1] = word end
  end
  return #words == 8 and '6' .. table.concat(words) or nil
end

local function named(handle, record)
  return (record[CANONICAL] or record[NAME]) .. '\0' .. handle .. class_of(record)
end

local function addressed(handle, record)
  local key = address_key(record[ADDRESS])
  return key and key .. handle .. class_of(record)
end

local function label_of(record)
  if record[LABEL] ~= '' then return record[LABEL] end
  if record[BROWSER] == '' or record[OS] == '' then return 'Unknown device' end
  return record[BROWSER] .. ' on ' .. record[OS]
end

-- Labels come from clients: beyond so many different ones, new ones are counted under ''; software is on none.
local function count_device(record, change)
  local key, label = base .. 'devices', is_agent(record) and '' or label_of(record)
  if redis.call('HEXISTS', key, label) == 0 and (change < 0 or redis.call('HLEN', key) >= MOST_DEVICES) then
    label = ''
  end
  if redis.call('HINCRBY', key, label, change) == 0 then redis.call('HDEL', key, label) end
end

local function count_hour(what)
  local key = base .. 'hours:' .. math.floor(now / 3600000)
  redis.call('HINCRBY', key, what, 1)
  redis.call('EXPIRE', key, HOURS_KEPT * 3600)
end

local function index_session(handle, record)
  local class = class_of(record)
  redis.call('ZADD', base .. 'created:' .. class, record[CREATED], handle)
  redis.call('ZADD', base .. 'active:' .. class, record[CREATED], handle)
  redis.call('ZADD', base .. 'names', 0, named(handle, record))
  local address = addressed(handle, record)
  if address then redis.call('ZADD', base .. 'addresses', 0, address) end
  local shard, number = shard_of(record[USER])
  redis.call('ZADD', base .. 'us:' .. shard, number, handle)
  count_device(record, 1)
end

local function unindex_session(handle, record)
  local class = class_of(record)
  redis.call('ZREM', base .. 'created:' .. class, handle)
  redis.call('ZREM', base .. 'active:' .. class, handle)
  redis.call('ZREM', base .. 'names', named(handle, record))
  local address = addressed(handle, record)
  if address then redis.call('ZREM', base .. 'addresses', address) end
  redis.call('ZREM', base .. 'us:' .. shard_of(record[USER]), handle)
  if is_agent(record) then redis.call('ZREM', base .. 'expiring', handle) end
  if record[PARENT] and record[PARENT] ~= '' then redis.call('SREM', base .. 'kids:' .. record[PARENT], handle) end
  count_device(record, -1)
end

-- The history of ended sessions. by: the audit entry of the act.
local function remember_end(handle, record, reason, by)
  local note = by.d and by.d.note or ''
  local ended = cjson.encode({
    handle, record[USER], record[NAME], record[ROLE], record[KIND], record[ADDRESS],
    label_of(record), record[CREATED], now, reason,
    by.k or '', by.i or '', (by.i or '') == '' and by.u or '', by.p or '', note,
  })
  redis.call('ZADD', base .. 'ended', now, ended)
  local shard, number = shard_of(record[USER])
  redis.call('ZADD', base .. 'ue:' .. shard, number, string.format('%011x', now) .. handle)
  count_hour('ended:' .. reason)
end
