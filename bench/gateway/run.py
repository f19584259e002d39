"""Compares the gateways: requests/s, latency and processor time over one and the same service. run.sh starts it."""

import argparse
import datetime
import json
import os
import pathlib
import signal
import sys
import tempfile
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench/compare"))
import figures  # noqa: E402
import http_load  # noqa: E402
import machine  # noqa: E402

import gateways  # noqa: E402
import report  # noqa: E402

CONNECTIONS = (1, 16, 64)
WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Request:
    """What is sent again and again."""

    path: str
    method: str
    body: bytes


def load(request, programs, connections, seconds):
    """Figures of one level of load; keys end in the number of connections. `programs` are the gateway and the service."""
    used = lambda: [gateways.cpu_seconds(program.process.pid) for program in programs]
    with tempfile.NamedTemporaryFile() as file:
        file.write(request.body + b"\n")
        file.flush()
        url = f"http://127.0.0.1:{programs[0].port}{request.path}"
        http_load.wrk(url, file.name, connections, WARM_UP_SECONDS, request.method)
        before, busy, begin = used(), machine.Others(), time.monotonic()
        found, generator = http_load.wrk(url, file.name, connections, seconds, request.method)
        others = busy.share()
        ours = [after - earlier for after, earlier in zip(used(), before)]
    answers = found["answers"] or found["failures"]  # of a path that is not there, the 404s are what is counted
    if answers == 0:
        raise RuntimeError(f"{request.path} gave no answer")
    named = {"requests_per_second": answers / found["seconds"], "p50_ms": found["p50_ms"], "p99_ms": found["p99_ms"],
             "cpu_us": 1e6 * ours[0] / answers, "failures": found["failures"], "generator": generator,
             "others": max(0.0, others - sum(ours) / (time.monotonic() - begin))}
    return {f"{name}_{connections}": value for name, value in named.items()}


def measure(name, options, service, target):
    """One start of a gateway: (figures with the RPC, figures of a path without one)."""
    requests = Request("/invocations", "POST", gateways.body(name)), Request("/nothing", "GET", b"")
    with gateways.start_gateway(name, options.binaries, options.grpc_gateway, target) as gateway:
        found = {}, {}
        for count in CONNECTIONS:
            for request, figures_of in zip(requests, found):
                figures_of |= load(request, (gateway, service), count, options.seconds)
        return found


def measure_all(options):
    """{name: rounds} with the RPC, and without. Every second round goes the other way round."""
    names = [gateways.OURS, *gateways.PEERS]
    with_rpc, without = ({name: [] for name in names} for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(options.rounds):
            for name in names if turn % 2 == 0 else reversed(names):
                print(f"round {turn + 1} of {options.rounds}: {name}", file=sys.stderr)
                address = "127.0.0.1:0" if options.tcp else f"unix:{folder}/service.sock"
                with gateways.start_service(options.binaries, address) as service:
                    target = gateways.target(address, service.port)
                    for found, rounds in zip(measure(name, options, service, target), (with_rpc, without)):
                        rounds[name].append(found)
    return with_rpc, without


def collect(options):
    """What report.py wants."""
    load_average, described = os.getloadavg()[0], machine.describe()
    os.sched_setaffinity(0, {gateways.OTHERS_CORE})  # wrk inherits it
    with_rpc, without = measure_all(options)
    entries = lambda all_rounds: {name: {"rounds": rounds, "medians": figures.medians(rounds)} for name, rounds in all_rounds.items()}
    return {
        "date": datetime.date.today().isoformat(), "load_average": load_average, "machine": described,
        "versions": {"commit": machine.versions(options.binaries)["commit"], **report.go_versions(options.grpc_gateway.with_name("go.mod"))},
        "settings": {"connections": list(CONNECTIONS), "rounds": options.rounds, "seconds": options.seconds,
                     "socket": "TCP on loopback" if options.tcp else "a Unix socket"},
        "gateways": entries(with_rpc), "without_rpc": entries(without),
    }


def render(results, options):
    """gateway.md and a picture; with --docs the same in docs/."""
    import plots  # matplotlib takes a second
    for folder, page in [(options.out, "gateway.md")] + ([(ROOT / "docs", "gateway_performance.md")] if options.docs else []):
        (folder / "images").mkdir(parents=True, exist_ok=True)
        plots.levels(folder / report.IMAGE, "requests per second by connections, gateway on one core", results["gateways"], CONNECTIONS)
        file = folder / page
        file.write_text(report.put_into(file.read_text(encoding="utf-8") if file.exists() else "", report.section(results)), encoding="utf-8")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of each level of load")
    parser.add_argument("--tcp", action="store_true", help="service and gateways meet over TCP, not at a Unix socket as in one container")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / "build/release/bin",
                        help="where verdict-gateway and gateway_bench_service are")
    parser.add_argument("--grpc-gateway", type=pathlib.Path, default=ROOT / "build/bench/grpc_gateway/grpc_gateway")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/bench")
    parser.add_argument("--docs", action="store_true", help="write docs/gateway_performance.md and docs/images as well")
    parser.add_argument("--render", action="store_true", help="measure nothing: pages from gateway.json")
    return parser.parse_args()


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped on the way out
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "gateway.json"
    if not options.render:
        if machine.cores() < 2:
            sys.exit("two cores are needed: one for the gateway, one for the load and the service")
        file.write_text(json.dumps(collect(options), indent=1) + "\n")
    render(json.loads(file.read_text()), options)
    print((options.out / "gateway.md").read_text())


if __name__ == "__main__":
    main()
