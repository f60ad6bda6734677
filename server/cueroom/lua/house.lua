-- Changes one document of the house, if nobody was faster.
--
-- KEYS[1]  the hash of its kind   KEYS[2]  the counter of versions
-- ARGV     its id, the version it was changed from (0: there was none), the new document (none: it is removed)
-- Answer: the new version, or nothing where the document has another one by now.

local kept = redis.call('HGET', KEYS[1], ARGV[1])
local version = kept and string.match(kept, '^%d+') or '0'
if version ~= ARGV[2] then return false end
local after = redis.call('INCR', KEYS[2])
if ARGV[3] then redis.call('HSET', KEYS[1], ARGV[1], after .. '|' .. ARGV[3])
else redis.call('HDEL', KEYS[1], ARGV[1]) end
return after
