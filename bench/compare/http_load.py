"""A closed-loop HTTP load by wrk: keep-alive connections, each sends the next body when its answer is there.

wrk, because the generator shares the machine's cores with the server, and costs little; its own share of a core is part of the
outcome, so that a figure bounded by the generator shows.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time
from dataclasses import dataclass

SCRIPT = pathlib.Path(__file__).resolve().with_name("http_load.lua")
TIMEOUT_S = 60
LEAST_ANSWERS = 3  # per connection: slow servers are loaded for longer than they were asked for, until there is a rate to tell
MOST_STRETCH = 4   # times as long, at most


@dataclass(frozen=True)
class Outcome:
    """One level of load."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    failures: int           # statuses of 400 and above, and connections that the server closed
    generator_share: float  # of one core


def wrk(url, bodies, connections, seconds, method="POST"):
    """What http_load.lua printed, and the share of a core that wrk took. `bodies` is a file with a body on each line."""
    command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={max(1, round(seconds))}s", f"--timeout={TIMEOUT_S}s",
               f"--script={SCRIPT}", url, "--", str(bodies), method]
    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        printed = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    if process.returncode != 0 or not lines:
        raise RuntimeError(f"wrk: {printed.strip()}")
    return json.loads(lines[-1]), (used.ru_utime + used.ru_stime) / (time.monotonic() - begin)


def stretched(seconds, connections, trial):
    """How long to load a server that answered `trial`."""
    if trial["answers"] == 0:
        return MOST_STRETCH * seconds
    each = connections * trial["seconds"] / trial["answers"]
    return min(MOST_STRETCH * seconds, max(seconds, LEAST_ANSWERS * each))


def run(port, bodies, connections, seconds):
    """Loads the server for a second that does not count and `seconds` or more that do. Whole seconds, one at least."""
    url = f"http://127.0.0.1:{port}/invocations"
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(body + b"\n" for body in bodies))
        file.flush()
        trial, _ = wrk(url, file.name, connections, 1)
        found, share = wrk(url, file.name, connections, stretched(seconds, connections, trial))
    if found["answers"] == 0:
        raise RuntimeError(f"no request succeeded, {found['failures']} failed")
    return Outcome(found["answers"] / found["seconds"], found["p50_ms"], found["p99_ms"], found["failures"], share)
