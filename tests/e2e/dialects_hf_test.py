"""Callers of Hugging Face, text-embeddings-inference, TorchServe, KServe and Vertex AI, through both programs: the hub's own client,
and requests as the other clients send them."""

import json
import urllib.parse

import huggingface_hub
import pytest

import programs

TEXT = "I lost my card yesterday, can I get a new one?"
OTHER = "How do I top up?"
PAIR = {"text": TEXT, "text_pair": OTHER}


def post(connection, path, body, **headers):
    """Status and JSON of the answer; `body` is sent as JSON unless it is bytes."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers = {"Content_Type": "application/json", **headers}
    status, _, answer = connection.send("POST", path, body, **headers)
    return status, json.loads(answer)


def good(connection, path, body, **headers):
    status, answer = post(connection, path, body, **headers)
    assert status == 200, answer
    return answer


@pytest.fixture
def best(connection):
    """The best label and its probability, as SageMaker's callers get them."""
    prediction = json.loads(connection.classify(TEXT)[2])["prediction"]
    return prediction["label"], pytest.approx(prediction["probability"], abs=1e-6)


class TestHuggingFaceHub:
    """The client that people have."""

    @pytest.fixture(params=["", "/", "/models/default", "/pipeline/text-classification"])
    def client(self, gateway, request):
        return huggingface_hub.InferenceClient(model=f"http://127.0.0.1:{gateway.port}{request.param}", token="none")

    def test_all_labels_come_best_first(self, client, best):
        answer = client.text_classification(TEXT)
        assert (answer[0].label, answer[0].score) == best
        scores = [element.score for element in answer]
        assert len(answer) > 2
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) == pytest.approx(1, abs=1e-4)

    def test_parameters_are_obeyed(self, client, best):
        two = client.text_classification(TEXT, top_k=2)
        assert [element.label for element in two][0] == best[0]
        assert len(two) == 2
        logits = client.text_classification(TEXT, function_to_apply="none", top_k=1)
        assert logits[0].label == best[0]
        assert logits[0].score > 1

    def test_what_is_wrong_reaches_the_caller(self, gateway):
        client = huggingface_hub.InferenceClient(model=f"http://127.0.0.1:{gateway.port}/models/nobody", token="none")
        with pytest.raises(huggingface_hub.errors.HfHubHTTPError) as raised:
            client.text_classification(TEXT)
        assert raised.value.response.status_code == 404
        assert "nobody" in raised.value.response.json()["error"]


def test_the_hosted_api_takes_the_text_itself(connection, best):
    for body, headers in [(TEXT.encode(), {}), (TEXT.encode(), {"Content_Type": "text/plain"}), (json.dumps(TEXT).encode(), {})]:
        ((first, *_),) = good(connection, "/models/default", body, **headers)
        assert (first["label"], first["score"]) == best


class TestHuggingFaceToolkit:
    """/invocations, as SageMaker's containers of Hugging Face answer."""

    def test_the_form_follows_inputs_and_top_k(self, connection, best):
        ask = lambda inputs, **parameters: good(connection, "/invocations", {"inputs": inputs, "parameters": parameters})
        one, = ask(TEXT)
        assert (one["label"], one["score"]) == best
        assert [type(element) for element in ask([TEXT, OTHER])] == [dict, dict]
        assert len(ask(TEXT, top_k=3)) == 3
        assert [len(element) for element in ask([TEXT, OTHER], top_k=3)] == [3, 3]
        assert len(ask(TEXT, top_k=None)) > 3
        assert set(ask(PAIR)) == {"label", "score"}
        assert ask([[[TEXT, OTHER]]]) == ask([PAIR])

    def test_the_caller_may_choose_the_other_form(self, connection):
        (inner,) = good(connection, "/invocations", {"inputs": TEXT}, x_verdict_hf_format="nested")
        assert len(inner) > 2

    @pytest.mark.parametrize("body, says", [
        ({"inputs": TEXT, "parameters": {"top": 1}}, "parameters.top is not known"),
        ({"inputs": [TEXT, 3]}, "inputs[1] must be a string"),
        ({"inputs": "word " * 5000, "parameters": {"truncation": False}}, "tokens, the model takes at most"),
        ({"inputs": TEXT, "parameters": {"max_length": 4, "truncation": True}}, "max_length 4 would cut"),
    ])
    def test_what_is_wrong_is_said(self, connection, body, says):
        status, answer = post(connection, "/invocations", body)
        assert (status, answer["code"], answer["type"]) == (400, 400, "InternalServerException")
        assert says in answer["message"]

    def test_two_contracts_at_once_are_refused(self, connection):
        status, answer = post(connection, "/invocations", {"text": TEXT, "inputs": TEXT})
        assert status == 400
        assert "ambiguous" in answer["error"]


