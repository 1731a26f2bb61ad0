#!lua flags=allow-oom
-- Tells a receiver what it does not have yet of a session, and takes note of what was read.
-- Also when the server is full: it writes next to nothing.
--
-- KEYS  the sessions by the time when they end; the session's events; its state
-- ARGV  session, channel, epoch and last number that the receiver has, the number after it,
--       the server that wrote last when the receiver looked last, or '',
--       epoch and number of an end of a run that somebody was given, or '' and 0,
--       an epoch in case one is needed, '1' if the session is in use, milliseconds of retention,
--       events at most, bytes at most
-- Gives nothing when there is no such session; else epoch, last number, the last end of a run that was
--       given, '1' when the event before the oldest was an end, the server that wrote last, events:
--       for each number, frame, and '1' at the end of a run
local sessions, events, state = KEYS[1], KEYS[2], KEYS[3]
local name, channel, my_epoch, my_head, from = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local my_server, read_epoch, read = ARGV[6], ARGV[7], ARGV[8]
local fresh, in_use, retention = ARGV[9], ARGV[10] == '1', tonumber(ARGV[11])
local max_events, max_bytes = tonumber(ARGV[12]), tonumber(ARGV[13])
local PAGE = 16

local saved = redis.call('HMGET', state, 'epoch', 'head', 'read', 'dropped', 'servers')
local epoch, head, read_before, servers = saved[1], saved[2], saved[3] or '0', saved[5] or ''
if not epoch then
  return {}
end
local server = string.match(servers, '(%S+):%d+$') or ''

-- Whether the server has forgotten events that the receiver has.
local function has_forgotten()
  if tonumber(head) < my_head then
    return true
  end
  if server == my_server then
    return false
  end
  local since = my_server == ''
  for known, base in string.gmatch(servers, '(%S+):(%d+)') do
    if since and tonumber(base) < my_head then
      return true
    end
    since = since or known == my_server
  end
  return not since
end

if epoch == my_epoch and my_head > 0 and has_forgotten() then
  epoch = fresh
  redis.call('HSET', state, 'epoch', epoch)
  redis.call('PUBLISH', channel, '')
end
if read_epoch == epoch and tonumber(read) > tonumber(read_before) then
  read_before = read
  redis.call('HSET', state, 'read', read)
end
if in_use then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local ends = string.format('%.0f', now + retention)
  redis.call('ZADD', sessions, ends, name)
  for _, key in ipairs(KEYS) do
    redis.call('PEXPIREAT', key, ends)
  end
end

local start = epoch == my_epoch and from .. '-0' or '-'
local found, count, bytes = {}, 0, 0
while count < max_events and bytes < max_bytes do
  local page = redis.call('XRANGE', events, start, '+', 'COUNT', PAGE)
  for _, entry in ipairs(page) do
    local frame = entry[2][2]
    table.insert(found, string.match(entry[1], '^%d+'))
    table.insert(found, frame)
    table.insert(found, entry[2][3] and '1' or '')
    count, bytes = count + 1, bytes + #frame
  end
  if #page < PAGE then
    break
  end
  start = '(' .. page[#page][1]
end
return {epoch, head, read_before, saved[4] or '', server, found}
