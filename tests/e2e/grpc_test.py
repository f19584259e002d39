"""The typed RPC as internal callers see it: generated stubs, health, reflection and grpcurl."""

import json
import socket
import struct
import subprocess

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

import programs

TEXT = "I lost my card yesterday, can I get a new one?"


@pytest.fixture
def classifier(stubs, channel):
    return stubs("classifier_pb2_grpc").ClassifierStub(channel)


@pytest.fixture
def request_of(stubs):
    messages = stubs("classifier_pb2")

    def build(*texts, **options):
        return messages.ClassifyRequest(inputs=[messages.TextInput(text=text) for text in texts], options=messages.ClassifyOptions(**options))
    return build


def test_every_input_has_its_ranked_labels(classifier, request_of):
    response = classifier.Classify(request_of(TEXT, "", "How do I change my PIN?", top_k=3), timeout=30)
    assert len(response.results) == 3
    for result in response.results:
        scores = [label.score for label in result.labels]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert result.tokens >= 2
    assert response.model
    assert response.model_version
    assert response.times.total_us > 0


def test_all_labels_are_a_distribution(classifier, request_of):
    labels = classifier.Classify(request_of(TEXT), timeout=30).results[0].labels
    assert sum(label.score for label in labels) == pytest.approx(1, abs=1e-4)
    assert len({label.label_id for label in labels}) == len(labels)


def test_a_long_text_tells_that_it_was_truncated(classifier, request_of):
    result = classifier.Classify(request_of("card " * 2000, top_k=1), timeout=30).results[0]
    assert result.truncated
    assert result.tokens_dropped > 0


@pytest.mark.parametrize("change,code", [
    ({"model": "nobody"}, grpc.StatusCode.NOT_FOUND),
    ({"model_version": "nothing"}, grpc.StatusCode.NOT_FOUND),
    ({"inputs": []}, grpc.StatusCode.INVALID_ARGUMENT),
])
def test_errors_have_the_documented_codes(stubs, classifier, change, code):
    messages = stubs("classifier_pb2")
    request = messages.ClassifyRequest(**{"inputs": [messages.TextInput(text=TEXT)], **change})
    with pytest.raises(grpc.RpcError) as error:
        classifier.Classify(request, timeout=30)
    assert error.value.code() == code
    assert error.value.details()


def test_the_model_is_listed(stubs, channel):
    models = stubs("models_pb2_grpc").ModelsStub(channel).ListModels(stubs("models_pb2").ListModelsRequest(), timeout=30).models
    assert [model.is_default for model in models] == [True]
    assert models[0].labels


def test_health_is_told_as_a_whole_and_per_service(channel):
    health = health_pb2_grpc.HealthStub(channel)
    for service in ["", "verdict.v1.Classifier"]:
        assert health.Check(health_pb2.HealthCheckRequest(service=service), timeout=30).status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as error:
        health.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=30)
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection_names_the_services(channel):
    services = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert {"verdict.v1.Classifier", "verdict.v1.Models", "grpc.health.v1.Health"} <= set(services)


def test_grpcurl_classifies_by_reflection(service):
    request = json.dumps({"inputs": [{"text": TEXT}], "options": {"top_k": 1}})
    run = subprocess.run([programs.ROOT / "scripts/grpcurl.sh", "-plaintext", "-d", request, f"127.0.0.1:{service.port}",
                          "verdict.v1.Classifier/Classify"], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    assert "card" in json.loads(run.stdout)["results"][0]["labels"][0]["label"]


def send_by_hand(port, path, request_id):
    """One unary call with an empty message, as HTTP/2 frames: no client library sends such an id. Returns whether an answer came."""
    def frame(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload

    def field(name, value):
        return bytes([0, len(name)]) + name + bytes([len(value)]) + value  # literal, not indexed, not Huffman-coded

    headers = b"".join(field(name, value) for name, value in [
        (b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"localhost"), (b"te", b"trailers"),
        (b"content-type", b"application/grpc"), (b"x-request-id", request_id)])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection, connection.makefile("rb") as answer:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 4, 1, headers) + frame(0, 1, 1, bytes(5)))
        while head := answer.read(9):
            length, kind, flags, stream = int.from_bytes(head[:3], "big"), head[3], head[4], int.from_bytes(head[5:9], "big")
            answer.read(length)
            if kind == 4 and not flags & 1:
                connection.sendall(frame(4, 1, 0))
            if stream == 1 and (kind == 3 or flags & 1):
                return True
    return False


@pytest.mark.parametrize("method", [b"Classifier/Classify", b"Classifier/StreamClassify", b"Models/LoadModel", b"Models/GetModel", b"Models/ListModels"])
def test_a_request_id_of_odd_bytes_does_no_harm(service, classifier, request_of, method):
    for request_id in [b"\xff\xfe", b"a\x01b", b"a\nb", b"\x7f", b"\xc3\xa9"]:
        send_by_hand(service.port, b"/verdict.v1." + method, request_id)
    assert send_by_hand(service.port, b"/verdict.v1." + method, b"plain")
    assert classifier.Classify(request_of(TEXT), timeout=30).results
