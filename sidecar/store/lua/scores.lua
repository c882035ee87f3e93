-- Reads the scores of many handles. KEYS[1]: the index. ARGV[1]: the handles, one behind the other,
-- ARGV[2]: how long each is. One text goes and one comes: that is what a thousand words would cost.
-- Returns the scores, with a comma between; none for what is not there.

local handles, length = ARGV[1], tonumber(ARGV[2])
local scores = {}
for first = 1, #handles, length do
  scores[#scores + 1] = redis.call('ZSCORE', KEYS[1], string.sub(handles, first, first + length - 1)) or ''
end
return table.concat(scores, ',')
