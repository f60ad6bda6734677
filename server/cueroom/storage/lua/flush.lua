-- What came for one show from several senders, applied in one step: each sender's part whole or not at all, and once.
--
-- KEYS[1]  the show's prefix, `cueroom:{SHOW}:` (every key below hangs on it, so all lie in one slot)
-- ARGV[1]  msgpack map: now (ms), parts [part…]; a part is a map of
--          producer, epoch, first, last (feeds only: absent over HTTP),
--          seconds {second → {field → sum}}, online [[ms, n]…] by time, peak_online, viewers [id…], newest (ms),
--          board (true: the board changes with it),
--          orders [id, shard, code (c|p|x|r), sku, qty, amount (estimated: -1 - amount), at (ms), of the next: id, …],
--          ops [op…]
--
-- Order events count once per (id, code). An op is judged alone, after as many orders as it says; all start with
-- code, type, orders before it, key (empty, or what a repeat is recognised by):
--   n  second, field, sum, viewer     a count that has an id of its own
--   g  n, at                          room.online that has an id of its own
--   p  id, shard, at                  parcel.shipped, once per id
--   a  id, shard, code (o|a|c), detail, at   service.*, once per (id, code)
--   s  sku, n, at                     stock.counted
--   l  sku, n, at                     stock.released
--   b  event (JSON)                   for the board's inbox
--
-- Answer: nothing where there is no such show, else {rev, version of the rundown, of each part status, repeats, …}:
-- status is ok, again (already applied), fenced (a newer connection has the producer's name) or sequence (a batch or the
-- hello is missing: a failover lost it), and of a part that is not ok nothing is applied; repeats are type, how many of it
-- were applied before, the next type, ….
--
-- Few calls: however many fields change and parts there are, a key is read once and written once. Only an order event
-- costs one or two.

local P = KEYS[1]
local N, SHELF, DEDUPE_HOURS = P .. 'n', P .. 'shelf', 6
local flush = cmsgpack.unpack(ARGV[1])

-- What every order calls: a local is found sooner than a name in a table.
local call, pack, unpacked, format, floor = redis.call, cmsgpack.pack, cmsgpack.unpack, string.format, math.floor

local facts = call('HMGET', N, 'known', 'rev', 'newest', 'expire_at', 'online_at', 'peak_online', 'sent_early',
  'minutes_from', 'unique')
if not facts[1] then return nil end
local rev, version = tonumber(facts[2] or 0), tonumber(call('HGET', P .. 'show', 'version') or 0)

-- Whether a part is to be applied now; if so, a feed's is noted as applied.
local function admit(part)
  if not part.producer then return 'ok' end
  local epoch, seq = string.match(call('HGET', P .. 'feeds', part.producer) or '', '^(%d+)|(%d+)|')
  epoch, seq = tonumber(epoch) or 0, tonumber(seq) or 0
  if epoch > part.epoch then return 'fenced' end
  if epoch < part.epoch then return 'sequence' end
  if seq >= part.last then return 'again' end
  if part.first ~= seq + 1 then return 'sequence' end
  call('HSET', P .. 'feeds', part.producer, format('%d|%d|%d', part.epoch, part.last, flush.now))
  return 'ok'
end

-- Keys that may be new, and then have to go when the show's others do. Numbers are spelled by `string.format`
-- throughout: joining them with `..` takes three times as long.
local touched, ends_at = {}, facts[4]
local function touch(key)
  if ends_at then touched[key] = true end
  return key
end
local function key_of(name) return touch(P .. name) end

-- Of the part that is being applied.
local repeats, viewers
local function repeated(name) repeats[name] = (repeats[name] or 0) + 1 end

-- A table made when it is first asked for.
local function within(parent, key)
  local child = parent[key]
  if not child then child = {}; parent[key] = child end
  return child
end
local function add(sums, field, sum) sums[field] = (sums[field] or 0) + sum end

