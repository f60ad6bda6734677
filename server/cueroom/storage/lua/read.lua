#!lua flags=no-writes
-- The show at one moment. It only reads, so it is answered even when the store is full.
--
-- KEYS[1]  the show's prefix
-- ARGV     for how many seconds a process's word on its screens holds, the minutes (since the epoch) of the series wanted
-- Answer: {rundown version, events waiting for the board, n, shelf, {board version, doc}, unpaid, feeds,
--          {memory, outlook}, screens of each process, series of each minute}; hashes as flat lists.

local P = KEYS[1]
local since_s = tonumber(redis.call('TIME')[1]) - tonumber(ARGV[1])
local screens = {}
for _, told in ipairs(redis.call('HVALS', P .. 'screens')) do
  local at_s, list = told:match('^(%d+)|(.*)$')
  if tonumber(at_s) > since_s then table.insert(screens, list) end
end
local answer = {
  redis.call('HGET', P .. 'show', 'version'),
  redis.call('LLEN', P .. 'inbox'),
  redis.call('HGETALL', P .. 'n'),
  redis.call('HGETALL', P .. 'shelf'),
  redis.call('HMGET', P .. 'board', 'version', 'doc'),
  redis.call('HGETALL', P .. 'unpaid'),
  redis.call('HGETALL', P .. 'feeds'),
  redis.call('HMGET', P .. 'director', 'memory', 'outlook'),
  screens,
}
for place = 2, #ARGV do
  table.insert(answer, redis.call('HGETALL', P .. 's:' .. ARGV[place]))
end
return answer
