-- What the scripts share. KEYS: the audit and the event stream of one partition. ARGV: what the
-- names of that partition's keys begin with, and the named parameters as JSON.

local base = ARGV[1]
local given = cjson.decode(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Items of a session's record: see store/codec.py.
local CREATED, AUTHENTICATED, HASH, USER, NAME, ROLE, KIND = 2, 3, 4, 5, 6, 7, 8
local ADDRESS, LABEL, BROWSER, OS = 12, 14, 15, 16
local PREVIOUS_HASH, PREVIOUS_UNTIL, CANONICAL = 19, 20, 21
local LIFETIME, AGENT, PARENT = 22, 23, 25

-- The shard of a person, of 8192, and their number in it: `sessions_of_user` in store/keys.py.
local function shard_of(user)
  local digest = redis.sha1hex(user)
  return tonumber(string.sub(digest, 13, 16), 16) % 8192, tonumber(string.sub(digest, 1, 12), 16)
end

-- Each person's entries are a chain, so that they are found among millions: an entry names the one
-- before it of its target (pt) and, if that is somebody else, of its actor (pa); `ah:` has the heads.
-- entry.m: the people that it is about where they are several, by id; each gets the entry before.
local function audit(entry)
  local target, actor, people = entry.tu, entry.i, entry.m or {}
  if actor == target or actor == '' or people[actor] then actor = nil end
  local of_target = target and base .. 'ah:' .. shard_of(target)
  local of_actor = actor and base .. 'ah:' .. shard_of(actor)
  entry.pt = target and redis.call('HGET', of_target, target) or nil
  entry.pa = actor and redis.call('HGET', of_actor, actor) or nil
  for person in pairs(people) do
    people[person] = redis.call('HGET', base .. 'ah:' .. shard_of(person), person) or ''
  end
  -- Names live in the directory: where there is an id, none is stored, so that none is there for ever.
  local actor_name, target_name = entry.u, entry.tn
  if entry.i and entry.i ~= '' then entry.u = nil end
  if target then entry.tn = nil end
  local id = redis.call('XADD', KEYS[1], '*', 'e', cjson.encode(entry))
  entry.u, entry.tn = actor_name, target_name
  if target then redis.call('HSET', of_target, target, id) end
  if actor then redis.call('HSET', of_actor, actor, id) end
  for person in pairs(people) do
    redis.call('HSET', base .. 'ah:' .. shard_of(person), person, id)
  end
  return id
end

-- by: the entry of the act, which says who did it.
local function emit(event, by)
  event.k, event.i, event.w, event.p = by.k, by.i, by.u, by.p
  redis.call('XADD', KEYS[2], '*', 'e', cjson.encode(event))
end

-- An entry like `template` about one session.
local function audit_session(template, handle, record, reason)
  local entry = {}
  for name, value in pairs(template) do entry[name] = value end
  entry.h, entry.tu, entry.tn, entry.r = handle, record[USER], record[NAME], reason
  audit(entry)
end
