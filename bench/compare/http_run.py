"""Loads the HTTP servers: the Python reference, and Verdict's two programs under `verdict-gateway serve`."""

import json
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
import process_tree  # noqa: E402
import servers  # noqa: E402

import http_load  # noqa: E402

REFERENCE = "FastAPI + transformers fp32"
CONNECTIONS = (1, 16, 64)


def start(name, model, binaries, threads, golden):
    """The server of that row, listening."""
    if name == REFERENCE:
        return servers.start_reference(sys.executable, model)
    precision = name.rpartition(" ")[2]
    settings = {"SM_MODEL_DIR": str(model), "VERDICT_PRECISION": precision, "VERDICT_THREADS": str(threads)}
    if precision == "int8":
        settings["VERDICT_VERIFY_AT_LOAD"] = str(golden)
    server = servers.Server([str(binaries / "verdict-gateway"), "serve", "--http-listen", "127.0.0.1:0"], settings)
    server.port = server.wait_for_line(servers.listening_port)
    return server


def measure(server, texts, seconds, connections=CONNECTIONS):
    """Figures of a server that has just been started; keys end in the number of connections."""
    server.wait_until_ready()
    if (answer := server.classify(texts[0]))[0] != 200:
        raise RuntimeError(f"it answers {answer}")
    figures = {"start_s": time.monotonic() - server.started}
    bodies = [json.dumps({"text": text}).encode() for text in texts]
    for count in connections:
        outcome = http_load.run(server.port, bodies, count, seconds)
        figures |= {f"{name}_{count}": value for name, value in vars(outcome).items()}
    return figures | {"memory_mb": process_tree.tree_pss_bytes(server.process.pid) / 1e6}


def run(name, model, job):
    """One start, all levels. `job` has binaries, threads, texts and http_seconds."""
    with start(name, model, job.binaries, job.threads, job.exported / "golden.jsonl") as server:
        return measure(server, job.texts, job.http_seconds)
