"""MLflow's scoring contract: its own client, and the bodies that it and others send."""

import json

import numpy
import pandas
import pytest
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

TEXT = "I lost my card yesterday, can I get a new one?"
JSON = {"Content_Type": "application/json"}


@pytest.fixture(scope="module")
def client(gateway):
    return ScoringServerClient("127.0.0.1", gateway.port)


def predict(connection, body, **headers):
    status, _, answer = connection.send("POST", "/invocations", body if isinstance(body, bytes) else json.dumps(body), **(headers or JSON))
    return status, answer


def test_the_client_finds_the_server(client):
    client.ping()
    client.wait_server_ready(timeout=10)
    assert client.get_version() == "3.18.0"


def test_the_client_sends_frames(client):
    predictions = client.invoke(pandas.DataFrame({"text": [TEXT, "hello"]})).get_predictions()
    assert list(predictions.columns) == ["label", "score"]
    assert len(predictions) == 2 and "card" in predictions["label"][0]
    pairs = client.invoke(pandas.DataFrame({"text": [TEXT], "text_pair": ["hello"]})).get_predictions()
    assert len(pairs) == 1


def test_the_client_sends_lists_and_arrays_with_params(client):
    for data in [[TEXT, "hello"], numpy.array([TEXT, "hello"]), numpy.array([[TEXT], ["hello"]])]:
        ranked = client.invoke(data, params={"top_k": 2, "max_length": 512}).get_predictions()
        assert list(ranked.columns) == ["0", "1"], data
        assert ranked["0"][0]["score"] >= ranked["1"][0]["score"]
        assert "card" in ranked["0"][0]["label"]


def test_every_shape_has_the_same_answer(connection):
    bodies = [{"dataframe_split": {"columns": ["text"], "data": [[TEXT]]}}, {"dataframe_records": [{"text": TEXT}]}, {"instances": [TEXT]}, {"instances": [{"text": TEXT}]},
              {"inputs": [TEXT], "params": {}}, {"inputs": {"text": [TEXT]}, "params": None}]
    answers = {predict(connection, body) for body in bodies}
    assert len(answers) == 1
    status, answer = answers.pop()
    assert status == 200
    (prediction,) = json.loads(answer)["predictions"]
    assert list(prediction) == ["label", "score"] and "card" in prediction["label"]


def test_the_client_understands_errors(client):
    with pytest.raises(Exception, match="columns that are not read: .*price"):
        client.invoke(pandas.DataFrame({"text": [TEXT], "price": ["1"], "name": ["a"]}))


@pytest.mark.parametrize("body", [{"instances": "a"}, {"instances": [1]}, {"dataframe_split": []}, {"dataframe_records": [{"a": "b", "c": "d"}]},
                                  {"inputs": ["a"], "params": {"top_k": -1}}, {"instances": ["a"], "dataframe_records": []}])
def test_bad_input_is_a_bad_request(connection, body):
    status, answer = predict(connection, body)
    assert status == 400
    assert json.loads(answer)["error_code"] == "BAD_REQUEST"


@pytest.mark.parametrize("content_type", ["application/json; format=pandas-split", "application/json; charset=latin-1", "application/vnd.apache.parquet"])
def test_other_media_types_are_a_415(connection, content_type):
    status, answer = predict(connection, {"instances": ["a"]}, Content_Type=content_type)
    assert status == 415
    with pytest.raises(ValueError):
        json.loads(answer)
