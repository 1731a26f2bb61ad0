#!lua
-- Adds events to a session, up to the first that cannot be taken. Decides as `producer.rs` does and drops
-- as `log.rs` does; a test compares them. A server that is full does not run it, as the line above says.
--
-- KEYS  the sessions by the time when they end; the session's events; its state
-- ARGV  session, channel, epoch for a new log, id of this server or '',
--       an epoch and a number that the receiver has seen in it, or '' and 0,
--       sessions at most, events at most, bytes at most, milliseconds of retention, runs remembered;
--       then for each event: run or '', attempt, number (20 digits each), '1' at the end of a run, frame
-- Gives how many were stored, were there before, made room; the epoch; the last number;
--       why the next one was refused or '', and a number that belongs to it
local sessions, events, state = KEYS[1], KEYS[2], KEYS[3]
local name, channel, fresh, server = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local seen_epoch, seen_head = ARGV[5], tonumber(ARGV[6])
local max_sessions, max_events, max_bytes = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local retention, remembered = tonumber(ARGV[10]), tonumber(ARGV[11])
local FIRST_EVENT, PER_EVENT, SERVERS = 12, 5, 8
local ONE = string.rep('0', 19) .. '1'

-- Lua writes large numbers with an exponent. The receiver's own numbers stay below 2^53.
local function digits(number)
  return string.format('%.0f', number)
end

-- Publishers' numbers may be any of 64 bits, which Lua's cannot hold, so they stay text.
local function after(number)
  local kept, digit, nines = string.match(number, '^(%d*)([0-8])(9*)$')
  return kept .. string.char(string.byte(digit) + 1) .. string.rep('0', #nines)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local saved = redis.call('HMGET', state, 'epoch', 'head', 'bytes', 'dropped', 'run', 'attempt',
  'last', 'began', 'earlier', 'servers')
local epoch, head, bytes = saved[1], tonumber(saved[2] or 0), tonumber(saved[3] or 0)
local dropped, run, attempt, last, began = saved[4] or '', saved[5], saved[6], saved[7], saved[8]
local earlier = saved[9] and cmsgpack.unpack(saved[9]) or {}
local servers = saved[10] or ''

if not epoch then
  redis.call('ZREMRANGEBYSCORE', sessions, '-inf', digits(now))
  redis.call('ZREM', sessions, name)
  if redis.call('ZCARD', sessions) >= max_sessions then
    return {0, 0, 0, '', '0', 'full', ''}
  end
  -- Events without their state can be left only by a server that drops keys to save memory.
  redis.call('DEL', events)
  epoch = fresh
elseif epoch == seen_epoch and head < seen_head then
  -- The server has forgotten events, whose ids must not be given to others.
  epoch = fresh
end
local head_before = head

local function begin(new_run, new_attempt, seq)
  if seq == ONE then
    began = '1'
  elseif began then
    return 'hole', ONE
  end
  if run and run ~= new_run then
    if #earlier >= remembered then
      table.remove(earlier, 1)
    end
    table.insert(earlier, run)
  end
  run, attempt, last = new_run, new_attempt, seq
  return 'new'
end

local function admit(new_run, new_attempt, seq)
  if new_run == '' then
    return 'new'
  end
  if new_run == run then
    if new_attempt < attempt then
      return 'older', attempt
    elseif new_attempt > attempt then
      return begin(new_run, new_attempt, seq)
    elseif seq <= last then
      return 'repeat'
    end
    local expected = after(last)
    if seq ~= expected then
      return 'hole', expected
    end
    last = seq
    return 'new'
  end
  for _, before in ipairs(earlier) do
    if before == new_run then
      return 'earlier', ''
    end
  end
  return begin(new_run, new_attempt, seq)
end

-- The frame as subscribers get it has a line `id: {epoch}-{number}` in front.
local function size(number, frame)
  return #epoch + #number + #frame + 6
end

local kept = redis.call('XLEN', events)
local stored, repeated, evicted, why, with = 0, 0, 0, '', ''
for at = FIRST_EVENT, #ARGV, PER_EVENT do
  local verdict, number = admit(ARGV[at], ARGV[at + 1], ARGV[at + 2])
  if verdict == 'new' then
    head = head + 1
    local id, frame = digits(head), ARGV[at + 4]
    if ARGV[at + 3] == '1' then
      redis.call('XADD', events, id .. '-0', 'frame', frame, 'done', '1')
    else
      redis.call('XADD', events, id .. '-0', 'frame', frame)
    end
    stored, kept, bytes = stored + 1, kept + 1, bytes + size(id, frame)
    while kept > max_events or bytes > max_bytes do
      local oldest = redis.call('XRANGE', events, '-', '+', 'COUNT', 1)[1]
      if not oldest then
        break
      end
      redis.call('XDEL', events, oldest[1])
      kept, evicted = kept - 1, evicted + 1
      bytes = bytes - size(string.match(oldest[1], '^%d+'), oldest[2][2])
      dropped = oldest[2][3] and '1' or ''
    end
  elseif verdict == 'repeat' then
    repeated = repeated + 1
  else
    why, with = verdict, number
    break
  end
end

if stored > 0 then
  local fields = {'epoch', epoch, 'head', digits(head), 'bytes', digits(bytes), 'dropped', dropped}
  local function set(field, value)
    table.insert(fields, field)
    table.insert(fields, value)
  end
  if run then
    set('run', run)
    set('attempt', attempt)
    set('last', last)
    if began then
      set('began', began)
    end
    set('earlier', cmsgpack.pack(earlier))
  end
  -- What the log held when each server wrote to it first shows whether that server had forgotten
  -- something.
  if server ~= '' and string.match(servers, '(%S+):%d+$') ~= server then
    local list = {}
    for known in string.gmatch(servers, '%S+') do
      table.insert(list, known)
    end
    table.insert(list, server .. ':' .. digits(head_before))
    if #list > SERVERS then
      table.remove(list, 1)
    end
    set('servers', table.concat(list, ' '))
  end
  redis.call('HSET', state, unpack(fields))
  redis.call('PUBLISH', channel, '')
end
if stored + repeated > 0 then
  local ends = digits(now + retention)
  redis.call('ZADD', sessions, ends, name)
  for _, key in ipairs(KEYS) do
    redis.call('PEXPIREAT', key, ends)
  end
end
return {stored, repeated, evicted, epoch, digits(head), why, with}
