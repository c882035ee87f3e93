-- Which entries a read wants. KEYS[1]: the stream. ARGV[1], as JSON: at (where to go on), since, until
-- (ms), action, actor (id), name, lower (of an actor without an id, the second in lower case), person,
-- limit (most to return), most (to look at). Absent parts want all.

local wanted = cjson.decode(ARGV[1])

local function matches(id, entry)
  local instant = tonumber(string.match(id, '^%d+'))
  if wanted['until'] and instant >= wanted['until'] then return false end
  if wanted.since and instant < wanted.since then return false end
  if wanted.action and entry.a ~= wanted.action then return false end
  if wanted.actor and entry.i ~= wanted.actor then return false end
  if wanted.name and entry.u ~= wanted.name and string.lower(entry.u or '') ~= wanted.lower then
    return false
  end
  return true
end
