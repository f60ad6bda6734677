-- Tells which screens a process serves, and forgets the processes that have not told of theirs for too long.
--
-- KEYS[1]  the show's prefix
-- ARGV     the process, its screens (msgpack; empty: none), after how many seconds a process is forgotten

local key = KEYS[1] .. 'screens'
local process, screens, seen_s = ARGV[1], ARGV[2], tonumber(ARGV[3])
local now_s = tonumber(redis.call('TIME')[1])

local told = redis.call('HGETALL', key)
for place = 1, #told, 2 do
  if tonumber(told[place + 1]:match('^%d+')) <= now_s - seen_s then redis.call('HDEL', key, told[place]) end
end
if screens == '' then
  redis.call('HDEL', key, process)
else
  redis.call('HSET', key, process, now_s .. '|' .. screens)
  redis.call('EXPIRE', key, seen_s)
end