class TestTextEmbeddingsInference:
    def test_predictions_and_their_headers(self, connection, best):
        status, headers, body = connection.send("POST", "/predict", json.dumps({"inputs": TEXT}), Content_Type="application/json")
        assert status == 200
        answer = json.loads(body)
        assert list(answer[0]) == ["score", "label"]
        assert (answer[0]["label"], answer[0]["score"]) == best
        assert headers["x-compute-characters"] == str(len(TEXT))
        for name in ["x-compute-time", "x-compute-tokens", "x-total-time", "x-tokenization-time", "x-queue-time", "x-inference-time"]:
            assert headers[name].isdigit(), name

    def test_a_batch_and_raw_scores(self, connection, best):
        answer = good(connection, "/predict", {"inputs": [[TEXT], [TEXT, OTHER]], "raw_scores": True})
        assert len(answer) == 2
        assert answer[0][0]["label"] == best[0]
        assert answer[0][0]["score"] > 1

    def test_a_long_text_is_cut_unless_told_not_to(self, connection):
        long = "word " * 5000
        assert good(connection, "/predict", {"inputs": long})
        status, answer = post(connection, "/predict", {"inputs": long, "truncate": False})
        assert (status, answer["error_type"]) == (422, "Validation")
        assert "tokens" in answer["error"]

    def test_errors_have_its_types(self, connection):
        assert post(connection, "/predict", {"inputs": [["a"]] * 33})[0] == 422
        status, answer = post(connection, "/predict", {"inputs": ""})
        assert (status, answer["error_type"]) == (400, "Empty")

    def test_info_describes_the_model(self, connection):
        status, _, body = connection.send("GET", "/info")
        info = json.loads(body)
        assert status == 200
        labels = info["model_type"]["classifier"]["id2label"]
        assert {label: int(id) for id, label in labels.items()} == info["model_type"]["classifier"]["label2id"]
        assert info["max_input_length"] > 0
        assert info["auto_truncate"] is True
        assert info["max_client_batch_size"] == 32


class TestTorchServe:
    @pytest.mark.parametrize("method, body, content_type", [
        ("POST", TEXT.encode(), "text/plain"),
        ("PUT", TEXT.encode(), None),  # curl -T
        ("POST", json.dumps({"data": TEXT}).encode(), "application/json"),
        ("POST", urllib.parse.urlencode({"data": TEXT}).encode(), "application/x-www-form-urlencoded"),
        ("POST", b'--b\r\nContent-Disposition: form-data; name="data"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\n'
         + TEXT.encode() + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"),
    ])
    def test_a_text_in_any_form(self, connection, best, method, body, content_type):
        headers = {"Content_Type": content_type} if content_type else {}
        version = json.loads((programs.MODEL / "metadata.json").read_text())["version"]
        for path in ["/predictions/default", f"/predictions/default/{version}"]:
            status, _, answer = connection.send(method, path, body, **headers)
            assert status == 200, answer
            scores = json.loads(answer)
            assert next(iter(scores.items())) == best
            assert len(scores) == 5

    def test_instances(self, connection):
        answer = good(connection, "/predictions/default", {"instances": [{"data": TEXT}, {"data": OTHER}]})
        assert len(answer["predictions"]) == 2

    def test_errors_have_the_names_of_its_exceptions(self, connection):
        status, answer = post(connection, "/predictions/nobody", b"text", Content_Type="text/plain")
        assert (status, answer["code"], answer["type"]) == (404, 404, "ModelNotFoundException")
        status, answer = post(connection, "/predictions/default/99", b"text", Content_Type="text/plain")
        assert (status, answer["type"]) == (404, "ModelVersionNotFoundException")
        status, answer = post(connection, "/predictions/default", b"text", Content_Type="image/png")
        assert (status, answer["type"]) == (415, "BadRequestException")


class TestKServe:
    def test_predictions(self, connection, best):
        answer = good(connection, "/v1/models/default:predict", {"instances": [TEXT, {"text": OTHER}]})
        assert len(answer["predictions"]) == 2
        assert (answer["predictions"][0]["label"], answer["predictions"][0]["score"]) == best

    def test_models(self, connection):
        assert json.loads(connection.send("GET", "/v1/models")[2]) == {"models": ["default"]}
        assert json.loads(connection.send("GET", "/v1/models/default")[2]) == {"name": "default", "ready": True}
        assert connection.send("GET", "/v1/models/nobody")[0] == 404

    def test_errors(self, connection):
        status, answer = post(connection, "/v1/models/default:predict", {"instances": [1]})
        assert (status, list(answer)) == (400, ["error"])
        assert post(connection, "/v1/models/nobody:predict", {"instances": ["a"]})[0] == 404

    def test_vertex_and_the_other_predictions(self, service):
        arguments = ["--vertex-predict-route=/v1/endpoints/1:predict", "--vertex-health-route=/isalive", "--kserve-predictions=ids"]
        with programs.gateway(service.port, *arguments) as program:
            with programs.Http(program.await_log("listening")["port"]) as connection:
                assert connection.send("GET", "/isalive")[0] == 200
                answer = good(connection, "/v1/endpoints/1:predict", {"instances": [TEXT], "parameters": {"top_k": 2}})
                (ids,) = answer["predictions"]
                assert len(ids) == 2 and all(isinstance(id, int) for id in ids)
