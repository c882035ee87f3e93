-- Reads parts of sorted sets, each as it is now. ARGV[1]: a list of {key, lower, upper, backwards,
-- {start, count}…}. With an upper bound the range is of members from `lower` to below `upper`, else it
-- is of scores above `lower`. Spans count from the range's beginning, backwards from its end.
-- Returns for each span its members, ascending, with their scores if it is of scores.

local answer = {}
for _, ask in ipairs(cjson.decode(ARGV[1])) do
  local key, lower, upper, backwards = ask[1], ask[2], ask[3], ask[4]
  local first, last
  if upper == '' then
    first = redis.call('ZCOUNT', key, '-inf', lower)
    last = redis.call('ZCARD', key) - 1
  else
    first = redis.call('ZLEXCOUNT', key, '-', '(' .. lower)
    last = first + redis.call('ZLEXCOUNT', key, '[' .. lower, '(' .. upper) - 1
  end
  for position = 5, #ask do
    local start, count = ask[position][1], ask[position][2]
    local from, to = first + start, math.min(first + start + count - 1, last)
    if backwards then from, to = math.max(last - start - count + 1, first), last - start end
    local found = {}
    if from <= to then
      if upper == '' then
        found = redis.call('ZRANGE', key, from, to, 'WITHSCORES')
      else
        found = redis.call('ZRANGE', key, from, to)
      end
    end
    answer[#answer + 1] = found
  end
end
return answer