-- A list piece by piece: `unpack` fails near 8,000 arguments.
local function pieces(list)
  local MOST, first = 2000, 1
  return function()
    if first > #list then return nil end
    local piece = {unpack(list, first, math.min(first + MOST - 1, #list))}
    first = first + MOST
    return piece
  end
end

-- Changes fields of a hash: `changed` makes what a field is to hold of what it holds and what comes to it; nothing, and
-- the field goes.
local function rewrite(key, changes, changed)
  local fields = {}
  for field, change in pairs(changes) do
    if change ~= 0 then fields[#fields + 1] = field end
  end
  for piece in pieces(fields) do
    local before, after, nothing = call('HMGET', key, unpack(piece)), {}, {}
    for place, field in ipairs(piece) do
      local value = changed(before[place], changes[field])
      if value then
        after[#after + 1] = field
        after[#after + 1] = value
      else
        nothing[#nothing + 1] = field
      end
    end
    if #after > 0 then call('HSET', key, unpack(after)) end
    if #nothing > 0 then call('HDEL', key, unpack(nothing)) end
  end
end

local function added(before, sum) return format('%d', sum + (tonumber(before) or 0)) end
local function still_open(before, sum)
  local open = sum + (tonumber(before) or 0)
  return open ~= 0 and format('%d', open) or nil
end
local function still_owed(before, owed)
  local orders, worth = 0, 0
  if before then orders, worth = unpacked(before) end
  orders, worth = orders + owed.orders, worth + owed.worth
  return (orders ~= 0 or worth ~= 0) and pack(orders, worth) or nil
end

-- All sums of an item lie in one field, for calls cost more by fields than by bytes: an array (msgpack) in this order,
-- which `stored.py` knows too.
local COLUMNS = {
  'viewed', 'clicked', 'orders_created', 'orders_paid', 'orders_cancelled', 'orders_refunded', 'units_created',
  'units_paid', 'gmv', 'gmv_estimated', 'refunded', 'unpaid_orders', 'unpaid_amount', 'units_settled',
}
local PLACES = {}
for place, name in ipairs(COLUMNS) do PLACES[name] = place end
local function added_columns(before, parts)
  local columns = before and unpacked(before) or {}
  if not before then
    for place = 1, #COLUMNS do columns[place] = 0 end
  end
  for _, sums in ipairs(parts) do
    for name, sum in pairs(sums) do add(columns, PLACES[name], sum) end
  end
  return pack(columns)
end

-- What comes to a hash of sums: to fields of the show a sum, to those of items the sums that come together there.
-- `place` is what their names begin with.
local function new_book() return {fields = {}, items = {}} end
local function enter(book, place, fields, by_item)
  for field, sum in pairs(fields) do add(book.fields, place .. field, sum) end
  for sku, sums in pairs(by_item) do
    local parts = within(book.items, place .. 'item|' .. sku)
    parts[#parts + 1] = sums
  end
end
local function keep(key, book)
  rewrite(key, book.fields, added)
  rewrite(key, book.items, added_columns)
end

-- Times of orders are kept in ms after this.
local base = tonumber(facts[1])

-- What is summed: for the whole show by second, and by second and SKU; the shelves; and totals that have no series, for
-- the whole show and by SKU.
local seconds, items, shelf_at, shelf_delta, totals, item_totals = {}, {}, {}, {}, {}, {}

local function item_sums(at, sku) return within(within(items, floor(at / 1000)), sku) end

-- What is owed, by minute and SKU: money for an order (its amount), a parcel for a payment (its units). The unpaid are
-- the engine's, whose minutes count from the show's start; parcels go by the clock's.
local unpaid, unshipped = {}, {}
local minutes_from = {[unpaid] = tonumber(facts[8]), [unshipped] = 0}
local function owe(what, at, sku, orders, worth)
  local by_item = within(what, floor((at + base - minutes_from[what]) / 60000))
  local owed = by_item[sku]
  if not owed then owed = {orders = 0, worth = 0}; by_item[sku] = owed end
  owed.orders, owed.worth = owed.orders + orders, owed.worth + worth
end

local function counted_at(sku)
  if not shelf_at[sku] then shelf_at[sku] = tonumber(call('HGET', SHELF, 'at|' .. sku) or 0) end
  return shelf_at[sku]
end

-- An order is kept as msgpack values one after the other: created, paid, cancelled, refunded (ms after the show's base,
-- or nil), qty, the amounts created, paid, refunded (or nil; of an estimated one -1 - amount), sku: it is its own log.
local AMOUNTS = {c = 'amount', p = 'paid', r = 'refunded'}
local LIFE = {'c', 'p', 'x', 'r'}
local TYPES = {c = 'order.created', p = 'order.paid', x = 'order.cancelled', r = 'order.refunded'}

-- One table serves all orders, one after the other: making one each would take longer than all that is done with it.
local order = {}
local function set_order(c, p, x, r, qty, amount, paid, refunded, sku)
  order.c, order.p, order.x, order.r, order.qty, order.sku = c, p, x, r, qty, sku
  order.amount, order.paid, order.refunded = amount, paid, refunded
end
local function pack_order()
  return pack(order.c, order.p, order.x, order.r, order.qty, order.amount, order.paid, order.refunded, order.sku)
end
local function value(amount) return amount < 0 and -1 - amount or amount end

local function first_known()
  if order.c or not (order.p or order.x or order.r) then return order.c end
  return math.min(order.p or math.huge, order.x or math.huge, order.r or math.huge)
end
-- Units the order takes off the shelf, as far as they happened since the shelf was last counted.
local function charged(since)
  local units, first = 0, first_known()
  if first and first >= since then units = order.qty end
  if order.x and order.x >= since then units = units - order.qty end
  return units
end
local function is_unpaid() return order.c and not order.p and not order.x end
-- Whether nothing is known that comes earlier in an order's life. The earliest says how many units it is of, in whatever
-- order they arrive: a refund may be of some of them.
local function is_earliest(code)
  for _, earlier in ipairs(LIFE) do
    if earlier == code then return true end
    if order[earlier] then return false end
  end
end

-- A parcel is `open` until its order is paid, then it `waits`, until it is sent, or needed no more: `settled`.
local sent_early = tonumber(facts[7] or 0)
local function is_void() return order.x or (order.p and order.r and value(order.refunded) >= value(order.paid)) end
local function parcel_of(sent)
  if not first_known() then return nil end
  if sent or is_void() then return 'settled' end
  return order.p and 'waits' or 'open'
end
local function settle(units)
  add(totals, 'units_settled', units)
  add(within(item_totals, order.sku), 'units_settled', units)
end
local function move_parcel(from, to)
  if from == to then return end
  if from == 'waits' then owe(unshipped, order.p, order.sku, -1, -order.qty) end
  if to == 'waits' then owe(unshipped, order.p, order.sku, 1, order.qty) end
  if to == 'settled' then settle(order.qty) end
end

-- What is booked already was of so many units all along. The shelf is the caller's.
local function correct_units(qty, parcel)
  local more = qty - order.qty
  add(item_sums(first_known() + base, order.sku), 'units_created', more)
  if order.p then add(item_sums(order.p + base, order.sku), 'units_paid', more) end
  if parcel == 'waits' then owe(unshipped, order.p, order.sku, 0, more) end
  if parcel == 'settled' then settle(more) end
  order.qty = qty
end

local function book_created(at, sign)
  local sums = item_sums(at, order.sku)
  add(sums, 'orders_created', sign)
  add(sums, 'units_created', sign * order.qty)
end

local function book_order(code, amount, at)
  local sums = item_sums(at, order.sku)
  if code == 'p' then
    add(sums, 'orders_paid', 1)
    add(sums, 'units_paid', order.qty)
    add(sums, 'gmv', value(amount))
    if amount < 0 then add(sums, 'gmv_estimated', value(amount)) end
  elseif code == 'x' then
    add(sums, 'orders_cancelled', 1)
  elseif code == 'r' then
    add(sums, 'orders_refunded', 1)
    add(sums, 'refunded', value(amount))
  end
end

-- The steps that most orders take, and no other: nobody knew the order and it is created, in one call instead of two; it
-- was created and is paid; nobody knew it and it is paid, which implies that it was created. Their sums are kept apart, by
-- second and SKU, so that there is less to do for each.
local stepped = {}
local stepped_at, steps_then
local function steps(at, sku)
  if at ~= stepped_at then stepped_at, steps_then = at, within(stepped, floor(at / 1000)) end
  local sums = steps_then[sku]
  if not sums then
    sums = {created = 0, implied = 0, units_created = 0, asked = 0, paid = 0, units_paid = 0, gmv = 0, estimated = 0}
    steps_then[sku] = sums
  end
  return sums
end

-- Packing an order takes as long as writing it, so what its record has in common with the one before is packed once: the
-- time of what happens now, and, for most buy as much of an item for as much money, all that comes after `paid`.
local NOT_YET = pack(nil)
local packed_at, packed_time
local function time_of(at)
  if at ~= packed_at then packed_at, packed_time = at, pack(at - base) end
  return packed_time
end
local of_created, of_paid = {}, {}
local function rest_of(last, sku, qty, amount, paid)
  local rest = last[sku]
  if not rest or rest.qty ~= qty or rest.amount ~= amount or rest.paid ~= paid then
    rest = {qty = qty, amount = amount, paid = paid, packed = pack(nil, nil, qty, amount, paid, nil, sku)}
    last[sku] = rest
  end
  return rest.packed
end

-- Each answers whether it was the order's step.
local function create_order(hash, id, sku, qty, amount, at)
  local record = time_of(at) .. NOT_YET .. rest_of(of_created, sku, qty, amount, nil)
  if call('HSETNX', hash, id, record) == 0 then return false end
  local sums = steps(at, sku)
  sums.created, sums.units_created, sums.asked = sums.created + 1, sums.units_created + qty, sums.asked + value(amount)
  if at >= counted_at(sku) then add(shelf_delta, sku, -qty) end
  return true
end

local function pay_order(hash, id, record, sku, qty, amount, at)
  local c, p, x, r, asked, _
  if record then
    c, p, x, r, qty, asked, _, _, sku = unpacked(record)
    if not c or p or x or r then return false end
  end
  call('HSET', hash, id, pack(c) .. time_of(at) .. rest_of(of_paid, sku, qty, asked, amount))
  local sums, gmv = steps(at, sku), value(amount)
  sums.paid, sums.units_paid, sums.gmv = sums.paid + 1, sums.units_paid + qty, sums.gmv + gmv
  if amount < 0 then sums.estimated = sums.estimated + gmv end
  if c then
    owe(unpaid, c, sku, -1, -value(asked))
  else
    sums.implied, sums.units_created = sums.implied + 1, sums.units_created + qty
    if at >= counted_at(sku) then add(shelf_delta, sku, -qty) end
  end
  return true
end

local function book_steps()
  for second, by_item in pairs(stepped) do
    for sku, step in pairs(by_item) do
      local sums, at = within(within(items, second), sku), second * 1000 - base
      add(sums, 'orders_created', step.created + step.implied)
      add(sums, 'units_created', step.units_created)
      add(sums, 'orders_paid', step.paid)
      add(sums, 'units_paid', step.units_paid)
      add(sums, 'gmv', step.gmv)
      add(sums, 'gmv_estimated', step.estimated)
      owe(unpaid, at, sku, step.created, step.asked)
      owe(unshipped, at, sku, step.paid, step.units_paid)
    end
  end
end

local ORDERS = P .. 'o:'
local function apply_order(id, shard, code, sku, qty, amount, at)
  local hash = touch(ORDERS .. shard)
  if code == 'c' and sent_early == 0 and create_order(hash, id, sku, qty, amount, at) then return end
  local record = call('HGET', hash, id)
  if code == 'p' and sent_early == 0 and pay_order(hash, id, record, sku, qty, amount, at) then return end
  if record then set_order(unpacked(record)) else set_order(nil, nil, nil, nil, qty, nil, nil, nil, sku) end
  if order[code] then return repeated(TYPES[code]) end
  local since = counted_at(order.sku) - base
  local owed, before, booked = is_unpaid(), charged(since), first_known()
  local says_units = qty ~= order.qty and is_earliest(code)
  -- Orders are hardly ever sent before they are paid; only then, or when they end or turn out to be of other units, that
  -- has to be looked up.
  local sent = (sent_early > 0 or code == 'x' or code == 'r' or says_units)
    and call('HEXISTS', P .. 'sent:' .. shard, id) == 1
  local parcel = parcel_of(sent)
  if says_units then correct_units(qty, parcel) end

  order[code] = at - base
  if AMOUNTS[code] then order[AMOUNTS[code]] = amount end
  local first = first_known()
  if first ~= booked then
    if booked then book_created(booked + base, -1) end
    book_created(first + base, 1)
  end
  book_order(code, amount, at)

  if owed and not is_unpaid() then
    owe(unpaid, order.c, order.sku, -1, -value(order.amount))
  elseif is_unpaid() and not owed then
    owe(unpaid, order.c, order.sku, 1, value(order.amount))
  end
  move_parcel(parcel, parcel_of(sent))
  add(shelf_delta, order.sku, before - charged(since))
  call('HSET', hash, id, pack_order())
end

-- The ids among those of all ops that came before; from now on all of them did: only parts without a feed have such ids,
-- and those are always applied. By the store's own clock: gateways whose clocks differ must know the same ids. One hour
-- ahead as well, for a store that failed over to a machine whose clock is behind.
local function ids_known()
  local ids, known = {}, {}
  for _, part in ipairs(flush.parts) do
    for _, op in ipairs(part.ops) do
      if op[4] ~= '' then ids[#ids + 1] = op[4] end
    end
  end
  if #ids == 0 then return known end
  local hour = floor(tonumber(call('TIME')[1]) / 3600)
  for back = -1, DEDUPE_HOURS - 1 do
    for piece in pieces(ids) do
      for place, is_member in ipairs(call('SMISMEMBER', P .. 'ids:' .. (hour - back), unpack(piece))) do
        if is_member == 1 then known[piece[place]] = true end
      end
    end
  end
  local set = P .. 'ids:' .. hour
  for piece in pieces(ids) do call('SADD', set, unpack(piece)) end
  call('EXPIRE', set, (DEDUPE_HOURS + 1) * 3600)
  return known
end

local online_at, peak_online = tonumber(facts[5] or 0), tonumber(facts[6] or 0)
local function show_gauge(at, n)
  local second = floor(at / 1000)
  local minute = floor(second / 60)
  call('HSET', key_of('s:' .. minute), (second % 60) .. '|online', n)
  call('HSET', P .. 'm', minute .. '|online', n)
  if at < online_at then return end
  call('HSET', N, 'online', n, 'online_at', format('%d', at))
  online_at = at
end

-- Each answers true for a repeat.
local appliers, serving = {}, {}

function appliers.n(second, field, sum, viewer)
  add(within(seconds, second), field, sum)
  if viewer ~= '' then table.insert(viewers, viewer) end
end

function appliers.g(n, at)
  show_gauge(at, n)
  peak_online = math.max(peak_online, n)
end

function appliers.p(id, shard, at)
  if call('HSETNX', key_of('sent:' .. shard), id, format('%d', at - base)) == 0 then return true end
  add(totals, 'parcels_shipped', 1)
  local record = call('HGET', P .. 'o:' .. shard, id)
  if record then set_order(unpacked(record)) end
  if not record or not order.p then
    sent_early = sent_early + 1
    add(totals, 'sent_early', 1)
  end
  if record then move_parcel(parcel_of(false), 'settled') end
end

-- A service is kept as `opened|answered|closed|kind|goods|service|logistics`, times as those of orders.
local SERVICE_PLACES = {o = 1, a = 2, c = 3}
function appliers.a(id, shard, code, detail, at)
  local key, place = key_of('service:' .. shard), SERVICE_PLACES[code]
  local record = call('HGET', key, id) or '||||||'
  local parts = {string.match(record, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|(.*)$')}
  if parts[place] ~= '' then return true end
  local was_open = parts[1] ~= '' and parts[3] == ''
  parts[place] = format('%d', at - base)
  if code == 'o' then parts[4] = detail elseif code == 'c' then parts[5] = detail end
  local is_open = parts[1] ~= '' and parts[3] == ''
  if is_open ~= was_open then add(serving, parts[4], is_open and 1 or -1) end
  call('HSET', key, id, table.concat(parts, '|'))
end

function appliers.s(sku, n, at)
  if at < counted_at(sku) then return end
  call('HSET', SHELF, 'on|' .. sku, n, 'at|' .. sku, format('%d', at))
  -- With its millisecond: a recording must tell which orders of its second the count had seen.
  local second = floor(at / 1000)
  local place = second % 60
  call('HSET', key_of('s:' .. floor(second / 60)),
    place .. '|counted|' .. sku, n, place .. '|counted_ms|' .. sku, at % 1000)
  shelf_at[sku], shelf_delta[sku] = at, 0
end

function appliers.l(sku, n, at)
  if at >= counted_at(sku) then add(shelf_delta, sku, n) end
  call('HINCRBY', SHELF, 'out|' .. sku, n)
  call('XADD', P .. 'log', '*', 'e', pack({type = 'stock.released', sku = sku, n = n, time = at}))
end

function appliers.b(event)
  call('RPUSH', P .. 'inbox', event)
end

local WIDTH, known = 7, ids_known()
local function apply_events(orders, ops)
  local done = 0
  local function apply_orders(upto)
    for first = done * WIDTH + 1, upto * WIDTH, WIDTH do
      apply_order(unpack(orders, first, first + WIDTH - 1))
    end
    done = upto
  end
  for _, op in ipairs(ops) do
    local code, name, orders_before, key = unpack(op, 1, 4)
    apply_orders(orders_before)
    if known[key] or appliers[code](unpack(op, 5)) then repeated(name) end
    known[key] = key ~= ''
  end
  apply_orders(#orders / WIDTH)
end

-- The first viewers are known one by one; of more, only the estimate that is kept beside goes on.
local KNOWN_VIEWERS, VIEWERS, ESTIMATE = 2000, P .. 'viewers', P .. 'uv'
local unique, newcomers = tonumber(facts[9] or 0), 0
local one_by_one = unique == 0 or (unique < KNOWN_VIEWERS and call('EXISTS', VIEWERS) == 1)
local function see(ids)
  for piece in pieces(ids) do
    local new = call('PFADD', ESTIMATE, unpack(piece))
    if one_by_one then new = call('SADD', touch(VIEWERS), unpack(piece)) end
    newcomers = newcomers + new
  end
end
local function seen()
  local known = unique
  if one_by_one then
    known = call('SCARD', VIEWERS)
    if known < KNOWN_VIEWERS then return known end
    call('DEL', VIEWERS)
  end
  return math.max(known, call('PFCOUNT', ESTIMATE))
end

local newest, board = tonumber(facts[3] or 0), false
local function apply(part)
  repeats, viewers = {}, part.viewers
  apply_events(part.orders, part.ops)
  for second, fields in pairs(part.seconds) do
    local sums = within(seconds, second)
    for field, sum in pairs(fields) do add(sums, field, sum) end
  end
  for _, gauge in ipairs(part.online) do show_gauge(unpack(gauge)) end
  see(viewers)
  newest, peak_online = math.max(newest, part.newest), math.max(peak_online, part.peak_online)
  board = board or part.board
end

local answer, applied = {rev, version}, false
for _, part in ipairs(flush.parts) do
  local status, told = admit(part), {}
  if status == 'ok' then
    apply(part)
    applied = true
    for name, n in pairs(repeats) do
      table.insert(told, name)
      table.insert(told, n)
    end
  end
  table.insert(answer, status)
  table.insert(answer, told)
end
if not applied then return answer end

book_steps()

-- What the tally summed per card, and what orders brought per SKU, is booked for the whole show as well.
for second, fields in pairs(seconds) do
  local by_item = within(items, second)
  for field, sum in pairs(fields) do
    local name, sku = string.match(field, '^([^|]+)|(.*)$')
    if name then add(within(by_item, sku), name, sum); fields[field] = nil end
  end
end

-- Booked thrice: in the series by second, in the series by minute, and in the totals.
local minutes, by_minute, whole = {}, new_book(), new_book()
for second, by_item in pairs(items) do
  local fields = within(seconds, second)
  for _, sums in pairs(by_item) do
    for name, sum in pairs(sums) do add(fields, name, sum) end
  end
end
for second, fields in pairs(seconds) do
  local minute, by_item = floor(second / 60), items[second] or {}
  if not minutes[minute] then minutes[minute] = new_book() end
  enter(minutes[minute], format('%d|', second % 60), fields, by_item)
  enter(by_minute, format('%d|', minute), fields, by_item)
  enter(whole, '', fields, by_item)
end

-- What is owed as fields of its hash; each holds orders and worth (msgpack values).
local function owed_fields(what)
  local fields = {}
  for minute, by_item in pairs(what) do
    for sku, owed in pairs(by_item) do fields[format('%d|%s', minute, sku)] = owed end
  end
  return fields
end
for _, by_item in pairs(unpaid) do
  for sku, owed in pairs(by_item) do
    for name, sum in pairs({unpaid_orders = owed.orders, unpaid_amount = owed.worth}) do
      add(totals, name, sum)
      add(within(item_totals, sku), name, sum)
    end
  end
end
local shelves = {}
for sku, delta in pairs(shelf_delta) do shelves['on|' .. sku] = delta end

for minute, book in pairs(minutes) do keep(key_of('s:' .. minute), book) end
keep(P .. 'm', by_minute)
rewrite(P .. 'unpaid', owed_fields(unpaid), still_owed)
rewrite(key_of('unshipped'), owed_fields(unshipped), still_owed)
rewrite(key_of('serving'), serving, still_open)
rewrite(SHELF, shelves, added)

-- With events for the board, the change of the board completes the transition: one revision, one notice.
if not board then
  rev = rev + 1
  answer[1] = rev
  totals.rev = 1
  call('SPUBLISH', P .. 'notices', 'changed|' .. rev)
end
enter(whole, '', totals, item_totals)
keep(N, whole)

local now_known = {'arrived', format('%d', flush.now)}
local function know(field, n)
  table.insert(now_known, field)
  table.insert(now_known, format('%d', n))
end
if newcomers > 0 then know('unique', seen()) end
if newest > 0 then know('newest', newest) end
if peak_online > 0 then know('peak_online', peak_online) end
call('HSET', N, unpack(now_known))

for key in pairs(touched) do call('PEXPIREAT', key, ends_at) end
return answer
