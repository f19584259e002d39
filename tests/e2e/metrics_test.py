"""The metrics of both programs: read by Prometheus' client library, checked by promtool, scraped and queried by a real Prometheus."""

import contextlib
import json
import os
import signal

import grpc
import pytest

import credentials
import programs
import prometheus
from exposition import OPEN_METRICS, parse, scrape

TEXT = "I lost my card yesterday, can I get a new one?"
LONG = "word " * 2000


@contextlib.contextmanager
def serving(*arguments, environment=None):
    """`serve`, whose service has a port for scrapers of its own."""
    with programs.serve(*arguments, "--", "--metrics-listen=127.0.0.1:0", environment=environment) as program:
        program.port = program.await_log("listening")["port"]
        program.metrics_port = program.await_log("listening for scrapes")["port"]
        programs.await_ping(program.port)
        yield program


@contextlib.contextmanager
def apart(*arguments):
    """(service, gateway), two programs; `arguments` are the gateway's."""
    with programs.service("--metrics-listen=127.0.0.1:0") as service:
        service.metrics_port = service.await_log("listening for scrapes")["port"]
        service.port = service.await_log("ready")["port"]
        with programs.gateway(service.port, *arguments) as gateway:
            gateway.port = gateway.await_log("listening")["port"]
            programs.await_ping(gateway.port)
            yield service, gateway


@pytest.fixture(scope="module")
def pair():
    with apart() as both:
        yield both


def grown(before, after, name, **labels):
    return after.value(name, **labels) - before.value(name, **labels)


@pytest.mark.parametrize("open_metrics", [False, True], ids=["text", "OpenMetrics"])
def test_one_scrape_of_serve_has_both_processes(serve, open_metrics):
    metrics = scrape(serve.port, open_metrics)
    assert set(metrics.values("verdict_build_info")) == {f"{process},{version()}" for process in ("verdict-gateway", "verdict-service")}
    assert metrics.value("verdict_gateway_service_metrics_up") == 1
    assert metrics.value("verdict_service_ready") == 1
    for process in ("verdict-gateway", "verdict-service"):
        assert 1e6 < metrics.value("process_resident_memory_bytes", process=process) < 1e10
        # In steps of a hundredth of a second, which is more than a start takes; scrapes take some too.
        programs.eventually(lambda: scrape(serve.port).value("process_cpu_seconds_total", process=process) > 0, f"{process} has worked")


def version():
    line = next(line for line in (programs.ROOT / "CMakeLists.txt").read_text().splitlines() if line.startswith("project(verdict VERSION"))
    return line.split()[2]


def test_every_series_is_there_at_zero_before_the_first_request(serve):
    metrics = scrape(serve.port)
    assert metrics.values("verdict_service_calls_total", model="default", method="verdict.v1.Classifier/Classify") == dict.fromkeys(
        ["OK", "INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNAUTHENTICATED",
         "PERMISSION_DENIED", "UNIMPLEMENTED", "INTERNAL"], 0)
    assert metrics.value("verdict_service_rejections_total", reason="OVERLOADED") == 0
    assert set(metrics.values("verdict_service_phase_duration_seconds_count", model="default")) == {"tokenize", "queue", "compute", "total"}
    labels = json.loads((programs.MODEL / "config.json").read_text())["id2label"].values()
    assert metrics.values("verdict_service_predictions_total", model="default") == dict.fromkeys(labels, 0)
    assert metrics.values("verdict_gateway_requests_total", route="/invocations", dialect="sagemaker") == dict.fromkeys(
        ["200", "400", "429", "499", "500", "503", "504"], 0)
    for name in ("verdict_gateway_refusals_total", "verdict_gateway_service_retries_total", "verdict_gateway_service_restarts_total",
                 "verdict_gateway_tls_handshakes_failed_total", "verdict_refused_credentials_total", "verdict_spans_dropped_total",
                 "verdict_log_lines_dropped_total", "verdict_service_failed_model_loads_total", "verdict_service_truncated_inputs_total"):
        assert metrics.value(name) == 0, name
    for name, kinds in [("verdict_refused_credentials_total", ["none", "not_valid", "role_missing"]), ("verdict_file_reloads_total", ["loaded", "failed"]),
                        ("verdict_spans_dropped_total", ["full", "failed"])]:
        assert metrics.values(name) == {f"{process},{kind}": 0 for process in ("verdict-gateway", "verdict-service") for kind in kinds}, name


