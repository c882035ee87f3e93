-- Puts in line what somebody asks for: a test, or a delivery once more. given: lane, id, again (it must be
-- in the log, and its event must still be there), logged (its id there), entry. Returns 1, or 0 if there
-- is no such delivery.

if given.again then
  if redis.call('HEXISTS', queue .. 'log', given.logged) == 0 then return 0 end
  if not redis.call('XRANGE', KEYS[2], given.id, given.id)[1] then return 0 end
end
push(given.lane, given.id)
keep_all()
audit(given.entry)
emit({t = given.entry.a, d = given.entry.d}, given.entry)
return 1
