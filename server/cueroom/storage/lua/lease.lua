-- Takes or keeps the lead of a show. Each new leader gets a higher token; whoever holds an older one is fenced.
--
-- KEYS[1]  the show's prefix      ARGV  the token held ('' for none), lifetime in ms
-- Answer: the token to go on with; nothing where another leads, or the lease held has run out: who asks to keep it was
-- away too long, and its token is worth nothing any more; an empty one where there is no such show.

local P = KEYS[1]
local holder = redis.call('GET', P .. 'lease')
if (holder or '') ~= ARGV[1] then return false end
local token = holder
if not token then
  if redis.call('HEXISTS', P .. 'n', 'known') == 0 then return '' end
  token = tostring(redis.call('HINCRBY', P .. 'director', 'token', 1))
end
redis.call('SET', P .. 'lease', token, 'PX', ARGV[2])
return token
