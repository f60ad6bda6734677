-- A feed says hello: it takes over its producer's name with a new epoch, which fences every older connection off.
--
-- KEYS[1]  the show's prefix      ARGV  producer, now (ms)
-- Answer: {epoch, last durable batch}, or nothing where there is no such show.

local P, producer = KEYS[1], ARGV[1]
if redis.call('HEXISTS', P .. 'n', 'known') == 0 then return false end
local epoch, seq, at = string.match(redis.call('HGET', P .. 'feeds', producer) or '0|0|' .. ARGV[2], '^(%d+)|(%d+)|(%d+)')
epoch = tonumber(epoch) + 1
redis.call('HSET', P .. 'feeds', producer, string.format('%d|%s|%s', epoch, seq, at))
redis.call('SPUBLISH', P .. 'notices', 'kick|' .. producer .. '|' .. epoch)
return {epoch, tonumber(seq)}
