"""StreamClassify, rich errors, retries and connections, as callers of the real service meet them."""

import json
import queue
import subprocess
import threading
from concurrent import futures

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

import programs

SERVICE_CONFIG = (programs.ROOT / "docs/service_config.json").read_text()


@pytest.fixture
def messages(stubs):
    return stubs("classifier_pb2")


@pytest.fixture
def classifier(stubs, channel):
    return stubs("classifier_pb2_grpc").ClassifierStub(channel)


def stream_request(messages, id, text, **fields):
    return messages.StreamClassifyRequest(id=id, request=messages.ClassifyRequest(inputs=[messages.TextInput(text=text)]), **fields)


def details(error):
    """ErrorInfo, BadRequest, … of a failed call, by name."""
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    assert status.code == error.code().value[0]
    assert status.message == error.details()
    return {any.type_url.rsplit(".", 1)[1]: any for any in status.details}


def unpack(details, kind):
    message = getattr(error_details_pb2, kind)()
    assert details[kind].Unpack(message)
    return message


def test_thousands_of_requests_are_answered_in_order(messages, classifier):
    requests = (stream_request(messages, str(i), f"my card number {i} is lost") for i in range(3000))
    answers = list(classifier.StreamClassify(requests, timeout=120))
    assert [answer.id for answer in answers] == [str(i) for i in range(3000)]
    assert all(len(answer.response.results) == 1 for answer in answers)


def test_unordered_answers_are_the_same_ones(messages, classifier):
    requests = (stream_request(messages, str(i), "card " * (i % 7 * 50), unordered=True) for i in range(500))
    answers = list(classifier.StreamClassify(requests, timeout=120))
    assert sorted(int(answer.id) for answer in answers) == list(range(500))


def test_a_bad_request_is_an_error_among_answers(messages, classifier):
    requests = [stream_request(messages, "a", "x"), messages.StreamClassifyRequest(id="b"), stream_request(messages, "c", "x")]
    answers = list(classifier.StreamClassify(iter(requests), timeout=30))
    assert [answer.WhichOneof("outcome") for answer in answers] == ["response", "error", "response"]
    assert answers[1].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    info = error_details_pb2.ErrorInfo()
    assert answers[1].error.details[0].Unpack(info)
    assert (info.domain, info.reason) == ("verdict", "INVALID_REQUEST")


def test_a_stream_outlives_overload(messages, stubs):
    with programs.service("--max-queued-texts=2") as service:
        port = service.await_log("ready")["port"]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            classifier = stubs("classifier_pb2_grpc").ClassifierStub(channel)
            with futures.ThreadPoolExecutor(4) as pool:
                def stream(_):
                    requests = (stream_request(messages, str(i), "card " * 100) for i in range(50))
                    return [answer.WhichOneof("outcome") for answer in classifier.StreamClassify(requests, timeout=120)]
                for outcomes in pool.map(stream, range(4)):
                    assert outcomes == ["response"] * 50


def test_a_drain_ends_streams_and_loses_nothing_that_was_read(messages, stubs):
    with programs.service() as service:
        port = service.await_log("ready")["port"]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            outgoing = queue.Queue()
            stream = stubs("classifier_pb2_grpc").ClassifierStub(channel).StreamClassify(iter(outgoing.get, None), timeout=60)
            outgoing.put(stream_request(messages, "a", "x"))
            assert next(stream).id == "a"
            service.signal()
            with pytest.raises(grpc.RpcError) as error:
                next(stream)
            outgoing.put(None)
            assert error.value.code() == grpc.StatusCode.UNAVAILABLE
            assert unpack(details(error.value), "ErrorInfo").reason == "DRAINING"
            assert service.wait() == 0


def test_errors_name_the_field_and_the_request(messages, classifier):
    with pytest.raises(grpc.RpcError) as error:
        classifier.Classify(messages.ClassifyRequest(), timeout=30, metadata=[("x-request-id", "e2e-1")])
    found = details(error.value)
    assert unpack(found, "ErrorInfo").reason == "INVALID_REQUEST"
    assert unpack(found, "BadRequest").field_violations[0].field == "inputs"
    assert unpack(found, "RequestInfo").request_id == "e2e-1"


def test_a_text_that_is_too_long_names_its_input(messages, classifier):
    request = messages.ClassifyRequest(inputs=[messages.TextInput(text="x"), messages.TextInput(text="card " * 5000)],
                                       options=messages.ClassifyOptions(truncation_policy=messages.TRUNCATION_POLICY_ERROR))
    with pytest.raises(grpc.RpcError) as error:
        classifier.Classify(request, timeout=30)
    assert unpack(details(error.value), "BadRequest").field_violations[0].field == "inputs[1]"


