"""What a request costs verdict-gateway with logs and traces on and off: processor time per request, and requests a second.

    python3 bench/telemetry/cost.py BINARIES [--seconds 4] [--rounds 3] [--collector FILE]

BINARIES holds verdict-gateway and gateway_bench_service (-DVERDICT_BENCH=ON). Needs wrk. The rounds of all settings alternate. Traces
go to a receiver that takes and forgets them, or, with --collector, to an OpenTelemetry Collector (scripts/otelcol.sh). Processor
time is the figure to compare: it does not depend on what else runs.
"""

import argparse
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import threading

SETTINGS = {
    "no access log, no traces": ["--access-log=off"],
    "access log, every request": ["--access-log=all"],
    "access log, 1 %": ["--access-log=all", "--access-log-sample-rate=0.01"],
    "traces, 1 %": ["--access-log=off", "--trace-sample-rate=0.01", "{endpoint}"],
    "traces, every request": ["--access-log=off", "--trace-sample-rate=1", "{endpoint}"],
}
BODY = json.dumps({"text": "I love this product"})
LUA = f"wrk.method='POST' wrk.body={json.dumps(BODY)} wrk.headers['Content-Type']='application/json'"


class Forgetful:
    """An HTTP receiver of OTLP as cheap as Python allows."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    @staticmethod
    def serve(connection):
        stream = connection.makefile("rb")
        while stream.readline():
            length = 0
            while (line := stream.readline().strip()):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            stream.read(length)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(command, message):
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    for line in process.stderr:
        entry = json.loads(line)
        if entry["message"] == message:
            threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()  # a reader that keeps up
            return process, entry
    raise SystemExit(f"{command[0]} did not start")


def measure(port, pid, seconds, script):
    before = processor_seconds(pid)
    out = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}/invocations"],
                         capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    requests = int(re.search(r"(\d+) requests in", out)[1])
    return (processor_seconds(pid) - before) / requests * 1e6, requests / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--service", type=pathlib.Path, help="gateway_bench_service, where it is elsewhere")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--collector", help="an OTLP/HTTP endpoint to send to")
    arguments = parser.parse_args()
    endpoint = arguments.collector or Forgetful().endpoint
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "post.lua")
        script.write_text(LUA)
        service = subprocess.Popen([arguments.service or arguments.binaries / "gateway_bench_service", "--grpc-listen", f"unix:{folder}/service"],
                                   stderr=subprocess.DEVNULL)
        gateways = {}
        try:
            for name, flags in SETTINGS.items():
                flags = [f"--otlp-endpoint={endpoint}" if flag == "{endpoint}" else flag for flag in flags]
                gateways[name] = start([arguments.binaries / "verdict-gateway", "--http-listen=127.0.0.1:0", f"--service-address=unix:{folder}/service",
                                        "--otlp-protocol=http/protobuf", *flags], "listening")
            found = {name: [] for name in SETTINGS}
            for name, (process, entry) in gateways.items():
                measure(entry["port"], process.pid, 1, script)
            for _ in range(arguments.rounds):
                for name, (process, entry) in gateways.items():
                    found[name].append(measure(entry["port"], process.pid, arguments.seconds, script))
        finally:
            for process, _ in gateways.values():
                process.terminate()
            for process, _ in gateways.values():
                process.wait()
            service.terminate()
            service.wait()
    print("| setting | µs of processor per request | requests/s |\n|---|---:|---:|")
    for name, values in found.items():
        print(f"| {name} | {statistics.median(value[0] for value in values):.1f} | {statistics.median(value[1] for value in values):,.0f} |")


if __name__ == "__main__":
    main()
