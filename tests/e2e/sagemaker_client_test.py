"""SageMaker's callers, with their own client: boto3's sagemaker-runtime through a shim of the platform."""

import json
import shutil

import botocore.exceptions
import grpc
import pytest

import programs
import sagemaker_batch
from sagemaker_client import client_of
from sagemaker_shim import MOST_BYTES, Container, Shim

STOLEN = "I lost my card yesterday and need a new one"
ANOTHER = "what is the exchange rate for euros"
JSON_LINES = "application/jsonlines"


@pytest.fixture(scope="module")
def shim(gateway):
    with Shim(gateway.port) as shim:
        yield shim


@pytest.fixture(scope="module")
def runtime(shim):
    return client_of(shim)


def body(text=STOLEN):
    return json.dumps({"text": text}).encode()


def prediction(answer):
    return json.loads(answer["Body"].read())["prediction"]


@pytest.mark.parametrize("named", [
    {}, {"ContentType": "application/json"}, {"ContentType": "application/json; charset=utf-8"},
    {"ContentType": "application/json", "Accept": "application/json"}, {"Accept": "*/*"},
    {"InferenceId": "4711"}, {"TargetVariant": "AllTraffic"}, {"EnableExplanations": "`true`"}, {"SessionId": "abc-1"}], ids=str)
def test_invoke_endpoint(runtime, named):
    answer = runtime.invoke_endpoint(EndpointName="tickets", Body=body(), **named)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ContentType"].startswith("application/json")
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    found = prediction(answer)
    assert "card" in found["label"]
    assert 0 <= found["probability"] <= 1


@pytest.mark.parametrize("attributes", ["tenant=7", "a" * 1024, "c000b4f9-df62-4c85-a0bf-7c525f9104a4; x=\"y\""])
def test_custom_attributes_come_back(runtime, attributes):
    answer = runtime.invoke_endpoint(EndpointName="tickets", Body=body(), ContentType="application/json", CustomAttributes=attributes)
    assert answer["CustomAttributes"] == attributes


def test_custom_attributes_are_empty_without(runtime):
    assert runtime.invoke_endpoint(EndpointName="tickets", Body=body())["CustomAttributes"] == ""


@pytest.mark.parametrize("bad, words", [
    (b"{", "the body is not valid JSON"), (b"", "the body is empty"), (b"[]", "the body is no JSON object"),
    (b"{}", 'the member "text" is missing'), (b'{"text": 1}', 'the member "text" must be a string'),
    (b'{"text": "\xff"}', "the body is not valid UTF-8")], ids=str)
def test_a_bad_body_is_a_model_error_that_says_why(runtime, bad, words):
    with pytest.raises(runtime.exceptions.ModelError) as raised:
        runtime.invoke_endpoint(EndpointName="tickets", Body=bad, ContentType="application/json")
    response = raised.value.response
    assert response["OriginalStatusCode"] == 400
    assert words in json.loads(response["OriginalMessage"])["detail"]
    assert response["OriginalMessage"] in response["Error"]["Message"], "what a caller's log shows"
    assert response["OriginalMessage"].index('"detail"') < 100, "in front of what the platform cuts off"


def test_another_media_type_is_a_model_error(runtime):
    with pytest.raises(runtime.exceptions.ModelError) as raised:
        runtime.invoke_endpoint(EndpointName="tickets", Body=b"<a/>", ContentType="application/xml")
    assert raised.value.response["OriginalStatusCode"] == 415


