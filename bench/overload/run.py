"""Loads Verdict, over HTTP and gRPC, and its peers with multiples of what each can do; writes a table and a picture.

    run.sh                 some seconds a point: a first look
    run.sh --docs          docs/overload_table.md and docs/images/overload.svg
"""

import argparse
import asyncio
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "bench/reference")]

import random_model  # noqa: E402
import servers  # noqa: E402

import open_loop  # noqa: E402
import report  # noqa: E402

WARM_UP_S = 2
CALLERS = 32  # that keep a server busy while its capacity is measured: enough for batches as full as under overload
WORDS = "where is the card that i ordered two weeks ago and why was i charged a fee for the transfer that never arrived".split()


def texts():
    """Of 6 to 22 words, as tickets are."""
    return [" ".join(WORDS[start:] + WORDS[:start])[: 30 + 7 * start] for start in range(len(WORDS))]


class Verdict:
    """`verdict-service serve`, asked over HTTP or gRPC."""

    def __init__(self, binaries, model, precision, over, pinned):
        self.name = f"Verdict {precision}, {over}"
        self._over, self._binaries, self._model, self._precision, self._pinned = over, binaries, model, precision, pinned

    def __enter__(self):
        grpc_port = servers.free_port()
        # At level info, where the log tells the port; a line for each request is part of what it does.
        environment = {"SM_MODEL_DIR": str(self._model), "VERDICT_LOG_LEVEL": "info", "VERDICT_PRECISION": self._precision}
        command = [*self._pinned, str(self._binaries / "verdict-gateway"), "serve", "--http-listen=127.0.0.1:0", f"--grpc-listen=127.0.0.1:{grpc_port}"]
        self._server = servers.Server(command, environment)
        self._server.__enter__()
        self._server.port = self._server.wait_for_line(servers.listening_port)
        self._server.wait_until_ready()
        self._port = self._server.port if self._over == "HTTP" else grpc_port
        return self

    def client(self):
        if self._over == "HTTP":
            return open_loop.HttpClient(self._port, "/invocations", lambda text: {"text": text})
        return open_loop.GrpcClient(self._port, *stubs())

    def __exit__(self, *error):
        self._server.__exit__(*error)


class Python:
    """A peer written in Python, with the same contract over HTTP."""

    def __init__(self, name, command, model, path):
        self.name, self._command, self._model, self._path = name, command, model, path

    def __enter__(self):
        self._port = servers.free_port()
        self._server = servers.Server([*self._command, str(self._port)], {"SM_MODEL_DIR": str(self._model), "HF_HUB_OFFLINE": "1"},
                                      directory=ROOT / "bench/reference")
        self._server.__enter__()
        self._server.port = self._port
        end = time.monotonic() + servers.START_LIMIT_S
        while True:
            try:
                if self._server.request("POST", self._path, json.dumps({"text": "a"}).encode())[0] == 200:
                    return self
            except OSError:
                pass
            if time.monotonic() > end or self._server.process.poll() is not None:
                raise RuntimeError(f"{self.name} did not start")
            time.sleep(0.2)

    def client(self):
        return open_loop.HttpClient(self._port, self._path, lambda text: {"text": text})

    def __exit__(self, *error):
        self._server.process.terminate()
        try:
            self._server.process.wait(servers.STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self._server.process.pid, signal.SIGKILL)  # LitServe leaves its workers behind
        except ProcessLookupError:
            pass
        self._server.__exit__(*error)


def stubs():
    """The generated modules of verdict.v1.Classifier."""
    out = pathlib.Path(tempfile.mkdtemp())
    import grpc_tools.protoc
    include = grpc_tools.protoc._get_resource_file_name("grpc_tools", "_proto")
    protos = [str(path) for path in (ROOT / "proto/verdict/v1").glob("*.proto")]
    assert grpc_tools.protoc.main(["", f"-I{ROOT / 'proto'}", f"-I{include}", f"--python_out={out}", f"--grpc_python_out={out}", *protos]) == 0
    sys.path.insert(0, str(out))
    return importlib.import_module("verdict.v1.classifier_pb2"), importlib.import_module("verdict.v1.classifier_pb2_grpc")


