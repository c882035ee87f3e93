-- The last active owner stays. `owners` holds the ids of owners by the instant from which they are
-- active: 0, or the end of their ban. given.owners: its key when it is in this slot, else ''.
--
-- With one partition, check and change are this one step. On a cluster `owners` is in the slot of the
-- first partition: for people of others the caller takes them out first (owner_leave.lua, which
-- checks), changes them then, and puts them in afterwards. Two owners still cannot both go; a
-- crash in between leaves an owner uncounted, which refuses too much, never too little.

local OWNER = 3

local function active_from(user)
  if not user or user.r ~= OWNER then return nil end
  if user.b then return user.bu end
  return 0
end

-- Says whether `id` may turn from `before` into `after`, and notes it.
local function note_owner(id, before, after)
  if given.owners == '' then return true end
  local was, is = active_from(before), active_from(after)
  local goes = was and was <= now and not (is and is <= now)
  if goes and redis.call('ZCOUNT', given.owners, '-inf', now) <= 1 then return false end
  if is then
    redis.call('ZADD', given.owners, is, id)
  else
    redis.call('ZREM', given.owners, id)
  end
  return true
end
