-- Changes the board: compare its version, then write it with everything that belongs to the same transition.
--
-- KEYS[1]  the show's prefix
-- ARGV[1]  msgpack map: version (the one it was decided on), doc (the new board), changed (does a screen see a
--          difference?), cued (does a cue change?), rundown (a new one) with on_shelf {sku → units there at first},
--          restocked {sku → [stock before, stock now], each {all, first batch}; what was counted meanwhile stays} and
--          gone [sku…],
--          log [entry…], shelf {sku → released units} and held_back (units that can ever be released),
--          inbox (how many of its events are in doc), expire_at (ms, once the show has ended),
--          person, if_rev, idem, peek, answer (commands only),
--          lease, memory, outlook (director only)
--
-- Answer: {status, rev, text}; status is ok, repeated (text: the first answer), stale (text: the board now; decide
-- again), conflict (if_rev is older than the last change a person made, or from nowhere; text: the board now), short
-- (less is held back), fenced (not the leader any more) or gone.

local P = KEYS[1]
local change = cmsgpack.unpack(ARGV[1])
local facts = redis.call('HMGET', P .. 'n', 'known', 'rev', 'person_rev')
if not facts[1] then return {'gone', 0, ''} end
local rev = tonumber(facts[2] or 0)

if change.lease and redis.call('GET', P .. 'lease') ~= change.lease then return {'fenced', rev, ''} end
if change.idem or change.peek then
  local first = redis.call('GET', P .. 'idem:' .. (change.idem or change.peek))
  if first then return {'repeated', rev, first} end
end
local board = redis.call('HMGET', P .. 'board', 'version', 'doc')
if change.if_rev and (change.if_rev < tonumber(facts[3] or 0) or change.if_rev > rev) then return {'conflict', rev, board[2]} end
if tonumber(board[1]) ~= change.version then return {'stale', rev, board[2]} end
for sku, units in pairs(change.shelf) do
  local out = tonumber(redis.call('HGET', P .. 'shelf', 'out|' .. sku) or 0)
  if out + units > change.held_back then return {'short', rev, ''} end
end

if change.doc then redis.call('HSET', P .. 'board', 'version', change.version + 1, 'doc', change.doc) end
if change.rundown then
  redis.call('HSET', P .. 'show', 'doc', change.rundown)
  redis.call('HINCRBY', P .. 'show', 'version', 1)
  for _, sku in ipairs(change.gone) do redis.call('HDEL', P .. 'shelf', 'on|' .. sku, 'out|' .. sku, 'at|' .. sku) end
  for sku, units in pairs(change.on_shelf) do redis.call('HSETNX', P .. 'shelf', 'on|' .. sku, units) end
  for sku, stock in pairs(change.restocked) do
    local counted, out = unpack(redis.call('HMGET', P .. 'shelf', 'at|' .. sku, 'out|' .. sku))
    local function put_out(of) return math.min(of.all, of.first + (tonumber(out) or 0)) end
    if not counted then redis.call('HINCRBY', P .. 'shelf', 'on|' .. sku, put_out(stock[2]) - put_out(stock[1])) end
  end
end
if change.changed then rev = redis.call('HINCRBY', P .. 'n', 'rev', 1) end
if change.person then redis.call('HSET', P .. 'n', 'person_rev', rev) end
for _, entry in ipairs(change.log) do redis.call('XADD', P .. 'log', '*', 'e', entry) end
for sku, units in pairs(change.shelf) do
  redis.call('HINCRBY', P .. 'shelf', 'on|' .. sku, units)
  redis.call('HINCRBY', P .. 'shelf', 'out|' .. sku, units)
end
if change.inbox > 0 then redis.call('LTRIM', P .. 'inbox', change.inbox, -1) end
if change.memory then redis.call('HSET', P .. 'director', 'memory', change.memory, 'outlook', change.outlook) end
if change.expire_at then redis.call('HSET', P .. 'n', 'expire_at', string.format('%d', change.expire_at)) end
if change.idem then redis.call('SET', P .. 'idem:' .. change.idem, rev .. '|' .. change.answer, 'EX', 86400) end
local function notify(topic) redis.call('SPUBLISH', P .. 'notices', topic .. '|' .. rev) end
if change.cued then notify('cued') end
if change.changed then
  notify('turned')
  notify('changed')
end
return {'ok', rev, ''}