async def load(server, arguments):
    """Measures one server: what it can do, then multiples of that, up and down by turns, so that a machine whose speed changes favours none."""
    asked = texts()
    client = server.client()
    await open_loop.capacity(client, asked, CALLERS, WARM_UP_S)
    can = await open_loop.capacity(client, asked, CALLERS, arguments.seconds)
    outcomes = {factor: [] for factor in arguments.factors}
    for turn in range(arguments.rounds):
        for factor in arguments.factors[:: -1 if turn % 2 else 1]:
            outcome = await open_loop.open_loop(client, asked, factor * can, arguments.seconds, arguments.deadline_ms, seed=1 + turn)
            outcomes[factor].append(outcome)
            print(server.name, f"{factor}x", json.dumps(outcome.row(arguments.deadline_ms)), flush=True)
            await asyncio.sleep(arguments.deadline_ms / 1000)  # what is still queued shall not be the next level's burden
    await client.close()
    rows = [{"factor": factor, **open_loop.Outcome.of_rounds(rounds).row(arguments.deadline_ms)} for factor, rounds in outcomes.items()]
    return {"name": server.name, "seconds": arguments.rounds * arguments.seconds, "capacity": can, "rows": rows}


def processor():
    """Its name, as Linux tells it."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "processor unknown")


def contestants(arguments, model):
    python = str(arguments.python)
    pinned = ["taskset", "--cpu-list", arguments.server_cpus] if arguments.server_cpus else []
    verdict = lambda over: Verdict(arguments.binaries, model, arguments.precision, over, pinned)
    return {"http": verdict("HTTP"), "grpc": verdict("gRPC"),
            "fastapi": Python("FastAPI reference", [*pinned, python, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port"], model, "/invocations"),
            "litserve": Python("LitServe", [*pinned, python, str(ROOT / "bench/overload/litserve_app.py")], model, "/predict")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--python", type=pathlib.Path, default=sys.executable, help="with requirements.txt installed")
    parser.add_argument("--servers", nargs="+", default=["http", "grpc", "fastapi", "litserve"])
    parser.add_argument("--factors", nargs="+", type=float, default=[1, 2, 5, 10], help="of its capacity, a level of load each")
    parser.add_argument("--seconds", type=float, default=20, help="of each level of load, in each round")
    parser.add_argument("--rounds", type=int, default=1, help="how often all levels are gone through; every second time downwards")
    parser.add_argument("--server-cpus", metavar="LIST", help="run the servers on these processors alone, such as 0,2; keep this program off them")
    parser.add_argument("--deadline-ms", type=int, default=2000)
    parser.add_argument("--layers", type=int, default=12, help="of the model: 12 is as large as BERT base")
    parser.add_argument("--precision", choices=["fp32", "bf16", "int8"], default="fp32", help="of Verdict; the peers compute in fp32")
    parser.add_argument("--model", type=pathlib.Path, help="a model directory, in place of one with random weights")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "build/bench/overload.json")
    parser.add_argument("--add", action="store_true", help="keep what --results has of other servers, measured here before")
    parser.add_argument("--docs", action="store_true", help="write the table and the picture of docs/")
    parser.add_argument("--render", action="store_true", help="measure nothing: the table, and with --docs the files, from --results")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds: at least 1")
    if arguments.render:
        show(json.loads(arguments.results.read_text()), arguments.docs)
        return
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    model = arguments.model
    if model is None:
        model = ROOT / f"build/bench/overload_model_{arguments.layers}"
        if not (model / "model.safetensors").exists():
            random_model.write_model(model, hidden=768, layers=arguments.layers, vocabulary=30000)
    results = {"deadline_ms": arguments.deadline_ms, "processor": processor(), "processors": os.cpu_count(),
               "server_cpus": arguments.server_cpus, "layers": arguments.layers, "load_before": os.getloadavg()[0], "servers": []}
    if arguments.add:
        before = json.loads(arguments.results.read_text())
        if differ := [name for name in ("deadline_ms", "processor", "processors", "server_cpus", "layers") if before[name] != results[name]]:
            parser.error(f"{arguments.results} was measured with other {', '.join(differ)}")
        results["servers"] = before["servers"]
    known = contestants(arguments, model)
    for name in arguments.servers:
        with known[name] as server:
            results["servers"] = [other for other in results["servers"] if other["name"] != server.name]
            results["servers"].append(asyncio.run(load(server, arguments)))
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(json.dumps(results, indent=1))
    show(results, arguments.docs)


def show(results, in_docs):
    print(report.table(results))
    if in_docs:
        (ROOT / "docs/overload_table.md").write_text(report.page(results))
        report.picture(results, ROOT / "docs/images/overload.svg")


if __name__ == "__main__":
    main()