def test_requests_of_every_shape_are_counted(pair, stubs):
    service, gateway = pair
    pb2, pb2_grpc = stubs("classifier_pb2"), stubs("classifier_pb2_grpc")
    before = scrape(gateway.port)
    with programs.Http(gateway.port) as connection:
        for _ in range(3):
            assert connection.classify(TEXT)[0] == 200
        assert connection.classify(LONG)[0] == 200  # truncated
        body = json.dumps({"texts": [TEXT * 20] * 4})
        status, _, answer = connection.send("POST", "/predict_batch", body, Content_Type="application/json")
        assert status == 200
        assert connection.send("POST", "/invocations", "first\nsecond\n", Content_Type="text/plain", Accept="application/jsonlines")[0] == 200
    with grpc.insecure_channel(f"127.0.0.1:{service.port}") as channel:
        stub = pb2_grpc.ClassifierStub(channel)
        stub.Classify(pb2.ClassifyRequest(inputs=[pb2.TextInput(text=TEXT), pb2.TextInput(text=TEXT)]))
        list(stub.StreamClassify(iter([pb2.StreamClassifyRequest(request=pb2.ClassifyRequest(inputs=[pb2.TextInput(text=TEXT)]))] * 2)))
    after = scrape(gateway.port)
    assert grown(before, after, "verdict_gateway_requests_total", route="/invocations", code="200") >= 4
    assert grown(before, after, "verdict_gateway_requests_total", route="/predict_batch", code="200", dialect="sentiment") == 1
    assert grown(before, after, "verdict_gateway_request_duration_seconds_count", route="/predict_batch") == 1
    for name, sent in [("received", body), ("sent", answer)]:
        head = grown(before, after, f"verdict_gateway_{name}_bytes_total", route="/predict_batch") - len(sent)
        assert 50 < head < 500, name
    assert grown(before, after, "verdict_service_calls_total", method="verdict.v1.Classifier/StreamClassify", code="OK") == 2
    texts = grown(before, after, "verdict_service_inputs_total", model="default")
    assert texts >= 12
    assert grown(before, after, "verdict_service_truncated_inputs_total") == 1
    assert grown(before, after, "verdict_service_dropped_tokens_total") > 1000
    assert grown(before, after, "verdict_service_predictions_total") == texts
    assert grown(before, after, "verdict_service_prediction_confidence_count") == texts
    assert grown(before, after, "verdict_service_batch_sequences_sum") == texts
    assert grown(before, after, "verdict_service_batch_tokens_sum") == grown(before, after, "verdict_service_tokens_total")
    answered = grown(before, after, "verdict_service_calls_total", code="OK")
    for phase in ("tokenize", "queue", "compute", "total"):
        assert grown(before, after, "verdict_service_phase_duration_seconds_count", phase=phase) == answered
    assert grown(before, after, "verdict_service_phase_duration_seconds_sum", phase="compute") > 0
    assert after.value("verdict_gateway_service_calls_in_flight") == 0
    assert after.value("verdict_gateway_requests_in_flight") == 1, "the scrape itself"


