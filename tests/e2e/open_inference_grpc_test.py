"""The Open Inference Protocol over gRPC, as Triton's own client and grpcurl call it."""

import base64
import json
import subprocess

import numpy
import pytest
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

import programs

TEXTS = ["I lost my card yesterday, can I get a new one?", "How do I change my PIN?", ""]


@pytest.fixture
def client(service):
    with triton.InferenceServerClient(f"127.0.0.1:{service.port}") as client:
        yield client


def texts(values=TEXTS, shape=None, name="text"):
    tensor = triton.InferInput(name, shape or [len(values)], "BYTES")
    array = numpy.array([value.encode() for value in values], dtype=object).reshape(tensor.shape())
    tensor.set_data_from_numpy(array)  # raw_input_contents
    return tensor


def test_the_server_and_its_model_are_described(client):
    assert client.is_server_live() and client.is_server_ready()
    versions = client.get_model_metadata("default").versions
    assert client.is_model_ready("default") and client.is_model_ready("default", versions[0])
    assert not client.is_model_ready("nobody")
    assert client.get_server_metadata().name == "verdict"
    metadata = client.get_model_metadata("default")
    assert [(tensor.name, tensor.datatype) for tensor in metadata.inputs] == [("text", "BYTES"), ("text_pair", "BYTES")]
    assert {tensor.name: tensor.datatype for tensor in metadata.outputs} == {
        "label": "BYTES", "probability": "FP32", "label_id": "INT64", "probabilities": "FP32"}


@pytest.mark.parametrize("shape", [[3], [3, 1], [1, 3]])
def test_each_text_has_the_label_that_classify_gives(client, stubs, channel, shape):
    messages = stubs("classifier_pb2")
    request = messages.ClassifyRequest(inputs=[messages.TextInput(text=text) for text in TEXTS])
    expected = stubs("classifier_pb2_grpc").ClassifierStub(channel).Classify(request, timeout=30).results
    answer = client.infer("default", [texts(shape=shape)], request_id="seven")
    assert answer.get_response().id == "seven"
    assert [label.decode() for label in answer.as_numpy("label")] == [result.labels[0].label for result in expected]
    assert list(answer.as_numpy("label_id")) == [result.labels[0].label_id for result in expected]
    assert answer.as_numpy("probability") == pytest.approx([result.labels[0].score for result in expected], abs=1e-6)


def test_outputs_are_those_asked_for(client):
    outputs = [triton.InferRequestedOutput("probabilities"), triton.InferRequestedOutput("probability", class_count=2)]
    answer = client.infer("default", [texts()], outputs=outputs)
    probabilities = answer.as_numpy("probabilities")
    labels = client.get_model_metadata("default").outputs[3].shape[1]
    assert probabilities.shape == (3, labels)
    assert probabilities.sum(axis=1) == pytest.approx([1] * 3, abs=1e-4)
    classes = answer.as_numpy("probability")
    assert classes.shape == (3, 2)
    for row, entry in zip(probabilities, classes[:, 0]):
        score, index, label = entry.decode().split(":", 2)
        assert int(index) == row.argmax()
        assert float(score) == pytest.approx(row.max(), abs=1e-5)
        assert label
    assert answer.as_numpy("label") is None


def test_a_pair_is_read_together(client):
    alone = client.infer("default", [texts(["card"])]).as_numpy("probability")
    together = client.infer("default", [texts(["card"]), texts(["How do I change my PIN?"], name="text_pair")]).as_numpy("probability")
    assert alone != together


@pytest.mark.parametrize("model, version, message", [("nobody", "", "no model is named"), ("default", "99", "not \"99\"")])
def test_what_is_not_there_is_not_found(client, model, version, message):
    with pytest.raises(InferenceServerException) as error:
        client.infer(model, [texts()], model_version=version)
    assert error.value.status() == "StatusCode.NOT_FOUND"
    assert message in error.value.message()


def test_errors_name_the_tensor(client):
    wrong = triton.InferInput("text", [1], "FP32")
    wrong.set_data_from_numpy(numpy.zeros([1], dtype=numpy.float32))
    with pytest.raises(InferenceServerException, match=r'inputs\[0\].datatype: is "FP32", texts are BYTES'):
        client.infer("default", [wrong])
    with pytest.raises(InferenceServerException, match=r'outputs\[0\].name: there is no output "logits"'):
        client.infer("default", [texts()], outputs=[triton.InferRequestedOutput("logits")])


def test_grpcurl_infers_with_typed_contents(service):
    contents = {"bytes_contents": [base64.b64encode(TEXTS[0].encode()).decode()]}
    request = {"inputs": [{"name": "anything", "datatype": "BYTES", "shape": [1], "contents": contents}]}
    run = subprocess.run([programs.ROOT / "scripts/grpcurl.sh", "-plaintext", "-d", json.dumps(request), f"127.0.0.1:{service.port}",
                          "inference.GRPCInferenceService/ModelInfer"], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert answer["modelName"] == "default" if "modelName" in answer else answer["model_name"] == "default"
    label = answer["outputs"][0]["contents"]
    assert b"card" in base64.b64decode((label.get("bytesContents") or label["bytes_contents"])[0])
