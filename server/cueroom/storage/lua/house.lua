-- Changes one document of the house, if nobody was faster.
--
-- KEYS[1]  the house's prefix
-- ARGV     its kind, its id, the version it was changed from (0: there was none), the new document (none: it is removed)
-- Answer: the new version, or nothing where the document has another one by now.

local H, kind, id = KEYS[1], KEYS[1] .. 'd:' .. ARGV[1], ARGV[2]
local kept = redis.call('HGET', kind, id)
local version = kept and string.match(kept, '^%d+') or '0'
if version ~= ARGV[3] then return false end
local after = redis.call('INCR', H .. 'version')
if ARGV[4] then redis.call('HSET', kind, id, after .. '|' .. ARGV[4])
else redis.call('HDEL', kind, id) end
return after
