-- For wrk: sends the bodies of a file, a line each, one after the other; prints the outcome as one line of JSON.
--   wrk … -s http_load.lua URL -- BODIES_FILE [METHOD]      POST unless said
local requests, last = {}, 0

function init(args)
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format(args[2] or "POST", nil, {["Content-Type"] = "application/json"}, body)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

-- Times are in microseconds. `requests` are complete answers, those of a bad status among them.
function done(summary, latency, _)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"seconds": %f, "answers": %d, "failures": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.duration / 1e6, summary.requests - errors.status, failures, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
