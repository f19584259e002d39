"""The typed RPC as internal callers see it: generated stubs, health, reflection and grpcurl."""

import json
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
