-- Writes an entry, unless one like it was written lately. KEYS[3]: what says so. given: entry, every (ms),
-- canonical (a name: the entry is about whoever has it; absent: it says itself whom it is about). Returns 1
-- if it wrote it.

if not redis.call('SET', KEYS[3], '', 'NX', 'PX', given.every) then return 0 end
if given.canonical then given.entry.tu = redis.call('GET', base .. 'n:' .. given.canonical) or nil end
audit(given.entry)
return 1
