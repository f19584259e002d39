"""The programs of the comparison: the service that both gateways ask, and the gateways, each on its core."""

import json
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench/reference"))
import servers  # noqa: E402

OURS = "Verdict gateway"
PEERS = {"grpc-gateway, 1 thread": "1", "grpc-gateway, 2 threads": "2"}  # GOMAXPROCS; the core is one in any case
GATEWAY_CORE, OTHERS_CORE = 0, 1

TEXT = "I lost my card yesterday, can I get a new one?"
LABEL = "lost_or_stolen_card"  # of fake_service.cc


def body(name):
    """What the gateway of that name is sent: the same text, in its own contract."""
    return json.dumps({"text": TEXT} if name == OURS else {"inputs": [{"text": TEXT}], "options": {"top_k": 1}}).encode()


def label(name, answer):
    """The label in an answer."""
    found = json.loads(answer)
    return found["prediction"]["label"] if name == OURS else found["results"][0]["labels"][0]["label"]


def logged(message, member):
    """A search for wait_for_line: that member of the log line with that message."""
    def find(line):
        try:
            entry = json.loads(line)
        except ValueError:
            return None
        return entry.get(member) if isinstance(entry, dict) and entry.get("message") == message else None
    return find


def pinned(command, core):
    return ["taskset", "--cpu-list", str(core), *map(str, command)]


def start_service(binaries, address):
    """gateway_bench_service, ready. `address` is where it listens."""
    service = servers.Server(pinned([binaries / "gateway_bench_service", "--grpc-listen", address], OTHERS_CORE), {})
    try:
        service.port = service.wait_for_line(logged("ready", "port"))
    except RuntimeError:
        service.__exit__()
        raise
    return service


def target(address, port):
    """Where a service that was told to listen at `address` is asked; `port` is the one it got."""
    return address if address.startswith("unix:") else address.rpartition(":")[0] + f":{port}"


def command(name, binaries, grpc_gateway, target):
    """(command, environment, port) of a gateway that asks the service at `target`. Without a port it logs which one it took."""
    if name == OURS:  # at the level that logs the port, requests would be logged as well
        port = servers.free_port()
        program = [binaries / "verdict-gateway", "--http-listen", f"127.0.0.1:{port}", "--service-address", target]
        return program, {"VERDICT_LOG_LEVEL": "warning"}, port
    return [grpc_gateway, "--listen", "127.0.0.1:0", "--service", target], {"GOMAXPROCS": PEERS[name]}, None


def start_gateway(name, binaries, grpc_gateway, target):
    """A gateway that has answered a text rightly."""
    program, environment, port = command(name, binaries, grpc_gateway, target)
    server = servers.Server(pinned(program, GATEWAY_CORE), environment)
    try:
        server.port = port or server.wait_for_line(logged("listening", "port"))
        await_answer(server, name)
    except (RuntimeError, OSError):
        server.__exit__()
        raise
    return server


def await_answer(server, name):
    """Asks until the gateway is there; then its answer must be right."""
    while True:
        try:
            status, _, answer = server.request("POST", "/invocations", body(name))
            break
        except ConnectionError:
            if server.process.poll() is not None or time.monotonic() > server.started + servers.START_LIMIT_S:
                raise
    if status != 200 or label(name, answer) != LABEL:
        raise RuntimeError(f"{name} answers {status} {answer[:200]!r}")


def cpu_seconds(process, stat=None):
    """Processor time that a process has used, all its threads together, out of /proc."""
    stat = stat or pathlib.Path(f"/proc/{process}/stat").read_text()
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
