"""docs/images/trace.svg: the spans of the usual one of 200 requests to `serve`, from HTTP to the batch it rode in, as a receiver got them.

    cd tests/e2e && ../../build/venv/bin/python trace_picture.py
"""

import sys

import programs
from otlp_receiver import OtlpReceiver
from tracing_test import HTTP_SPAN, PHASES, RPC_SPAN, batch_of, traced

sys.path.insert(0, str(programs.ROOT / "tools"))

import trace_waterfall  # noqa: E402

PICTURE = programs.ROOT / "docs/images/trace.svg"
TEXT = "I lost my card yesterday, can I get a new one before I leave on Friday?"
REQUESTS = 200


def usual(receiver):
    """The trace of the request that took as long as most do; None while spans are missing."""
    found = sorted((received.span.end_time_unix_nano - received.span.start_time_unix_nano, received.trace_id)
                   for received in receiver.spans() if received.span.name == HTTP_SPAN)
    return found[len(found) // 2][1] if len(found) == REQUESTS else None


def record():
    """The usual request's trace, and the spans of all traces, those of batches among them, as trace_waterfall reads them."""
    with OtlpReceiver("grpc") as receiver, traced(receiver.endpoint) as program, programs.Http(program.port) as connection:
        for _ in range(REQUESTS):
            assert connection.classify(TEXT)[0] == 200
        trace = programs.eventually(lambda: usual(receiver), "a span of every request")
        spans = receiver.trace(trace, [HTTP_SPAN, RPC_SPAN, *PHASES])
        batch_of(receiver, spans["compute"])  # is there
        return trace, [{"traceId": received.trace_id, "spanId": received.span_id, "parentSpanId": received.parent_id, "name": received.span.name,
                        "kind": received.span.kind, "service": received.service, "links": [{"spanId": link} for link in received.links],
                        "start": received.span.start_time_unix_nano, "end": received.span.end_time_unix_nano} for received in receiver.spans()]


if __name__ == "__main__":
    trace_id, everything = record()
    PICTURE.write_text(trace_waterfall.draw(trace_waterfall.rows_of(everything, trace_id)))
