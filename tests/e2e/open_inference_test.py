"""The Open Inference Protocol over HTTP: Triton's own client, and what it would never send."""

import json
import struct

import numpy
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

import programs

TEXT = "I lost my card yesterday, can I get a new one?"
TEXTS = [TEXT, "How do I change my PIN?", "\u732b\U0001f642"]


@pytest.fixture(scope="module")
def client(gateway):
    with triton.InferenceServerClient(f"127.0.0.1:{gateway.port}") as client:
        yield client


@pytest.fixture(scope="module")
def model(client):
    return client.get_model_repository_index()[0]["name"]


def tensor(texts, name="text", shape=None, binary=True):
    made = triton.InferInput(name, shape or [len(texts)], "BYTES")
    made.set_data_from_numpy(numpy.array([text.encode() for text in texts], dtype=object).reshape(shape or [len(texts)]), binary_data=binary)
    return made


def test_the_server_and_its_model_describe_themselves(client, model):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    assert not client.is_model_ready("nobody")
    assert client.get_server_metadata()["name"] == "verdict"
    metadata = client.get_model_metadata(model)
    assert client.is_model_ready(model, metadata["versions"][0])
    assert [(made["name"], made["datatype"]) for made in metadata["inputs"]] == [("text", "BYTES"), ("text_pair", "BYTES")]
    assert [made["name"] for made in metadata["outputs"]] == ["label", "probability", "label_id", "probabilities"]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_inputs_and_outputs_may_be_json_or_binary(client, model, binary_in, binary_out):
    names = ["label", "probability", "label_id", "probabilities"]
    outputs = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in names]
    result = client.infer(model, [tensor(TEXTS, binary=binary_in)], outputs=outputs, request_id="my id")
    assert result.get_response()["id"] == "my id"
    labels, probability, ids, probabilities = (result.as_numpy(name) for name in names)
    assert labels.shape == probability.shape == ids.shape == (3,)
    assert b"card" in (labels[0] if binary_out else labels[0].encode() if isinstance(labels[0], str) else labels[0])
    assert probabilities.shape[0] == 3 and numpy.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (probabilities.argmax(axis=1) == ids).all()
    assert numpy.array_equal(probabilities.max(axis=1), probability)


def test_shapes_of_rows_and_columns_are_one(client, model):
    expected = client.infer(model, [tensor(TEXTS)]).as_numpy("probability")
    for shape in [[3, 1], [1, 3]]:
        assert numpy.array_equal(client.infer(model, [tensor(TEXTS, shape=shape)]).as_numpy("probability"), expected)


def test_the_best_labels_as_triton_writes_them(client, model):
    output = triton.InferRequestedOutput("probability", class_count=2)
    best = client.infer(model, [tensor(TEXTS)], outputs=[output]).as_numpy("probability")
    assert best.shape == (3, 2)
    score, _, label = best[0][0].decode().split(":", 2)
    assert "card" in label and 0 < float(score) <= 1


@pytest.mark.parametrize("bad, says", [
    (lambda client, model: client.infer("nobody", [tensor(TEXTS)]), "nobody"),
    (lambda client, model: client.infer(model, [tensor(TEXTS), tensor(TEXTS, "more")]), "text_pair"),
    (lambda client, model: client.infer(model, [tensor(TEXTS)], outputs=[triton.InferRequestedOutput("logits")]), "logits"),
    (lambda client, model: client.infer(model, [triton.InferInput("x", [1], "FP32").set_data_from_numpy(numpy.zeros(1, numpy.float32))]), "FP32")])
def test_the_client_understands_errors(client, model, bad, says):
    with pytest.raises(InferenceServerException, match=says):
        bad(client, model)


def test_an_inference_at_invocations(connection, model):
    body = {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [TEXT]}]}
    at_invocations = connection.send("POST", "/invocations", json.dumps(body))
    assert at_invocations[0] == 200
    assert at_invocations[2] == connection.send("POST", f"/v2/models/{model}/infer", json.dumps(body))[2]


@pytest.mark.parametrize("behind", [b"", b"\0", struct.pack("<I", 2**32 - 1), struct.pack("<I", 5) + b"abc", struct.pack("<I", 1) + b"ab", struct.pack("<I", 1) + b"\xff"])
def test_hostile_binary_is_refused_and_harms_nobody(connection, model, behind):
    for promised in [len(behind), 2**63 - 1, 0]:
        head = json.dumps({"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": promised}}]}).encode()
        status, _, answer = connection.send("POST", f"/v2/models/{model}/infer", head + behind, Inference_Header_Content_Length=str(len(head)))
        assert status == 400
        assert "inputs[0]" in json.loads(answer)["error"]
    assert connection.classify(TEXT)[0] == 200
