-- Reads members of a lexical index, with their sessions' scores in another. KEYS[1]: the index. ARGV: the
-- bounds, how many, and what the names of the other index begin with, before a class; empty for none.
-- Returns the members, and behind them their scores in one text, with a comma between; a score is
-- missing where that index has none.

local members = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
local scores = {}
if ARGV[4] ~= '' then
  for position, member in ipairs(members) do
    local key = ARGV[4] .. string.sub(member, -2)
    scores[position] = redis.call('ZSCORE', key, string.sub(member, -32, -3)) or ''
  end
end
members[#members + 1] = table.concat(scores, ',')
return members
