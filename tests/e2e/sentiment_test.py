"""The sentiment service's contract as its callers see it, through both programs, on the gateway's port and on one of its own."""

import json
import threading

import pytest

import programs

TEXT = "I lost my card yesterday, can I get a new one?"
PAGE = "https://page.example"


@pytest.fixture(scope="module")
def own(service):
    """A gateway with a port for this contract alone; its `sentiment_port`."""
    settings = {"PORT": "0", "HOST": "127.0.0.1", "SERVICE_NAME": "mine", "MAX_BATCH_SIZE": "3", "MODEL_URI": "models:/clf/Staging",
                "MLFLOW_TRACKING_URI": "mlruns", "LOG_LEVEL": "INFO"}
    program = programs.Program("verdict-gateway", "--http-listen=127.0.0.1:0", f"--service-address=127.0.0.1:{service.port}", environment=settings)
    with program:
        program.port = program.await_log("listening")["port"]
        program.sentiment_port = program.await_log("listening for the sentiment contract")["port"]
        programs.await_ping(program.port)
        yield program


@pytest.fixture(params=["port", "sentiment_port"])
def sentiment(own, request):
    with programs.Http(getattr(own, request.param)) as connection:
        yield connection


def ask(connection, method, path, body=None, **headers):
    status, _, answer = connection.send(method, path, body if body is None or isinstance(body, bytes) else json.dumps(body), **headers)
    return status, json.loads(answer)


def test_a_prediction_echoes_its_text(sentiment):
    text = f"  {TEXT}\n\u732b"
    status, answer = ask(sentiment, "POST", "/predict", {"text": text, "more": 1})
    assert status == 200
    assert list(answer) == ["text", "sentiment", "confidence", "model_version"]
    assert answer["text"] == text
    assert "card" in answer["sentiment"]
    assert 0 < answer["confidence"] <= 1
    assert isinstance(answer["model_version"], str)


def test_a_batch_is_predicted_as_its_texts_are(sentiment):
    texts = [TEXT, "How do I change my PIN?", TEXT]
    status, answer = ask(sentiment, "POST", "/predict_batch", {"texts": texts})
    assert status == 200
    assert answer == {"predictions": [ask(sentiment, "POST", "/predict", {"text": text})[1] for text in texts]}


def test_the_service_tells_about_itself(sentiment):
    assert ask(sentiment, "GET", "/health") == (200, {"status": "healthy", "model_loaded": True, "service_name": "mine", "version": "1.0.0"})
    assert ask(sentiment, "GET", "/") == (200, {"service": "mine", "version": "1.0.0", "docs": "/docs", "health": "/health", "model_info": "/models/info"})
    status, info = ask(sentiment, "GET", "/models/info")
    assert status == 200
    assert list(info) == ["model_name", "version", "run_id", "model_uri", "stage", "loaded_at"]
    assert (info["model_name"], info["model_uri"], info["stage"]) == ("clf", "models:/clf/Staging", "Staging")
    assert info["loaded_at"][10] == "T" and not info["loaded_at"].endswith("Z")


@pytest.mark.parametrize("path, body, kind, loc", [
    ("/predict", b"", "missing", ["body"]), ("/predict", b"{}", "missing", ["body", "text"]), ("/predict", b'{"text":""}', "string_too_short", ["body", "text"]),
    ("/predict", b'{"text":"\\u3000 "}', "value_error", ["body", "text"]), ("/predict", b'{"text":5}', "string_type", ["body", "text"]),
    ("/predict", json.dumps({"text": "x" * 5001}).encode(), "string_too_long", ["body", "text"]), ("/predict", b"[]", "model_attributes_type", ["body"]),
    ("/predict", b'{"text":"a"', "json_invalid", ["body", 11]), ("/predict", b'{"text":"\\ud800"}', "json_invalid", ["body", 10]),
    ("/predict_batch", b'{"texts":[]}', "too_short", ["body", "texts"]), ("/predict_batch", b'{"texts":"a"}', "list_type", ["body", "texts"]),
    ("/predict_batch", b'{"texts":["a",1,"b","c"]}', "string_type", ["body", "texts", 1]), ("/predict_batch", b'{"texts":["a","\\t","b","c"]}', "value_error", ["body", "texts"])])
