"""The shim itself, over a container made for it: a test that passes because its platform is lenient would say nothing."""

import http.server
import json
import threading

import botocore.exceptions
import pytest

import sagemaker_batch
from sagemaker_client import client_of
from sagemaker_shim import MOST_BYTES, Container, Shim


class FakeContainer(http.server.BaseHTTPRequestHandler):
    """Answers what the body asks for; holds `room` models."""

    protocol_version = "HTTP/1.1"
    room = 2
    loaded = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/models":
            return self.load(json.loads(body)["model_name"])
        if self.path.startswith("/models/"):
            return self.answer(200, self.path.split("/")[2].encode())
        if body == b"break":
            return self.break_off()
        status = int(body) if body.strip().isdigit() else 200
        self.answer(status, json.dumps(dict(self.headers)).encode() if status == 200 else b"why " + body, {"X-Other": "1"})

    def do_DELETE(self):
        self.loaded.remove(self.path.split("/")[2])
        self.answer(200, b"")

    def do_GET(self):
        self.answer(404, b"")

    def load(self, name):
        if len(self.loaded) >= self.room:
            return self.answer(507, b"no room")
        self.loaded.append(name)
        self.answer(200, b"")

    def break_off(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n10\r\nbut")
        self.close_connection = True

    def answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


@pytest.fixture
def container():
    handler = type("Handler", (FakeContainer,), {"loaded": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.handler = handler
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def runtime(container):
    with Shim(container.server_port) as shim:
        yield client_of(shim)


def test_only_headers_of_the_contract_pass(runtime):
    answer = runtime.invoke_endpoint(EndpointName="e", Body=b"x", ContentType="a/b", CustomAttributes="c", InferenceId="i")
    arrived = {name.lower(): value for name, value in json.loads(answer["Body"].read()).items()}
    assert arrived["content-type"] == "a/b"
    assert arrived["x-amzn-sagemaker-custom-attributes"] == "c"
    assert arrived["x-amzn-sagemaker-inference-id"] == "i"
    assert not {"authorization", "user-agent", "x-amz-date"} & arrived.keys()
    passed_back = answer["ResponseMetadata"]["HTTPHeaders"]
    assert "x-other" not in passed_back
    assert passed_back["x-amzn-sagemaker-custom-attributes"] == "", "a container that does not echo them"


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_every_failure_of_the_container_is_a_model_error(runtime, status):
    with pytest.raises(runtime.exceptions.ModelError) as raised:
        runtime.invoke_endpoint(EndpointName="e", Body=str(status).encode())
    response = raised.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == status
    assert response["OriginalMessage"] == f"why {status}"
    assert f"why {status}" in response["Error"]["Message"]


def test_a_body_over_the_limit_does_not_reach_the_container(runtime):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        runtime.invoke_endpoint(EndpointName="e", Body=b"1" * (MOST_BYTES + 1))
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_a_container_that_is_gone_is_unavailable():
    with Shim(1) as shim, pytest.raises(botocore.exceptions.ClientError) as raised:
        client_of(shim).invoke_endpoint(EndpointName="e", Body=b"x")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_a_stream_that_breaks_is_an_exception_in_the_stream(runtime):
    answer = runtime.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"break")
    parts = []
    with pytest.raises(botocore.exceptions.EventStreamError, match="StreamBroken|ModelStreamError"):
        for event in answer["Body"]:
            parts.append(event["PayloadPart"]["Bytes"])
    assert b"".join(parts).startswith(b"first")


def test_models_give_way_to_each_other(container, tmp_path):
    store = {}
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        store[name] = tmp_path / name
    with Shim(container.server_port, store, tmp_path / "models") as shim:
        runtime = client_of(shim)
        for target in ("a", "b", "a", "c"):  # b is the one that was used least recently
            runtime.invoke_endpoint(EndpointName="e", Body=b"x", TargetModel=target)
        assert list(shim.models.loaded.values()) == ["a", "c"]
        assert list(shim.models.loaded) == container.handler.loaded
        container.handler.room = 0
        with pytest.raises(runtime.exceptions.ModelError) as raised:
            runtime.invoke_endpoint(EndpointName="e", Body=b"x", TargetModel="b")
        assert raised.value.response["OriginalStatusCode"] == 507
        with pytest.raises(runtime.exceptions.ValidationError):
            runtime.invoke_endpoint(EndpointName="e", Body=b"x", TargetModel="d")


def test_batches_are_as_large_as_they_may_be(container):
    batch = Container(container.server_port)
    job = sagemaker_batch.Job(max_payload_mb=10 / 2**20)
    assert list(sagemaker_batch.split([b"aaaa\n", b"bbbb\n", b"cc\n"], 10)) == [b"aaaa\nbbbb\n", b"cc\n"]
    with pytest.raises(ValueError, match="larger than"):
        sagemaker_batch.transform(batch, b"x" * 11, job)
    with pytest.raises(RuntimeError, match="2 records in, 1 out"):
        sagemaker_batch.transform(batch, b"a\nb\n", job)
    with pytest.raises(RuntimeError, match="500"):
        sagemaker_batch.transform(batch, b"500", sagemaker_batch.Job())  # without /execution-parameters: 404 is legal
