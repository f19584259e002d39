"""The SageMaker contract as a caller sees it, through both programs."""

import json
import socket

import pytest

import programs

TEXT = "I lost my card yesterday, can I get a new one?"


def test_ping_has_an_empty_body(connection):
    for method in ["GET", "POST"]:
        status, headers, body = connection.send(method, "/ping")
        assert (status, body) == (200, b"")


def test_an_invocation_has_the_shape_of_the_contract(connection):
    status, headers, body = connection.classify(TEXT)
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    answer = json.loads(body)
    assert list(answer) == ["prediction"]
    assert list(answer["prediction"]) == ["label", "probability"]
    assert isinstance(answer["prediction"]["label"], str)
    assert 0 <= answer["prediction"]["probability"] <= 1


def test_the_demo_model_understands_the_text(connection):
    answer = json.loads(connection.classify(TEXT)[2])
    assert "card" in answer["prediction"]["label"]


@pytest.mark.parametrize("headers", [{}, {"Content_Type": "application/octet-stream"}, {"Content_Type": "application/json; charset=utf-8"}])
def test_content_types_that_callers_send_are_read_as_json(connection, headers):
    assert connection.send("POST", "/invocations", json.dumps({"text": TEXT}), **headers)[0] == 200


@pytest.mark.parametrize("text", ["", " ", "\u0000", "\u00e9\u4e2d\U0001f642", "x" * 200_000, "word " * 20_000])
def test_every_decodable_text_is_answered(connection, text):
    assert connection.classify(text)[0] == 200


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b'"text"', b"{}", b'{"text": null}', b'{"text": 1}', b'{"text": ["a"]}', b'{"text": "\xff"}',
    b'{"text": "\\ud800"}', b'{"text": "a"} x'])
def test_bad_input_is_the_callers_fault_and_says_why(connection, body):
    status, headers, answer = connection.send("POST", "/invocations", body, Content_Type="application/json")
    assert status == 400
    problem = json.loads(answer)
    assert problem["status"] == 400
    assert problem["error"]
    assert connection.classify(TEXT)[0] == 200, "nothing else changes"


def test_a_wrong_method_names_the_right_ones(connection):
    status, headers, _ = connection.send("GET", "/invocations")
    assert status == 405
    assert "POST" in headers["Allow"]


def test_an_unknown_path_is_not_found(connection):
    assert connection.send("GET", "/nothing")[0] == 404


def test_another_media_type_is_refused(connection):
    assert connection.send("POST", "/invocations", "<a/>", Content_Type="application/xml")[0] == 415


def test_a_body_over_the_limit_is_refused_and_the_gateway_goes_on(gateway):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as raw:
        raw.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n")
        assert b" 413 " in raw.recv(65536).split(b"\r\n")[0]
    with programs.Http(gateway.port) as connection:
        assert connection.classify(TEXT)[0] == 200


def test_a_caller_that_goes_away_does_no_harm(gateway):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as raw:
            raw.sendall(b'POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{"text": "a"}')
    with programs.Http(gateway.port) as connection:
        assert connection.classify(TEXT)[0] == 200


def test_the_request_id_comes_back_and_is_logged(connection, gateway):
    _, headers, _ = connection.send("POST", "/invocations", "{", X_Request_Id="e2e-4711")
    assert headers["X-Request-Id"] == "e2e-4711"
    assert connection.classify(TEXT)[1]["X-Request-Id"], "one is made up for a request without"


def test_requests_on_one_connection_are_answered_in_turn(connection):
    first, second = connection.classify(TEXT), connection.classify("How do I change my PIN?")
    assert first[0] == second[0] == 200
    assert first[2] != second[2]
    assert connection.classify(TEXT)[2] == first[2]
