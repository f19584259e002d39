"""Traces from HTTP to the batch, as a receiver with OpenTelemetry's own message classes sees them; and what a receiver that is away costs."""

import concurrent.futures
import contextlib
import json
import secrets
import socket
import time

import pytest

import programs
from exposition import scrape
from otlp_receiver import OtlpReceiver

PROTOCOLS = ["grpc", "http/protobuf"]
HTTP_SPAN = "POST /invocations"
RPC_SPAN = "verdict.v1.Classifier/Classify"
SERVER, CLIENT, INTERNAL = 2, 3, 1  # of SpanKind
PHASES = ["tokenize", "queue", "compute"]


@contextlib.contextmanager
def traced(endpoint, protocol="grpc", **more):
    """`serve`, whose two processes send their spans to `endpoint` within milliseconds."""
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_BSP_SCHEDULE_DELAY": "20", **more}
    with programs.serve(environment=environment) as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        yield program


@pytest.fixture(scope="module", params=PROTOCOLS)
def receiver(request):
    with OtlpReceiver(request.param) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def program(receiver):
    with traced(receiver.endpoint, receiver.protocol, OTEL_EXPORTER_OTLP_HEADERS="x-team=mail",
                OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test") as program:
        yield program


def new_parent(sampled=True):
    """A traceparent as a caller sends it, its trace id and its span id."""
    trace, span = secrets.token_hex(16), secrets.token_hex(8)
    return f"00-{trace}-{span}-{'01' if sampled else '00'}", trace, span


def rpc_spans(receiver, trace):
    """The client's and the server's span of the call, which have the same name."""
    def find():
        found = {received.span.kind: received for received in receiver.spans() if received.trace_id == trace and received.span.name == RPC_SPAN}
        return found if {SERVER, CLIENT} <= set(found) else None
    spans = programs.eventually(find, "both spans of the call")
    return spans[CLIENT], spans[SERVER]


def batch_of(receiver, compute):
    (batch_id,) = compute.links
    return programs.eventually(lambda: next((received for received in receiver.spans() if received.span_id == batch_id), None), "the batch's span")


def test_one_trace_leads_from_http_to_the_batch(receiver, program):
    header, trace, caller = new_parent()
    with programs.Http(program.port) as connection:
        status, headers, _ = connection.classify("one trace", traceparent=header, tracestate="vendor=1", x_request_id="trace-me")
    assert status == 200
    spans = receiver.trace(trace, [HTTP_SPAN, RPC_SPAN, *PHASES])
    http_span = spans[HTTP_SPAN]
    client, server = rpc_spans(receiver, trace)
    assert http_span.parent_id == caller
    assert client.parent_id == http_span.span_id
    assert server.parent_id == client.span_id
    assert {spans[phase].parent_id for phase in PHASES} == {server.span_id}
    assert (http_span.span.kind, client.span.kind, server.span.kind, spans["compute"].span.kind) == (SERVER, CLIENT, SERVER, INTERNAL)
    assert http_span.span.trace_state == server.span.trace_state == "vendor=1"
    assert [http_span.service, client.service, server.service] == ["verdict-gateway", "verdict-gateway", "verdict-service"]

    # Within each other in time, as far as one clock allows.
    assert http_span.span.start_time_unix_nano <= client.span.start_time_unix_nano <= server.span.start_time_unix_nano
    assert server.span.end_time_unix_nano <= client.span.end_time_unix_nano <= http_span.span.end_time_unix_nano
    ends = [server.span.start_time_unix_nano]
    for phase in PHASES:
        assert ends[-1] <= spans[phase].span.start_time_unix_nano <= spans[phase].span.end_time_unix_nano <= server.span.end_time_unix_nano
        ends.append(spans[phase].span.end_time_unix_nano)

    # The batch is a trace of its own, and each knows the other.
    batch = batch_of(receiver, spans["compute"])
    assert batch.span.name == "batch" and batch.trace_id != trace and batch.parent_id == ""
    assert server.span_id in batch.links
    assert batch.attributes["verdict.batch.sequences"] >= 1

    # What OpenTelemetry's conventions ask for.
    assert {"http.request.method": "POST", "http.route": "/invocations", "http.response.status_code": 200, "url.path": "/invocations",
            "url.scheme": "http", "verdict.dialect": "sagemaker", "verdict.request_id": "trace-me"}.items() <= http_span.attributes.items()
    assert {"rpc.system": "grpc", "rpc.service": "verdict.v1.Classifier", "rpc.method": "Classify",
            "rpc.grpc.status_code": 0}.items() <= client.attributes.items() & server.attributes.items()
    assert server.attributes["verdict.model"] == "default" and server.attributes["verdict.tokens"] > 2
    assert server.resource["deployment.environment.name"] == "test" and server.resource["service.version"]
    assert any(headers.get("x-team") == "mail" for headers in receiver.headers)


def test_a_request_without_a_trace_begins_one_and_a_probe_does_not(receiver, program):
    before = len(receiver.spans())
    with programs.Http(program.port) as connection:
        assert connection.send("GET", "/ping")[0] == 200
        connection.classify("no parent", x_request_id="orphan")
    def root():
        return next((received for received in receiver.spans()[before:] if received.attributes.get("verdict.request_id") == "orphan" and received.span.name == HTTP_SPAN), None)
    span = programs.eventually(root, "the first span of a new trace")
    assert span.parent_id == ""
    receiver.trace(span.trace_id, [HTTP_SPAN, RPC_SPAN, *PHASES])
    assert not [received for received in receiver.spans() if "/ping" in received.span.name]


@pytest.mark.parametrize("state", ["vendor=1,\tother=2", "\tvendor=1", "vendor=\xe4", "v=" + "x" * 600])
def test_no_tracestate_ends_the_gateway(receiver, program, state):
    header, trace, _ = new_parent()
    with programs.Http(program.port) as connection:
        assert connection.classify("a state", traceparent=header, tracestate=state)[0] == 200
        assert connection.send("GET", "/models", traceparent=header, tracestate=state)[0] == 200
    assert program.process.poll() is None
    receiver.trace(trace, [HTTP_SPAN, RPC_SPAN, *PHASES])


def test_what_the_caller_does_not_record_is_not_recorded(receiver, program):
    header, trace, _ = new_parent(sampled=False)
    marker, marked, _ = new_parent()
    with programs.Http(program.port) as connection:
        connection.classify("not recorded", traceparent=header)
        connection.classify("recorded, and later", traceparent=marker)
    receiver.trace(marked, [HTTP_SPAN, RPC_SPAN, *PHASES])
    assert trace not in {received.trace_id for received in receiver.spans()}


def test_failures_are_told(receiver, program):
    header, trace, _ = new_parent()
    with programs.Http(program.port) as connection:
        assert connection.send("POST", "/invocations", "{}", Content_Type="application/json", traceparent=header)[0] == 400
        late, late_trace, _ = new_parent()
        status = connection.classify("late " * 5000, traceparent=late, x_request_timeout_ms="1")[0]
    refused = receiver.trace(trace, [HTTP_SPAN])[HTTP_SPAN]
    assert refused.attributes["http.response.status_code"] == 400
    assert refused.span.status.code == 0  # the caller's mistake is none of the server's
    if status == 504:
        timed_out = receiver.trace(late_trace, [HTTP_SPAN])[HTTP_SPAN]
        assert timed_out.span.status.code == 2 and timed_out.attributes["error.type"] == "504"


@pytest.mark.parametrize("process", ["verdict-gateway", "verdict-service"])
def test_spans_that_were_taken_are_counted(receiver, program, process):
    before = scrape(program.port).value("verdict_spans_exported_total", process=process)
    header, trace, _ = new_parent()
    with programs.Http(program.port) as connection:
        assert connection.classify("one more trace", traceparent=header)[0] == 200
    receiver.trace(trace, [HTTP_SPAN, RPC_SPAN, *PHASES])
    least = before + {"verdict-gateway": 2, "verdict-service": 1 + len(PHASES)}[process]
    programs.eventually(lambda: scrape(program.port).value("verdict_spans_exported_total", process=process) >= least, "the spans are counted")
    assert scrape(program.port).values("verdict_spans_dropped_total", process=process) == {"full": 0, "failed": 0}


def test_requests_of_one_batch_link_to_it(receiver, program):
    def one(number):
        header, trace, _ = new_parent()
        with programs.Http(program.port) as connection:
            assert connection.classify(f"rides along {number} " * 40, traceparent=header)[0] == 200
        return trace

    def shared():
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            traces = set(pool.map(one, range(24)))
        computes = [receiver.trace(trace, PHASES)["compute"] for trace in traces]
        by_batch = {}
        for compute in computes:
            for batch in compute.links:
                by_batch.setdefault(batch, []).append(compute)
        return next((item for item in by_batch.items() if len(item[1]) > 1), None)

    batch_id, riders = programs.eventually(shared, "a batch of several requests")
    batch = batch_of(receiver, riders[0])
    assert batch.span_id == batch_id and batch.attributes["verdict.batch.sequences"] >= len(riders)
    assert {compute.parent_id for compute in riders} <= batch.links  # the spans of their calls


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("state", ["away", "hanging"])
def test_a_receiver_that_does_not_answer_costs_spans_and_nothing_else(protocol, state):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if state == "hanging":
            listener.listen()  # connections are made, and never read
        with traced(f"http://127.0.0.1:{listener.getsockname()[1]}", protocol, OTEL_EXPORTER_OTLP_TIMEOUT="300",
                    VERDICT_TRACE_QUEUE_SPANS="16") as program:
            with programs.Http(program.port) as connection:
                for number in range(50):
                    assert connection.classify(f"nobody listens {number}")[0] == 200
            for process in ["verdict-gateway", "verdict-service"]:
                programs.eventually(lambda: [entry for entry in program.log if entry["message"].startswith("traces cannot be exported") and entry["process"] == process],
                                    f"{process} says so")
                programs.eventually(lambda: scrape(program.port).value("verdict_spans_dropped_total", process=process, reason="failed") > 0, f"{process} counts them")
                assert scrape(program.port).value("verdict_spans_exported_total", process=process) == 0
            begun = time.monotonic()
            assert program.stop() == 0
            assert time.monotonic() - begun < 15
            warnings = [entry for entry in program.log if entry["message"].startswith("traces cannot be exported")]
            assert len(warnings) == 2  # once for each process, not once for each try
            assert sum(entry.get("dropped", 0) for entry in program.log if entry["message"] == "tracing stopped") > 0


def test_without_an_endpoint_nothing_is_traced():
    with programs.serve() as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        with programs.Http(program.port) as connection:
            connection.classify("untraced", x_request_id="untraced")
        programs.eventually(lambda: [entry for entry in program.log if entry.get("request_id") == "untraced"], "the access line")
        assert "trace_id" not in next(entry for entry in program.log if entry.get("request_id") == "untraced")


def test_a_bad_endpoint_is_told_at_the_start():
    for name in ["verdict-service", "verdict-gateway"]:
        with programs.Program(name, "--otlp-endpoint=ftp://collector") as program:
            assert program.wait() != 0
            assert "--otlp-endpoint" in json.dumps(program.log)
