/** What an entry takes in Redis besides its value: its name three times, and what holds them. */
export const ENTRY_OVERHEAD_BYTES = 400;

/**
 * Stores one answer of a project within the bytes that the project may have. What would expire first goes first; what has expired is
 * struck off the lists. The lists themselves go a day after the last entry that they could name.
 *
 * KEYS: the entry; the names by the time of their expiry; their bytes by name, the sum under "".
 * ARGV: the value, its name, what every entry's key begins with, milliseconds that it is kept, bytes that the project may have.
 * Returns 1, or 0 when it is larger than all that the project may have.
 */
export const STORE_SCRIPT = `
local value, name, prefix = ARGV[1], ARGV[2], ARGV[3]
local keepMs, mostBytes = tonumber(ARGV[4]), tonumber(ARGV[5])
local size = #value + ${ENTRY_OVERHEAD_BYTES}
if size > mostBytes then return 0 end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local total = tonumber(redis.call('HGET', KEYS[3], '') or '0')

local function strike(other)
  local bytes = redis.call('HGET', KEYS[3], other)
  if bytes then total = total - tonumber(bytes) end
  redis.call('HDEL', KEYS[3], other)
  redis.call('ZREM', KEYS[2], other)
end

for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)) do strike(other) end
strike(name)
while total + size > mostBytes do
  local first = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
  if not first then
    total = 0
    break
  end
  strike(first)
  redis.call('UNLINK', prefix .. first)
end
redis.call('SET', KEYS[1], value, 'PX', keepMs)
redis.call('ZADD', KEYS[2], now + keepMs, name)
redis.call('HSET', KEYS[3], name, size, '', string.format('%d', total + size))
for i = 2, 3 do
  local left = redis.call('PTTL', KEYS[i])
  if left < keepMs + 86400000 then redis.call('PEXPIRE', KEYS[i], keepMs + 86400000) end
end
return 1
`;

/**
 * Strikes off, with their bytes, the answers of one endpoint that were given up, among the next thousand names or so of a project.
 *
 * KEYS: the names by the time of their expiry; their bytes by name.
 * ARGV: the cursor (0 to begin), what every entry's key begins with, what the endpoint's names begin with, what those begin with that stay.
 * Returns the next cursor, 0 at the end.
 */
export const SWEEP_SCRIPT = `
local prefix, own, kept = ARGV[2], ARGV[3], ARGV[4]
local scanned = redis.call('ZSCAN', KEYS[1], ARGV[1], 'COUNT', 1000)
for i = 1, #scanned[2], 2 do
  local name = scanned[2][i]
  if string.sub(name, 1, #own) == own and string.sub(name, 1, #kept) ~= kept then
    local bytes = redis.call('HGET', KEYS[2], name)
    if bytes then redis.call('HINCRBY', KEYS[2], '', -tonumber(bytes)) end
    redis.call('HDEL', KEYS[2], name)
    redis.call('ZREM', KEYS[1], name)
    redis.call('UNLINK', prefix .. name)
  end
end
return scanned[1]
`;