def test_what_is_refused_is_counted_by_its_reason(pair, stubs):
    service, gateway = pair
    pb2, pb2_grpc = stubs("classifier_pb2"), stubs("classifier_pb2_grpc")
    before = scrape(gateway.port)
    with programs.Http(gateway.port) as connection:
        assert connection.send("GET", "/nothing")[0] == 404
        assert connection.send("DELETE", "/invocations")[0] == 405
        assert connection.send("POST", "/invocations", "{", Content_Type="application/json")[0] == 400
    with grpc.insecure_channel(f"127.0.0.1:{service.port}") as channel:
        stub = pb2_grpc.ClassifierStub(channel)
        made_up = pb2.ClassifyRequest(model="a name that a caller made up", inputs=[pb2.TextInput(text=TEXT)])
        for request in [made_up, pb2.ClassifyRequest()]:
            with pytest.raises(grpc.RpcError):
                stub.Classify(request, timeout=programs.STOP_TIMEOUT)
    after = scrape(gateway.port)
    for reason, count in {"no_route": 1, "method_not_allowed": 1, "body_too_large": 0}.items():
        assert grown(before, after, "verdict_gateway_refusals_total", reason=reason) == count, reason
    assert grown(before, after, "verdict_gateway_requests_total", route="/invocations", code="400") == 1, "a handler's answer is no refusal"
    assert grown(before, after, "verdict_service_rejections_total", model="unknown", reason="MODEL_NOT_FOUND") == 1
    assert grown(before, after, "verdict_service_rejections_total", reason="INVALID_REQUEST") == 1
    assert "made up" not in str(dict(after)), "what callers send makes no series"


def test_a_deadline_that_cannot_be_met_is_counted(pair):
    service, gateway = pair
    before = scrape(gateway.port)
    with programs.Http(gateway.port) as connection:
        status, _, _ = connection.classify(LONG, x_request_timeout_ms="1")
    after = scrape(gateway.port)
    assert status in (429, 504), "refused since it cannot be met, or begun and not met"
    assert grown(before, after, "verdict_gateway_requests_total", route="/invocations", code=str(status)) == 1


def test_the_service_has_a_port_for_scrapers_of_its_own(pair):
    service, gateway = pair
    alone = scrape(service.metrics_port, open_metrics=True)
    assert set(alone.values("verdict_build_info")) == {f"verdict-service,{version()}"}
    assert not any(name.startswith("verdict_gateway") for name in alone)
    with programs.Http(service.metrics_port) as connection:
        assert connection.send("HEAD", "/metrics")[2] == b""
    with programs.Http(service.metrics_port) as connection:
        assert connection.send("GET", "/")[0] == 404
    with programs.Http(service.metrics_port) as connection:
        assert connection.send("POST", "/metrics", "x")[0] == 405


def test_a_gateway_can_keep_to_itself():
    with apart("--metrics-of-service=false") as (service, gateway):
        metrics = scrape(gateway.port)
        assert metrics.value("verdict_gateway_service_metrics_up") == 0
        assert not any(name.startswith("verdict_service_") for name in metrics)
        assert scrape(service.metrics_port).value("verdict_service_ready") == 1


def test_a_service_that_is_away_costs_its_own_metrics_alone(tmp_path):
    with programs.gateway(1) as gateway:
        gateway.port = gateway.await_log("listening")["port"]
        metrics = scrape(gateway.port)
        assert metrics.value("verdict_gateway_service_metrics_up") == 0
        with programs.Http(gateway.port) as connection:
            assert connection.classify(TEXT)[0] == 503
        metrics = scrape(gateway.port, open_metrics=True)
        assert metrics.value("verdict_gateway_requests_total", route="/invocations", code="503") == 1
        assert metrics.value("verdict_gateway_service_calls_total", code="UNAVAILABLE") >= 1


def test_a_restart_of_the_service_is_counted():
    with serving() as program:
        with programs.Http(program.port) as connection:
            assert connection.classify(TEXT)[0] == 200
        after = len(program.log)
        os.kill(program.await_log("service started")["pid"], signal.SIGKILL)
        program.await_log("ready", after=after)
        programs.await_ping(program.port)
        metrics = scrape(program.port)
        assert metrics.value("verdict_gateway_service_restarts_total") == 1
        assert metrics.value("verdict_service_inputs_total") == 0, "another process, which begins anew"