def test_what_cannot_be_meant_is_a_422(sentiment, path, body, kind, loc):
    status, answer = ask(sentiment, "POST", path, body)
    assert status == 422
    assert (answer["detail"][0]["type"], answer["detail"][0]["loc"]) == (kind, loc)


def test_errors_of_json_are_those_of_python(sentiment):
    for text in ['{"text":"a",}', '{"é":tru}', '{"text":"a"}}', '{"text":"\\x"}', "{'text':1}", "nul", '["é" 1]']:
        with pytest.raises(json.JSONDecodeError) as error:
            json.loads(text)
        status, answer = ask(sentiment, "POST", "/predict", text.encode())
        assert status == 422
        expected = {"type": "json_invalid", "loc": ["body", error.value.pos], "msg": "JSON decode error", "input": {}, "ctx": {"error": error.value.msg}}
        assert answer == {"detail": [expected]}, text


def test_a_batch_has_a_limit_that_is_looked_at_last(sentiment):
    assert ask(sentiment, "POST", "/predict_batch", {"texts": ["a"] * 4}) == (400, {"detail": "Batch size 4 exceeds maximum allowed size of 3"})
    assert ask(sentiment, "POST", "/predict", b'{"text":"\xff"}') == (400, {"detail": "There was an error parsing the body"})


def test_its_own_port_has_nothing_else(own):
    with programs.Http(own.sentiment_port) as connection:
        assert ask(connection, "GET", "/ping") == (404, {"detail": "Not Found"})
    with programs.Http(own.sentiment_port) as connection:
        assert ask(connection, "PUT", "/predict", {"text": "a"}) == (405, {"detail": "Method Not Allowed"})


def test_web_pages_may_use_its_own_port(own):
    with programs.Http(own.sentiment_port) as connection:
        status, headers, _ = connection.send("OPTIONS", "/predict", Origin=PAGE, Access_Control_Request_Method="POST", Access_Control_Request_Headers="content-type")
        assert (status, headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Headers"]) == (200, PAGE, "content-type")
        for body, expected in [({"text": TEXT}, 200), ({}, 422)]:
            status, headers, _ = connection.send("POST", "/predict", json.dumps(body), Origin=PAGE)
            assert (status, headers["Access-Control-Allow-Origin"]) == (expected, "*")
    with programs.Http(own.port) as connection:
        status, headers, _ = connection.send("POST", "/predict", json.dumps({"text": TEXT}), Origin=PAGE)
        assert (status, headers["Access-Control-Allow-Origin"]) == (200, None)


def test_without_a_service_it_says_so_and_both_ports_drain(tmp_path):
    arguments = ["--http-listen=127.0.0.1:0", "--sentiment-listen=127.0.0.1:0", f"--service-address=unix:{tmp_path}/nobody"]
    with programs.Program("verdict-gateway", *arguments) as program:
        port = program.await_log("listening for the sentiment contract")["port"]
        with programs.Http(port) as connection:
            assert ask(connection, "GET", "/health")[1]["model_loaded"] is False
            assert ask(connection, "POST", "/predict", {"text": "a"}) == (503, {"detail": "Model not loaded. Service not ready."})
            assert ask(connection, "POST", "/predict_batch", {"texts": ["a"] * 101}) == (503, {"detail": "Model not loaded. Service not ready."})
            assert ask(connection, "GET", "/models/info") == (503, {"detail": "Model not loaded"})
            assert ask(connection, "POST", "/predict", {})[0] == 422
        assert program.stop() == 0


def test_many_callers_at_once(own):
    """The mix of its load test in small: every answer is whole and right."""
    failures = []

    def caller():
        with programs.Http(own.sentiment_port) as connection:
            for _ in range(20):
                status, answer = ask(connection, "POST", "/predict_batch", {"texts": [TEXT, "hello"]})
                if status != 200 or [prediction["text"] for prediction in answer["predictions"]] != [TEXT, "hello"]:
                    failures.append((status, answer))
    threads = [threading.Thread(target=caller) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
