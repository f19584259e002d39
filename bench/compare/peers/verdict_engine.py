"""Verdict through its typed RPC: verdict-service as shipped, asked over loopback by a Python client."""

import importlib
import pathlib
import sys
import tempfile
import time

import grpc
import grpc_tools.protoc
import numpy

from peers.engine import Engine, process_tree

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests/e2e"))
import programs  # noqa: E402

TIMEOUT_S = 300
MOST_TEXTS = 1024  # of one request, verdict-service's own default


def generate_stubs(folder):
    """The modules classifier_pb2 and classifier_pb2_grpc."""
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{grpc_tools.protoc._get_resource_file_name('grpc_tools', '_proto')}",
                 f"--python_out={folder}", f"--grpc_python_out={folder}",
                 *map(str, sorted((ROOT / "proto/verdict/v1").glob("*.proto")))]
    if grpc_tools.protoc.main(arguments) != 0:
        raise RuntimeError("protoc failed")
    sys.path.insert(0, folder)
    return [importlib.import_module(f"verdict.v1.{name}") for name in ("classifier_pb2", "classifier_pb2_grpc")]


class VerdictEngine(Engine):
    """A service of its own on a free port. All texts of a call are one request, which the service batches as it likes (one for
    each 1,024). int8 is checked on answers of export.py, which is part of the start."""

    batches = ("one request",)

    def __init__(self, job, precision):
        self.folder = tempfile.TemporaryDirectory()
        self.messages, stubs = generate_stubs(self.folder.name)
        self.labels = job.facts()["labels"]
        self.started = time.monotonic()
        golden = [f"--verify-at-load={job.exported / 'golden.jsonl'}"] if precision == "int8" else []
        self.service = programs.service(f"--precision={precision}", f"--threads={job.threads}", *golden, model=job.model)
        try:
            ready = self.service.await_log("ready")
            if ready["precision"] != precision:
                raise AssertionError
        except AssertionError:
            self.service.__exit__()
            raise RuntimeError("; ".join(entry["message"] for entry in self.service.log[-2:])) from None
        self.channel = grpc.insecure_channel(f"127.0.0.1:{ready['port']}", options=[("grpc.max_receive_message_length", -1)])
        self.stub = stubs.ClassifierStub(self.channel)

    def scores(self, texts, batch):
        found = numpy.zeros((len(texts), self.labels), numpy.float32)
        calls = []
        for first in range(0, len(texts), MOST_TEXTS):
            part = texts[first:first + MOST_TEXTS]
            request = self.messages.ClassifyRequest(inputs=[self.messages.TextInput(text=text) for text in part])
            calls.append((found[first:first + MOST_TEXTS], self.stub.Classify.future(request, timeout=TIMEOUT_S, wait_for_ready=True)))
        for rows, call in calls:
            for row, result in zip(rows, call.result().results, strict=True):
                for label in result.labels:
                    row[label.label_id] = label.score
        return found

    def memory_bytes(self):
        return process_tree.tree_pss_bytes(self.service.process.pid)

    def close(self):
        self.channel.close()
        self.service.stop()
        self.folder.cleanup()
