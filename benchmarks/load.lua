-- One body, with a new id at each mark, for every request.  wrk -s load.lua URL -- BODY-FILE FIRST-ID
--
-- Ids are 18 digits, so the body's length never changes and the head is written once.
-- 459 and a counter, in two halves: a Lua number holds 53 bits exactly.

local pieces, head, count = {}, nil, 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local body = file:read("*a")
  file:close()
  count = tonumber(args[2])
  local from = 1
  while true do
    local first, last = body:find("<id>", from, true)
    if not first then break end
    pieces[#pieces + 1] = body:sub(from, first - 1)
    pieces[#pieces + 1] = ""
    from = last + 1
  end
  pieces[#pieces + 1] = body:sub(from)
  local length = #body + (#pieces - 1) / 2 * (18 - #"<id>")
  head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
    .. "\r\nContent-Type: application/json\r\nContent-Length: " .. length .. "\r\n\r\n"
end

function request()
  for place = 2, #pieces, 2 do
    pieces[place] = string.format("459%015d", count)
    count = count + 1
  end
  return head .. table.concat(pieces)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
