#!lua flags=no-writes
-- The show at one moment. It only reads, so it is answered even when the store is full.
--
-- KEYS[1]  the show's prefix      ARGV  the minutes (since the epoch) of the series wanted
-- Answer: {rundown version, events waiting for the board, n, shelf, {board version, doc}, unpaid, feeds,
--          {memory, outlook}, series of each minute}; hashes as flat lists.

local P = KEYS[1]
local answer = {
  redis.call('HGET', P .. 'show', 'version'),
  redis.call('LLEN', P .. 'inbox'),
  redis.call('HGETALL', P .. 'n'),
  redis.call('HGETALL', P .. 'shelf'),
  redis.call('HMGET', P .. 'board', 'version', 'doc'),
  redis.call('HGETALL', P .. 'unpaid'),
  redis.call('HGETALL', P .. 'feeds'),
  redis.call('HMGET', P .. 'director', 'memory', 'outlook'),
}
for _, minute in ipairs(ARGV) do
  table.insert(answer, redis.call('HGETALL', P .. 's:' .. minute))
end
return answer