def test_metrics_need_their_role_where_callers_are_known(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(credentials.key_line("app", "inference", "key-of-app") + credentials.key_line("prometheus", "metrics", "key-of-prometheus"))
    keys.chmod(0o600)
    token = tmp_path / "token"
    token.write_text("key-of-prometheus")
    with programs.serve(f"--api-keys-file={keys}") as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)  # the service is ready, and the gateway knows
        for headers, expected in [({}, 401), ({"x_api_key": "key-of-app"}, 403), ({"Authorization": "Bearer wrong"}, 401)]:
            with programs.Http(program.port) as connection:
                assert connection.send("GET", "/metrics", **headers)[0] == expected
        metrics = scrape(program.port, Authorization="Bearer key-of-prometheus")
        assert metrics.values("verdict_refused_credentials_total", process="verdict-gateway") == {"none": 1, "not_valid": 1, "role_missing": 1}
        assert metrics.value("verdict_gateway_refusals_total", reason="unauthorized") == 2
        assert metrics.value("verdict_gateway_service_metrics_up") == 1, "the gateway's own key reaches the service's"
        settings = {"authorization": {"credentials_file": str(token)}}
        with prometheus.Prometheus(tmp_path, {"verdict": (program.port, settings)}) as server:
            server.await_scraped()


def test_the_service_counts_whom_it_refuses_and_what_it_loads_again(tmp_path, stubs):
    keys = tmp_path / "keys"
    line = credentials.key_line("app", "inference", "key-of-app")
    keys.write_text(line)
    keys.chmod(0o600)
    pb2, pb2_grpc = stubs("classifier_pb2"), stubs("classifier_pb2_grpc")
    with programs.service("--metrics-listen=127.0.0.1:0", f"--api-keys-file={keys}") as service:
        metrics_port = service.await_log("listening for scrapes")["port"]
        with grpc.insecure_channel(f"127.0.0.1:{service.await_log('ready')['port']}") as channel:
            classify = pb2_grpc.ClassifierStub(channel).Classify
            for metadata in [[], [("x-api-key", "wrong")], [("x-api-key", "wrong too")]]:
                with pytest.raises(grpc.RpcError) as refused:
                    classify(pb2.ClassifyRequest(inputs=[pb2.TextInput(text=TEXT)]), metadata=metadata, timeout=programs.STOP_TIMEOUT)
                assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
            assert classify(pb2.ClassifyRequest(inputs=[pb2.TextInput(text=TEXT)]), metadata=[("x-api-key", "key-of-app")], timeout=programs.STOP_TIMEOUT).results
        assert scrape(metrics_port).values("verdict_refused_credentials_total", process="verdict-service") == {"none": 1, "not_valid": 2, "role_missing": 0}
        keys.write_text(line + credentials.key_line("other", "inference", "key-of-another"))
        programs.eventually(lambda: scrape(metrics_port).value("verdict_file_reloads_total", result="loaded") == 1, "the keys are loaded again")


def test_a_handshake_that_fails_and_the_end_of_a_certificate_are_told(tmp_path):
    authority = credentials.Authority()
    for name, data in zip(("chain", "key"), authority.issue("verdict", dns=["localhost"], ips=["127.0.0.1"])):
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(0o600)
    (tmp_path / "ca").write_bytes(authority.pem)
    arguments = [f"--tls-cert={tmp_path / 'chain'}", f"--tls-key={tmp_path / 'key'}", "--metrics-of-service=false"]
    with programs.service() as service:
        service.port = service.await_log("ready")["port"]
        with programs.gateway(service.port, *arguments) as gateway:
            gateway.port = gateway.await_log("listening")["port"]
            with programs.Http(gateway.port) as connection:
                assert connection.send("GET", "/livez")[0] == 400
            settings = {"scheme": "https", "tls_config": {"ca_file": str(tmp_path / "ca"), "server_name": "localhost"}}
            with prometheus.Prometheus(tmp_path, {"verdict": (gateway.port, settings)}) as server:
                server.await_scraped()
                server.await_query('verdict_gateway_tls_handshakes_failed_total{reason="plain_http"}', lambda found: found == {"reason=plain_http": 1.0})
                (days,) = server.query("(verdict_certificate_expiry_timestamp_seconds - time()) / 86400").values()
                assert 0.5 < days < 1


