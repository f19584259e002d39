"""A model that is slow, and more requests than it can answer: what is refused, how, and who is not held up."""

import json
import threading
import time

import grpc
import pytest

import programs
import random_model

TEXT = " ".join(f"word{i}" for i in range(40))


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """`serve` on a model that takes tens of milliseconds for a text, after the passes that it learns from."""
    model = random_model.write_model(tmp_path_factory.mktemp("slow") / "model", hidden=512, layers=12, vocabulary=1000)
    grpc_address = f"unix:{tmp_path_factory.mktemp('socket')}/grpc.sock"
    with programs.serve(model=model, environment={"VERDICT_GRPC_LISTEN": grpc_address, "VERDICT_THREADS": "1"}) as program:
        program.port = program.await_log("listening")["port"]
        program.grpc_address = grpc_address
        programs.await_ping(program.port)
        with programs.Http(program.port) as connection:
            for _ in range(5):
                assert connection.classify(TEXT)[0] == 200
            assert classify_many(connection, 64)[0] == 200
        yield program


def classify_many(connection, count, **headers):
    return connection.send("POST", "/invocations", json.dumps({"inputs": [TEXT] * count}), Content_Type="application/json", **headers)


def at_once(count, ask):
    """What `ask()` returned or raised on each of so many threads that began together."""
    gate, results = threading.Barrier(count), []

    def run():
        gate.wait()
        try:
            results.append(ask())
        except Exception as error:  # the test looks at it
            results.append(error)
    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(programs.STOP_TIMEOUT)
    return results


def keeps_busy(program, count=150):
    """A request that takes seconds, begun."""
    def run():
        with programs.Http(program.port) as connection:
            background.answer = classify_many(connection, count, x_client_id="batch")
            background.ended = time.monotonic()
    background = threading.Thread(target=run)
    background.start()
    return background


def test_what_would_be_late_is_a_429_that_says_when_to_try_again(slow):
    def ask():
        with programs.Http(slow.port) as connection:
            begin = time.monotonic()
            status, headers, body = connection.classify(TEXT, x_request_timeout_ms="500")
            return status, headers, body, time.monotonic() - begin
    with programs.Http(slow.port) as connection:  # one is answered by itself
        assert connection.classify(TEXT, x_request_timeout_ms="5000")[0] == 200
    results = at_once(100, ask)
    refused = [result for result in results if result[0] == 429]
    assert {result[0] for result in results} <= {200, 429, 504} and len(refused) > 20, [result[0] for result in results]
    for _, headers, body, _ in refused:
        assert 1 <= int(headers["Retry-After"]) <= 13
        assert 100 <= int(headers["x-retry-after-ms"]) <= 12_500
        assert int(headers["Retry-After"]) == -(-int(headers["x-retry-after-ms"]) // 1000)
        assert b"overloaded" in body


def test_over_grpc_it_is_resource_exhausted_with_retry_info(slow, stubs):
    pb, service = stubs("classifier_pb2"), stubs("classifier_pb2_grpc")
    with grpc.insecure_channel(slow.grpc_address) as channel:
        stub = service.ClassifierStub(channel)
        request = pb.ClassifyRequest(inputs=[pb.TextInput(text=TEXT)])
        results = at_once(100, lambda: stub.Classify(request, timeout=0.5))
    refused = [error for error in results if isinstance(error, grpc.RpcError) and error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED]
    assert len(refused) > 20
    for error in refused:
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        assert b"OVERLOADED" in details and b"google.rpc.RetryInfo" in details


def test_a_large_request_does_not_hold_up_small_ones(slow):
    large = keeps_busy(slow)
    with programs.Http(slow.port) as connection:
        answered = 0
        while large.is_alive():
            if connection.classify(TEXT)[0] == 200 and large.is_alive():
                answered += 1
    large.join(programs.STOP_TIMEOUT)
    assert large.answer[0] == 200
    assert answered >= 3


def test_records_are_read_more_slowly_and_not_refused(slow):
    large = keeps_busy(slow, 100)
    with programs.Http(slow.port) as connection:
        body = "".join(json.dumps({"text": TEXT}) + "\n" for _ in range(50))
        status, _, answer = connection.send("POST", "/invocations", body, Content_Type="application/jsonlines")
    large.join(programs.STOP_TIMEOUT)
    lines = [json.loads(line) for line in answer.splitlines()]
    assert status == 200 and len(lines) == 50 and all("prediction" in line for line in lines), lines[:2]