def test_the_largest_body_that_the_platform_takes(runtime):
    around = len(body(""))
    answer = runtime.invoke_endpoint(EndpointName="tickets", Body=body("word " * ((MOST_BYTES - around) // 5)))
    assert prediction(answer)["label"]
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        runtime.invoke_endpoint(EndpointName="tickets", Body=body("x" * MOST_BYTES))
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def stream(runtime, lines, **named):
    """The answer and all of its parts together."""
    answer = runtime.invoke_endpoint_with_response_stream(EndpointName="tickets", Body=lines, **named)
    return answer, b"".join(event["PayloadPart"]["Bytes"] for event in answer["Body"])


def test_a_stream_of_one_document(runtime):
    answer, received = stream(runtime, body(), ContentType="application/json", CustomAttributes="a=1")
    assert answer["ContentType"].startswith("application/json")
    assert answer["CustomAttributes"] == "a=1"
    assert "card" in json.loads(received)["prediction"]["label"]


def test_a_stream_of_json_lines(runtime):
    texts = [STOLEN, ANOTHER] * 200
    answer, received = stream(runtime, b"".join(body(text) + b"\n" for text in texts), ContentType=JSON_LINES, Accept=JSON_LINES)
    assert answer["ContentType"] == JSON_LINES
    labels = [json.loads(line)["prediction"]["label"] for line in received.splitlines()]
    assert len(labels) == len(texts)
    assert labels[0] != labels[1]
    assert labels == labels[:2] * 200


def test_a_stream_that_cannot_begin_is_a_model_error(runtime):
    with pytest.raises(runtime.exceptions.ModelError) as raised:
        stream(runtime, b"{", ContentType="application/json")
    assert raised.value.response["OriginalStatusCode"] == 400


RECORDS = [body(STOLEN), body(ANOTHER), b"{", b'{"text": 1}', b"", body("\u00e9 \u4e2d"), body(STOLEN)]


def test_a_batch_transform_has_a_line_for_each_line(shim):
    data = b"".join(record + b"\n" for record in RECORDS * 50)
    lines = sagemaker_batch.lines_of(sagemaker_batch.transform(shim.container, data, sagemaker_batch.Job(max_payload_mb=0.002)))
    assert len(lines) == len(RECORDS) * 50
    assert lines == lines[:len(RECORDS)] * 50, "the same whichever request a record was in"
    whole = sagemaker_batch.transform(shim.container, data)  # as large as the container wants them
    assert b"".join(lines) == whole
    kinds = [list(json.loads(line)) if line.strip() else [] for line in lines[:len(RECORDS)]]
    assert kinds == [["prediction"], ["prediction"], ["error"], ["error"], [], ["prediction"], ["prediction"]]


def test_a_batch_transform_joins_input_and_output(shim):
    texts = [STOLEN, ANOTHER, STOLEN]
    data = b"".join(json.dumps({"id": i, "text": text}).encode() + b"\n" for i, text in enumerate(texts))
    lines = [json.loads(line) for line in sagemaker_batch.transform(shim.container, data, sagemaker_batch.Job(join_input=True)).splitlines()]
    assert [(line["id"], line["text"]) for line in lines] == list(enumerate(texts))
    labels = [line["SageMakerOutput"]["prediction"]["label"] for line in lines]
    assert labels[0] == labels[2] != labels[1]


def test_a_batch_transform_of_csv_joins_columns(shim):
    data = f"{STOLEN}\n{ANOTHER}\n".encode()
    job = sagemaker_batch.Job(content_type="text/csv", accept="text/csv", join_input=True)
    lines = sagemaker_batch.transform(shim.container, data, job).decode().splitlines()
    assert [line.split(",")[0] for line in lines] == [STOLEN, ANOTHER]
    assert all(line.split(",")[1] and 0 <= float(line.split(",")[2]) <= 1 for line in lines)


TARGETS = [f"team-{i}/model.tar.gz" for i in range(6)]


def room_for(models, stubs, folder):
    """A limit of memory that so many models fit into: from one that is loaded by itself."""
    with programs.Program("verdict-service", "--grpc-listen=127.0.0.1:0", "--multi-model=true", f"--models-root={folder}") as probe:
        port = probe.await_log("ready")["port"]
        status = open(f"/proc/{probe.process.pid}/status", encoding="utf-8").read()
        before = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon:"))
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            models_pb2 = stubs("models_pb2")
            request = models_pb2.LoadModelRequest(name="probe", path=str(folder / "probe"))
            model = stubs("models_pb2_grpc").ModelsStub(channel).LoadModel(request, timeout=60)
    return int((before + (models + 0.6) * model.memory_bytes) / 0.95)


@pytest.fixture
def multi_model(tmp_path, stubs):
    """The shim of a multi-model endpoint whose container has room for about three of six models."""
    shutil.copytree(programs.MODEL, tmp_path / "probe")
    environment = {"SAGEMAKER_MULTI_MODEL": "true", "VERDICT_MODELS_ROOT": str(tmp_path),
                   "VERDICT_MEMORY_LIMIT_BYTES": str(room_for(3, stubs, tmp_path))}
    with programs.serve(environment=environment) as program:
        port = program.await_log("listening")["port"]
        programs.await_ping(port)
        with Shim(port, dict.fromkeys(TARGETS, programs.MODEL), tmp_path / "models") as shim:
            yield shim


def test_models_of_a_multi_model_endpoint(multi_model):
    runtime = client_of(multi_model)
    for target in TARGETS + TARGETS[:1]:  # the first has been given up by then
        answer = runtime.invoke_endpoint(EndpointName="teams", Body=body(), ContentType="application/json", TargetModel=target)
        assert "card" in prediction(answer)["label"], target
    assert multi_model.models.unloads > 0
    assert 1 <= len(multi_model.models.loaded) < len(TARGETS)
    listed = json.loads(Container(multi_model.container.port).request("GET", "/models").body)["models"]
    assert {model["modelName"] for model in listed} == multi_model.models.loaded.keys()
    with pytest.raises(runtime.exceptions.ValidationError):
        runtime.invoke_endpoint(EndpointName="teams", Body=body(), TargetModel="nobody.tar.gz")
    with pytest.raises(runtime.exceptions.ModelError) as raised:
        runtime.invoke_endpoint(EndpointName="teams", Body=b"{", TargetModel=TARGETS[0])
    assert raised.value.response["OriginalStatusCode"] == 400


def test_a_multi_model_endpoint_without_a_target_has_no_model(multi_model):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        client_of(multi_model).invoke_endpoint(EndpointName="teams", Body=body())
    assert raised.value.response["OriginalStatusCode"] == 404
