"""The same trace in a real OpenTelemetry Collector, which reads both protocols with code that is none of ours."""

import json
import socket
import subprocess

import pytest

import programs
from tracing_test import HTTP_SPAN, PHASES, PROTOCOLS, RPC_SPAN, new_parent, traced

SCRIPT = programs.ROOT / "scripts/otelcol.sh"
NEEDS_A_NEWER_GO = 3


class Collector:
    """A collector with a file for its spans. Its own telemetry is off: it would take a port."""

    def __init__(self, folder):
        self.file = folder / "spans.json"
        self.ports = dict(zip(PROTOCOLS, programs.free_ports(len(PROTOCOLS))))
        config = folder / "config.json"  # YAML that is JSON
        config.write_text(json.dumps({
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{self.ports['grpc']}"},
                                                 "http": {"endpoint": f"127.0.0.1:{self.ports['http/protobuf']}"}}}},
            "exporters": {"file": {"path": str(self.file), "flush_interval": "50ms"}},
            "service": {"telemetry": {"metrics": {"level": "none"}}, "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["file"]}}}}))
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen([SCRIPT, "--config", f"file:{config}"], stdout=self.log, stderr=self.log)

    def await_ready(self):
        def ready():
            assert self.process.poll() is None, (folder_log(self.log))
            for port in self.ports.values():
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                except OSError:
                    return False
            return True
        programs.eventually(ready, "the collector listens")

    def spans(self, trace):
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        spans = []
        for line in lines:
            try:
                batches = json.loads(line)["resourceSpans"]
            except ValueError:  # half a line: it is being written
                continue
            spans += [span for batch in batches for scope in batch["scopeSpans"] for span in scope["spans"]]
        return [span for span in spans if trace is None or span["traceId"] == trace]


def folder_log(log):
    log.seek(0)
    return log.read()[-2000:]


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    built = subprocess.run([SCRIPT, "--version"], capture_output=True, text=True)
    if built.returncode == NEEDS_A_NEWER_GO:
        pytest.skip(built.stderr.strip())
    assert built.returncode == 0, built.stderr
    collector = Collector(tmp_path_factory.mktemp("otelcol"))
    try:
        collector.await_ready()
        yield collector
    finally:
        collector.process.terminate()
        collector.process.wait(programs.STOP_TIMEOUT)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_collector_has_the_whole_trace(collector, protocol):
    header, trace, caller = new_parent()
    with traced(f"http://127.0.0.1:{collector.ports[protocol]}", protocol) as program:
        with programs.Http(program.port) as connection:
            assert connection.classify("seen by a collector", traceparent=header)[0] == 200
        expected = sorted([HTTP_SPAN, RPC_SPAN, RPC_SPAN, *PHASES])
        programs.eventually(lambda: sorted(span["name"] for span in collector.spans(trace)) == expected, f"{expected} in the collector's file")
        assert program.stop() == 0
    spans = {(span["name"], span["kind"]): span for span in collector.spans(trace)}
    assert spans[HTTP_SPAN, 2]["parentSpanId"] == caller
    assert spans[RPC_SPAN, 3]["parentSpanId"] == spans[HTTP_SPAN, 2]["spanId"]
    assert spans[RPC_SPAN, 2]["parentSpanId"] == spans[RPC_SPAN, 3]["spanId"]
    (link,) = spans["compute", 1]["links"]
    assert any(span["name"] == "batch" and span["spanId"] == link["spanId"] for span in collector.spans(link["traceId"]))
