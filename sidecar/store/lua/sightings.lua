-- Where people are seen from, for alarms. What live sessions say by themselves (the address of their
-- creation and the latest one) is not noted again: only what they moved on from, and what has ended.

local SIGHTINGS_KEPT, MOST_SIGHTINGS = 86400000, 64

-- base: what the names of the partition's keys begin with. at: when, epoch milliseconds.
local function saw(base, user, address, at)
  if not address or address == '' then return end
  local key = base .. 'seen:' .. user
  redis.call('ZADD', key, 'GT', at, address)
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - MOST_SIGHTINGS)
  redis.call('PEXPIRE', key, SIGHTINGS_KEPT)
end

-- The person's sessions are to be looked at: something about where they are used has changed.
local function watch(base, user, at)
  redis.call('ZADD', base .. 'watch', at, user)
end

-- From where a session was last used: `<instant>` or `<instant> <address>`.
local function last_address(last_active, created_from)
  local address = last_active and string.match(last_active, ' (.+)$')
  return address or created_from
end