def test_overload_says_when_to_try_again(messages, stubs):
    with programs.service("--max-queued-texts=2") as service:
        port = service.await_log("ready")["port"]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            classifier = stubs("classifier_pb2_grpc").ClassifierStub(channel)
            request = messages.ClassifyRequest(inputs=[messages.TextInput(text="card " * 400)] * 2)
            seen = None
            while seen is None:
                for call in [classifier.Classify.future(request, timeout=60) for _ in range(16)]:
                    if call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:
                        seen = call
            assert unpack(details(seen), "ErrorInfo").reason == "OVERLOADED"
            delay = unpack(details(seen), "RetryInfo").retry_delay
            assert 0.1 <= delay.seconds + delay.nanos / 1e9 <= 12.5


def test_a_message_that_is_too_large_is_refused(messages, stubs):
    with programs.service("--max-message-bytes=2000") as service:
        port = service.await_log("ready")["port"]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            classifier = stubs("classifier_pb2_grpc").ClassifierStub(channel)
            large = messages.ClassifyRequest(inputs=[messages.TextInput(text="x" * 3000)])
            for call in [lambda: classifier.Classify(large, timeout=30),
                         lambda: list(classifier.StreamClassify(iter([messages.StreamClassifyRequest(request=large)]), timeout=30))]:
                with pytest.raises(grpc.RpcError) as error:
                    call()
                assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        # To HTTP callers it is no overload, which would have them try again.
        with programs.gateway(port) as gateway, programs.Http(gateway.await_log("listening")["port"]) as connection:
            status, _, body = connection.send("POST", "/invocations", json.dumps({"text": "x" * 3000}), Content_Type="application/json")
            assert status == 413 and b"--max-message-bytes" in body, body


class Unavailable:
    """Stands where the service does, and is UNAVAILABLE the first times."""

    def __init__(self, stubs, failures):
        self.left = failures
        self.attempts = []
        self._messages = stubs("classifier_pb2")
        self._lock = threading.Lock()

    def Classify(self, request, context):
        with self._lock:
            self.attempts.append(dict(context.invocation_metadata()).get("grpc-previous-rpc-attempts"))
            self.left -= 1
            if self.left >= 0:
                context.abort(grpc.StatusCode.UNAVAILABLE, "draining")
        return self._messages.ClassifyResponse(model="fake")

    def StreamClassify(self, requests, context):
        raise NotImplementedError


@pytest.mark.parametrize("failures, config, answered", [(2, SERVICE_CONFIG, True), (3, SERVICE_CONFIG, False), (1, "{}", False)])
def test_the_service_config_tries_unavailable_again(stubs, messages, failures, config, answered):
    server = grpc.server(futures.ThreadPoolExecutor(2))
    fake = Unavailable(stubs, failures)
    stubs("classifier_pb2_grpc").add_ClassifierServicer_to_server(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.service_config", config)]) as channel:
            classifier = stubs("classifier_pb2_grpc").ClassifierStub(channel)
            request = messages.ClassifyRequest(inputs=[messages.TextInput(text="x")])
            if answered:
                assert classifier.Classify(request).model == "fake"
                assert fake.attempts == [None, "1", "2"]
            else:
                with pytest.raises(grpc.RpcError) as error:
                    classifier.Classify(request)
                assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    finally:
        server.stop(None)


def test_the_service_config_limits_no_stream():
    config = json.loads(SERVICE_CONFIG)
    methods = {f"{name['service']}/{name['method']}": method for method in config["methodConfig"] for name in method["name"]}
    assert "timeout" in methods["verdict.v1.Classifier/Classify"]
    assert "timeout" not in methods["verdict.v1.Classifier/StreamClassify"]


def grpcurl(port, *arguments):
    return subprocess.run([programs.ROOT / "scripts/grpcurl.sh", "-plaintext", f"127.0.0.1:{port}", *arguments],
                          capture_output=True, text=True, timeout=60, check=False)


def test_reflection_can_be_turned_off(service):
    listed = grpcurl(service.port, "list")
    assert listed.returncode == 0, listed.stderr
    assert "inference.GRPCInferenceService" in listed.stdout
    with programs.service("--reflection=false") as silent:
        refused = grpcurl(silent.await_log("ready")["port"], "list")
        assert refused.returncode != 0
        assert "does not support the reflection API" in refused.stderr


def test_connections_have_an_age(stubs, messages):
    with programs.service("--grpc-max-connection-age-ms=300") as service:
        port = service.await_log("ready")["port"]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            states = queue.Queue()
            channel.subscribe(states.put, try_to_connect=True)
            seen = []
            while seen.count(grpc.ChannelConnectivity.READY) < 1 or seen[-1] != grpc.ChannelConnectivity.IDLE:
                seen.append(states.get(timeout=30))
            # Closed by its age, and the next call finds its way anew.
            classifier = stubs("classifier_pb2_grpc").ClassifierStub(channel)
            assert classifier.Classify(messages.ClassifyRequest(inputs=[messages.TextInput(text="x")]), timeout=30).results


def test_health_follows_open_inference(channel):
    request = health_pb2.HealthCheckRequest(service="inference.GRPCInferenceService")
    assert health_pb2_grpc.HealthStub(channel).Check(request, timeout=30).status == health_pb2.HealthCheckResponse.SERVING
