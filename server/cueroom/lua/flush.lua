-- One flush of one feed, applied whole or not at all, and once.
--
-- KEYS[1]  the show's prefix, `cueroom:{SHOW}:` (every key below hangs on it, so all lie in one slot)
-- ARGV[1]  msgpack map: producer, epoch, first, last (feeds only: absent over HTTP), now (ms),
--          seconds {second → {field → sum}}, online [[ms, n]…] by time, peak_online, board (true: the board changes with it), viewers [id…], newest (ms), ops [op…]
--
-- An op is judged alone and in order:
--   o  id, shard, code (c|p|x|r), sku, qty, amount, estimated 0|1, at     an order event, once per (id, code)
--   p  id, shard, at                                                       parcel.shipped, once per id
--   a  id, shard, code (o|a|c), detail, at                                 service.*, once per (id, code)
--   n  key, second, field, sum, viewer                                     a count that has an id of its own
--   s  key, sku, n, at                                                     stock.counted
--   l  key, sku, n, at                                                     stock.released
--   b  key, event                                                          for the board's inbox
--
-- Answer: {status, duplicates (places in ops, from 1), rev}; status is ok, again (already applied), fenced (a newer connection has the
-- producer's name), sequence (a batch or the hello is missing: a failover lost it) or gone (no such show).

local P = KEYS[1]
local flush = cmsgpack.unpack(ARGV[1])
local N, UNPAID, DEDUPE_HOURS = P .. 'n', P .. 'unpaid', 6

local facts = redis.call('HMGET', N, 'known', 'rev', 'newest', 'expire_at', 'online_at', 'peak_online', 'sent_early')
if not facts[1] then return {'gone', {}, 0} end
local rev = tonumber(facts[2] or 0)

if flush.producer then
  local epoch, seq = string.match(redis.call('HGET', P .. 'feeds', flush.producer) or '', '^(%d+)|(%d+)|')
  epoch, seq = tonumber(epoch) or 0, tonumber(seq) or 0
  if epoch > flush.epoch then return {'fenced', {}, rev} end
  if epoch < flush.epoch then return {'sequence', {}, rev} end
  if seq >= flush.last then return {'again', {}, rev} end
  if flush.first ~= seq + 1 then return {'sequence', {}, rev} end
  redis.call('HSET', P .. 'feeds', flush.producer, string.format('%d|%d|%d', flush.epoch, flush.last, flush.now))
end

local touched = {}
local function key_of(name)
  touched[name] = true
  return P .. name
end

local seconds = flush.seconds
local duplicates = {}

local function book(second, field, sum)
  local fields = seconds[second]
  if not fields then fields = {}; seconds[second] = fields end
  fields[field] = (fields[field] or 0) + sum
end

-- Booked for the item and for the whole show.
local function book_item(at, field, sku, sum)
  if sum == 0 then return end
  local second = math.floor(at / 1000)
  book(second, field, sum)
  book(second, field .. '|' .. sku, sum)
end

-- What is owed, by minute and SKU: money for an order (its amount), a parcel for a payment (its units).
local unpaid, unshipped = {}, {}
local function owe(what, minute, sku, orders, worth)
  local place = minute .. '|' .. sku
  local sum = what[place] or {0, 0}
  what[place] = {sum[1] + orders, sum[2] + worth}
end

local function is_new(key)
  if key == '' then return true end
  local hour = math.floor(flush.now / 3600000)
  for back = 0, DEDUPE_HOURS - 1 do
    if redis.call('SISMEMBER', P .. 'ids:' .. (hour - back), key) == 1 then return false end
  end
  local set = P .. 'ids:' .. hour
  redis.call('SADD', set, key)
  redis.call('EXPIRE', set, (DEDUPE_HOURS + 1) * 3600)
  return true
end

local shelf_at, shelf_delta = {}, {}
local function counted_at(sku)
  if not shelf_at[sku] then shelf_at[sku] = tonumber(redis.call('HGET', P .. 'shelf', 'at|' .. sku) or 0) end
  return shelf_at[sku]
end
local function charge(sku, units)
  shelf_delta[sku] = (shelf_delta[sku] or 0) + units
end

-- An order is kept as `created|paid|cancelled|refunded|qty|amount|paid amount|refunded amount|sku`, times in ms
-- after the show's base, amounts with an `e` in front when estimated: it is its own log.
local base = tonumber(facts[1])
local function parse(record)
  local c, p, x, r, qty, amount, paid, refunded, sku =
    string.match(record, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|(%d+)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  return {c = tonumber(c), p = tonumber(p), x = tonumber(x), r = tonumber(r), qty = tonumber(qty),
          amount = amount, paid = paid, refunded = refunded, sku = sku}
end
local function spell(time) return time and string.format('%d', time) or '' end
local function first_known(order)
  if order.c then return order.c end
  local first
  for _, code in ipairs({'p', 'x', 'r'}) do
    if order[code] and (not first or order[code] < first) then first = order[code] end
  end
  return first
end
-- Units the order takes off the shelf, as far as they happened since the shelf was last counted.
local function charged(order, since)
  local units = 0
  local first = first_known(order)
  if first and first >= since then units = order.qty end
  if order.x and order.x >= since then units = units - order.qty end
  return units
end
local function is_unpaid(order) return order.c and not order.p and not order.x end
local function value(amount) return tonumber((string.gsub(amount, 'e', ''))) or 0 end

-- A parcel is `open` until its order is paid, then it `waits`, until it is sent, or needed no more: `settled`.
local sent_early, shipped, settled = tonumber(facts[7] or 0), 0, {}
local function is_void(order) return order.x or (order.p and order.r and value(order.refunded) >= value(order.paid)) end
local function parcel_of(order, sent)
  if not first_known(order) then return nil end
  if sent or is_void(order) then return 'settled' end
  return order.p and 'waits' or 'open'
end
local function move_parcel(order, from, to)
  if from == to then return end
  local minute = order.p and math.floor((order.p + base) / 60000)
  if from == 'waits' then owe(unshipped, minute, order.sku, -1, -order.qty) end
  if to == 'waits' then owe(unshipped, minute, order.sku, 1, order.qty) end
  if to == 'settled' then settled[order.sku] = (settled[order.sku] or 0) + order.qty end
end

local function apply_parcel(id, shard, at)
  if redis.call('HSETNX', key_of('sent:' .. shard), id, string.format('%d', at - base)) == 0 then return true end
  shipped = shipped + 1
  local record = redis.call('HGET', P .. 'o:' .. shard, id)
  local order = record and parse(record)
  if not order or not order.p then sent_early = sent_early + 1 end
  if order then move_parcel(order, parcel_of(order, false), 'settled') end
end

-- A service is kept as `opened|answered|closed|kind|goods|service|logistics`, times as those of orders.
local SERVICE_PLACES, serving = {o = 1, a = 2, c = 3}, {}
local function apply_service(id, shard, code, detail, at)
  local key, place = key_of('service:' .. shard), SERVICE_PLACES[code]
  local record = redis.call('HGET', key, id) or '||||||'
  local parts = {string.match(record, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|(.*)$')}
  if parts[place] ~= '' then return true end
  local was_open = parts[1] ~= '' and parts[3] == ''
  parts[place] = string.format('%d', at - base)
  if code == 'o' then parts[4] = detail elseif code == 'c' then parts[5] = detail end
  local is_open = parts[1] ~= '' and parts[3] == ''
  if is_open ~= was_open then serving[parts[4]] = (serving[parts[4]] or 0) + (is_open and 1 or -1) end
  redis.call('HSET', key, id, table.concat(parts, '|'))
end

local function apply_order(id, shard, code, sku, qty, amount, estimated, at)
  local shelf = key_of('o:' .. shard)
  local record = redis.call('HGET', shelf, id)
  local order = record and parse(record) or {qty = qty, amount = '', paid = '', refunded = '', sku = sku}
  if order[code] then return true end
  sku = order.sku
  local since = counted_at(sku) - base
  local owed, charged_before, implied = is_unpaid(order), charged(order, since), first_known(order)
  -- Orders are hardly ever sent before they are paid; only then, or when they end, that has to be looked up.
  local sent = (sent_early > 0 or code == 'x' or code == 'r') and redis.call('HEXISTS', P .. 'sent:' .. shard, id) == 1
  local parcel = parcel_of(order, sent)
  local spelled = (estimated == 1 and 'e' or '') .. string.format('%d', amount)

  order[code] = at - base
  if not implied then
    book_item(at, 'orders_created', sku, 1)
    book_item(at, 'units_created', sku, order.qty)
  elseif code == 'c' then
    book_item(implied + base, 'orders_created', sku, -1)
    book_item(implied + base, 'units_created', sku, -order.qty)
    book_item(at, 'orders_created', sku, 1)
    book_item(at, 'units_created', sku, order.qty)
  end
  if code == 'c' then
    order.amount = spelled
  elseif code == 'p' then
    order.paid = spelled
    book_item(at, 'orders_paid', sku, 1)
    book_item(at, 'units_paid', sku, order.qty)
    book_item(at, 'gmv', sku, amount)
    if estimated == 1 then book_item(at, 'gmv_estimated', sku, amount) end
  elseif code == 'x' then
    book_item(at, 'orders_cancelled', sku, 1)
  else
    order.refunded = spelled
    book_item(at, 'orders_refunded', sku, 1)
    book_item(at, 'refunded', sku, amount)
  end

  if is_unpaid(order) and not owed then
    owe(unpaid, math.floor((order.c + base) / 60000), sku, 1, value(order.amount))
  elseif owed and not is_unpaid(order) then
    owe(unpaid, math.floor((order.c + base) / 60000), sku, -1, -value(order.amount))
  end
  move_parcel(order, parcel, parcel_of(order, sent))
  charge(sku, charged_before - charged(order, since))
  redis.call('HSET', shelf, id, table.concat({spell(order.c), spell(order.p), spell(order.x), spell(order.r),
    string.format('%d', order.qty), order.amount, order.paid, order.refunded, sku}, '|'))
end

local function apply_count(key, second, field, sum, viewer)
  if not is_new(key) then return true end
  book(second, field, sum)
  local name = string.match(field, '^([^|]+)|')
  if name then book(second, name, sum) end
  if viewer ~= '' then table.insert(flush.viewers, viewer) end
end

local function apply_stock_counted(key, sku, n, at)
  if not is_new(key) then return true end
  if at < counted_at(sku) then return end
  redis.call('HSET', P .. 'shelf', 'on|' .. sku, n, 'at|' .. sku, string.format('%d', at))
  local second = math.floor(at / 1000)
  redis.call('HSET', key_of('s:' .. math.floor(second / 60)), (second % 60) .. '|counted|' .. sku, n)
  shelf_at[sku], shelf_delta[sku] = at, 0
end

local function apply_stock_released(key, sku, n, at)
  if not is_new(key) then return true end
  if at >= counted_at(sku) then charge(sku, n) end
  redis.call('HINCRBY', P .. 'shelf', 'out|' .. sku, n)
  redis.call('XADD', P .. 'log', '*', 'e', cmsgpack.pack({type = 'stock.released', sku = sku, n = n, time = at}))
end

local function apply_board(key, event)
  if not is_new(key) then return true end
  redis.call('RPUSH', P .. 'inbox', event)
end

-- Each answers true for a repeat.
local appliers = {o = apply_order, p = apply_parcel, a = apply_service, n = apply_count, s = apply_stock_counted, l = apply_stock_released, b = apply_board}

-- What the tally summed per card is booked for the whole show as well.
for _, fields in pairs(seconds) do
  local totals = {}
  for field, sum in pairs(fields) do
    local name = string.match(field, '^([^|]+)|')
    if name then totals[name] = (totals[name] or 0) + sum end
  end
  for name, sum in pairs(totals) do fields[name] = (fields[name] or 0) + sum end
end

for place, op in ipairs(flush.ops) do
  local repeated = appliers[op[1]](unpack(op, 2))
  if repeated then table.insert(duplicates, place) end
end

local counts, minutes = {}, {}
for second, fields in pairs(seconds) do
  local minute, place = math.floor(second / 60), second % 60
  local hash = key_of('s:' .. minute)
  for field, sum in pairs(fields) do
    if sum ~= 0 then
      redis.call('HINCRBY', hash, place .. '|' .. field, sum)
      counts[field] = (counts[field] or 0) + sum
      local slot = minute .. '|' .. field
      minutes[slot] = (minutes[slot] or 0) + sum
    end
  end
end
for field, sum in pairs(counts) do redis.call('HINCRBY', N, field, sum) end
for slot, sum in pairs(minutes) do redis.call('HINCRBY', P .. 'm', slot, sum) end

local online_at, peak = tonumber(facts[5] or 0), tonumber(facts[6] or 0)
if flush.peak_online > peak then redis.call('HSET', N, 'peak_online', flush.peak_online) end
for _, gauge in ipairs(flush.online) do
  local at, n = gauge[1], gauge[2]
  local second = math.floor(at / 1000)
  local minute = math.floor(second / 60)
  redis.call('HSET', key_of('s:' .. minute), (second % 60) .. '|online', n)
  redis.call('HSET', P .. 'm', minute .. '|online', n)
  if at >= online_at then redis.call('HSET', N, 'online', n, 'online_at', string.format('%d', at)) end
end

local function add_or_drop(key, field, delta)
  if delta ~= 0 and redis.call('HINCRBY', key, field, delta) == 0 then redis.call('HDEL', key, field) end
end
for place, sum in pairs(unpaid) do
  add_or_drop(UNPAID, 'n|' .. place, sum[1])
  add_or_drop(UNPAID, 'a|' .. place, sum[2])
  local sku = string.match(place, '|(.*)$')
  for field, delta in pairs({unpaid_orders = sum[1], unpaid_amount = sum[2]}) do
    redis.call('HINCRBY', N, field, delta)
    redis.call('HINCRBY', N, field .. '|' .. sku, delta)
  end
end
for place, sum in pairs(unshipped) do
  add_or_drop(key_of('unshipped'), 'n|' .. place, sum[1])
  add_or_drop(key_of('unshipped'), 'u|' .. place, sum[2])
end
for sku, units in pairs(settled) do
  redis.call('HINCRBY', N, 'units_settled', units)
  redis.call('HINCRBY', N, 'units_settled|' .. sku, units)
end
for kind, delta in pairs(serving) do add_or_drop(key_of('serving'), kind, delta) end
if shipped > 0 then redis.call('HINCRBY', N, 'parcels_shipped', shipped) end
if sent_early > tonumber(facts[7] or 0) then redis.call('HSET', N, 'sent_early', sent_early) end
for sku, delta in pairs(shelf_delta) do
  if delta ~= 0 then redis.call('HINCRBY', P .. 'shelf', 'on|' .. sku, delta) end
end

-- `unpack` fails near 8,000 arguments.
local newcomers = 0
for first = 1, #flush.viewers, 2000 do
  local last = math.min(first + 1999, #flush.viewers)
  newcomers = newcomers + redis.call('PFADD', P .. 'uv', unpack(flush.viewers, first, last))
end
if newcomers > 0 then redis.call('HSET', N, 'unique', redis.call('PFCOUNT', P .. 'uv')) end

-- With events for the board, the change of the board completes the transition: one revision, one notice.
if not flush.board then
  rev = redis.call('HINCRBY', N, 'rev', 1)
  redis.call('SPUBLISH', P .. 'notices', 'changed|' .. rev)
end
if flush.newest > tonumber(facts[3] or 0) then redis.call('HSET', N, 'newest', string.format('%d', flush.newest)) end
redis.call('HSET', N, 'arrived', string.format('%d', flush.now))
if facts[4] then
  for name in pairs(touched) do redis.call('PEXPIREAT', P .. name, facts[4]) end
end
return {'ok', duplicates, rev}