@pytest.mark.parametrize("open_metrics", [False, True], ids=["text", "OpenMetrics"])
def test_promtool_finds_nothing_to_say(serve, open_metrics):
    with programs.Http(serve.port) as connection:
        connection.classify(TEXT)
        text = connection.send("GET", "/metrics", Accept=OPEN_METRICS if open_metrics else "*/*")[2].decode()
    parse(text, open_metrics)
    if not open_metrics:  # which promtool does not read
        assert prometheus.promtool("check", "metrics", text=text) == ""


def test_promtool_would_find_something():
    with pytest.raises(AssertionError, match="counter metrics should have"):
        prometheus.promtool("check", "metrics", text="# HELP requests R\n# TYPE requests counter\nrequests 1\n")


def test_a_real_prometheus_scrapes_both_and_answers(pair, tmp_path):
    service, gateway = pair
    with apart("--metrics-of-service=false") as (service, gateway), prometheus.Prometheus(
            tmp_path, {"gateway": (gateway.port, {}), "service": (service.metrics_port, {})}) as server:
        server.await_scraped()
        server.await_query('verdict_gateway_requests_total{route="/invocations",dialect="sagemaker",code="200"}',
                           lambda found: found == {"code=200,dialect=sagemaker,route=/invocations": 0.0})
        with programs.Http(gateway.port) as connection:
            for _ in range(20):
                assert connection.classify(TEXT)[0] == 200
            connection.classify(LONG)
            connection.send("GET", "/nothing")
        server.await_query("verdict_service_inputs_total", lambda found: sum(found.values()) == 21)
        server.await_query('sum(increase(verdict_gateway_requests_total{code="200",route="/invocations"}[1m])) > 15', lambda found: found)
        (p99,) = server.query('histogram_quantile(0.99, sum by (le) (rate(verdict_service_phase_duration_seconds_bucket{phase="total"}[1m])))').values()
        assert 0 < p99 < 60
        server.await_query('verdict_gateway_refusals_total{reason="no_route"}', lambda found: found == {"reason=no_route": 1.0})
        server.await_query("sum(verdict_service_truncated_inputs_total)", lambda found: found == {"": 1.0})
        assert set(server.query("process_resident_memory_bytes")) == {"process=verdict-gateway", "process=verdict-service"}
        assert server.query("verdict_gateway_service_metrics_up") == {"": 0.0}
        metadata = server.ask("metadata")
        assert metadata["verdict_service_phase_duration_seconds"][0]["type"] == "histogram"


# The soft limit of descriptors, and the hard one.
FEW = ["prlimit", "--nofile=300:600", "--"]


def told_of_descriptors(program):
    return [entry for entry in program.log if "descriptors_left" in entry]


def test_both_programs_raise_their_limit_of_descriptors_to_the_hard_one():
    environment = {"VERDICT_MODEL_DIR": str(programs.MODEL), "VERDICT_HTTP_LISTEN": "127.0.0.1:0"}
    with programs.Program("verdict-service", "serve", "--max-connections=100", environment=environment, prefix=FEW) as program:
        port = program.await_log("listening")["port"]
        programs.await_ping(port)
        assert scrape(port).values("process_max_fds") == {"verdict-gateway": 600, "verdict-service": 600}
        assert not told_of_descriptors(program)


def test_a_limit_of_descriptors_below_the_connections_is_told_once():
    with programs.Program("verdict-gateway", "--http-listen=127.0.0.1:0", "--max-connections=1000", prefix=FEW) as gateway:
        gateway.await_log("listening")
        told = told_of_descriptors(gateway)
    assert len(told) == 1 and told[0]["level"] == "WARNING", told
    assert told[0]["max_connections"] == 1000 and 400 < told[0]["descriptors_left"] < 600
    assert "ulimit" in told[0]["message"] and "--max-connections" in told[0]["message"]
