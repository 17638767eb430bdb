/**
 * What Redis does at a gateway's turn; atomic, so that shares never sum to more than the limit.
 *
 * Each is given a target, and comes down to it as what it has used leaves its window; it goes up to it only out of what nobody holds. A gateway that is not
 * heard of for `deadMs` holds nothing any more, but what it had used counts on for `countsForMs`. After Redis was away, or has lost what
 * it held (`born` is young), shares are taken as they are told, nobody is taken for dead and nobody gets more, until all had time to tell.
 *
 * KEYS: the limit's hash, the presence hash.
 * ARGV: gateway, boot, limit, share, used, demand, need, waitedMs, countsForMs, deadMs, now (empty: Redis' clock), leaving.
 * Returns share, target, free.
 */
export const SHARE_SCRIPT = `
local me, boot = ARGV[1], ARGV[2]
local limit, share, used = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local demand, need, waited = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local countsForMs, deadMs = tonumber(ARGV[9]), tonumber(ARGV[10])
local now = tonumber(ARGV[11])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local key = KEYS[1]
local born = tonumber(redis.call('HGET', KEYS[2], 'born') or now)
local settled = now - born > deadMs
local gone = 0
local others = {}

local function retire(id, itsBoot, itsUsed, at)
  redis.call('HDEL', key, 'g:' .. id)
  local till = at + countsForMs
  if itsUsed > 0 and till > now then
    redis.call('HSET', key, 't:' .. id .. ':' .. itsBoot, itsUsed .. ' ' .. till)
    gone = gone + itsUsed
  end
end

local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  local field, value = all[i], all[i + 1]
  if string.sub(field, 1, 2) == 't:' then
    local amount, till = string.match(value, '^(%d+) (%d+)$')
    if tonumber(till) <= now or field == 't:' .. me .. ':' .. boot then
      redis.call('HDEL', key, field)
    else
      gone = gone + tonumber(amount)
    end
  else
    local id = string.sub(field, 3)
    local b, s, u, d, n, since, at = string.match(value, '^(%S+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
    local entry = { id = id, share = tonumber(s), used = tonumber(u), demand = tonumber(d), need = tonumber(n), since = tonumber(since) }
    if id == me and b == boot then
      -- What it tells now takes its place.
    elseif id == me or now - math.max(tonumber(at), born) > deadMs then
      retire(id, b, entry.used, tonumber(at))
    else
      others[#others + 1] = entry
    end
  end
end
redis.call('PEXPIRE', key, countsForMs + 20 * deadMs)

if ARGV[12] ~= '' then
  retire(me, boot, used, now)
  return { 0, 0, 0 }
end

local whole = math.max(limit - gone, 0)
local room, free, demands = whole, whole - used, demand
for _, o in ipairs(others) do
  room = room - math.max(o.share, o.used)
  free = free - o.used
  demands = demands + o.demand
end
if share > room then share = math.max(room, 0) end

-- The whole goes where it is asked for; a little stays with each, so that a first request finds something.
local entry = { id = me, used = used, demand = demand, need = need, since = 0 }
local live = { entry }
for _, o in ipairs(others) do live[#live + 1] = o end
table.sort(live, function(a, b) return a.id < b.id end)
local least = demands > 0 and demands / 50 or 1
local weights = demands + least * #live
local largest = nil
for _, g in ipairs(live) do g.weight = g.demand + least end

-- Who needs more at once than its part is given that first, the one that waits longest: parts that are too small for anybody are no use.
if need > math.floor(whole * entry.weight / weights) and need <= whole then entry.since = now - waited end
local first = nil
for _, g in ipairs(live) do
  if g.since > 0 and g.need <= whole and (first == nil or g.since < first.since) then first = g end
end
local rest = whole
if first then
  first.target = math.min(whole, first.used + first.need)
  rest, weights = whole - first.target, weights - first.weight
end
local given = 0
for _, g in ipairs(live) do
  if g ~= first then
    g.target = math.floor(rest * g.weight / weights)
    given = given + g.target
    if largest == nil or g.weight > largest.weight then largest = g end
  end
end
if largest then largest.target = largest.target + rest - given end
local target = entry.target

if settled and target > share then share = math.max(share, math.min(target, room)) end
redis.call('HSET', key, 'g:' .. me, table.concat({ boot, share, used, demand, need, entry.since, now }, ' '))
return { share, target, math.max(free, 0) }
`;

/**
 * Who is there. KEYS: the presence hash. ARGV: gateway, deadMs, now (empty: Redis' clock), leaving. Returns how many gateways were heard of
 * lately, this one included. `born` is when the present time without a gap began.
 */
export const PRESENCE_SCRIPT = `
local me, deadMs = ARGV[1], tonumber(ARGV[2])
local now = tonumber(ARGV[3])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
if ARGV[4] ~= '' then
  redis.call('HDEL', KEYS[1], 'g:' .. me)
  return 0
end
local born, newest, heard = 0, 0, {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at = tonumber(all[i + 1])
  if all[i] == 'born' then
    born = at
  else
    newest = math.max(newest, at)
    if all[i] ~= 'g:' .. me then heard[all[i]] = at end
  end
end
if born == 0 or now - newest > deadMs / 2 then
  born = now
  redis.call('HSET', KEYS[1], 'born', born)
end
local count = 1
for field, at in pairs(heard) do
  if now - math.max(at, born) > deadMs then redis.call('HDEL', KEYS[1], field) else count = count + 1 end
end
redis.call('HSET', KEYS[1], 'g:' .. me, now)
redis.call('PEXPIRE', KEYS[1], 20 * deadMs)
return count
`;
