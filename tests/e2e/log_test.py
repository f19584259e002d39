"""What the two processes write to their log: a line for each request, the whole configuration, and nothing of what it must not."""

import contextlib
import json
import os
import secrets
import subprocess

import programs

SERVICE, GATEWAY = "verdict-service", "verdict-gateway"


@contextlib.contextmanager
def serve(*arguments, **environment):
    with programs.serve(*arguments, environment=environment) as program:
        program.port = program.await_log("listening")["port"]
        programs.await_ping(program.port)
        yield program


def classify(program, text, **headers):
    with programs.Http(program.port) as connection:
        return connection.classify(text, **headers)[0]


def lines(program, **members):
    return [entry for entry in list(program.log) if members.items() <= entry.items()]


def await_line(program, **members):
    return programs.eventually(lambda: next(iter(lines(program, **members)), None), f"a line with {members}")


def test_a_request_has_a_line_in_each_process_under_the_same_ids():
    trace = secrets.token_hex(16)
    with serve(VERDICT_ACCESS_LOG="all") as program:
        assert classify(program, "two lines", x_request_id="both", traceparent=f"00-{trace}-{secrets.token_hex(8)}-01") == 200
        request = await_line(program, message="request", request_id="both")
        call = await_line(program, message="call", request_id="both")
    assert (request["process"], call["process"]) == (GATEWAY, SERVICE)
    assert request["trace_id"] == call["trace_id"] == trace
    assert request["model"] == call["model"] == "default"
    assert (request["status"], request["route"], request["dialect"]) == (200, "/invocations", "sagemaker")
    assert (call["code"], call["method"], call["inputs"]) == ("OK", "verdict.v1.Classifier/Classify", 1)
    assert call["tokens"] > 2 and call["batch"] >= 1
    for line in [request, call]:
        assert line["level"] == "INFO" and line["time"].endswith("Z")
        phases = [line[phase] for phase in ["tokenize_ms", "queue_ms", "compute_ms"]]
        assert all(phase >= 0 for phase in phases) and 0 < sum(phases) <= line["duration_ms"]


def test_under_serve_a_success_has_the_gateways_line_alone_and_a_failure_both():
    with serve() as program:
        assert classify(program, "one line", x_request_id="fine") == 200
        with programs.Http(program.port) as connection:
            status = connection.send("POST", "/v1/models/no-such-model:predict", json.dumps({"instances": ["x"]}), Content_Type="application/json", x_request_id="bad")[0]
        assert status == 404
        failure = await_line(program, message="call", request_id="bad")
        assert failure["code"] == "NOT_FOUND" and failure["reason"] == "MODEL_NOT_FOUND"
        await_line(program, message="request", request_id="fine")
        assert not lines(program, message="call", request_id="fine")


def test_a_share_keeps_the_same_successes_in_both_processes_and_every_failure():
    with serve(VERDICT_ACCESS_LOG="all", VERDICT_ACCESS_LOG_SAMPLE_RATE="0.3", VERDICT_ACCESS_LOG_SLOW_MS="0") as program:
        for number in range(60):
            assert classify(program, "sampled", x_request_id=f"id-{number}") == 200
        with programs.Http(program.port) as connection:
            for number in range(5):
                connection.send("POST", "/invocations", "{", Content_Type="application/json", x_request_id=f"bad-{number}")
        assert program.stop() == 0
        kept = {process: {entry["request_id"] for entry in program.log if entry["process"] == process and entry.get("request_id", "").startswith("id-")}
                for process in [SERVICE, GATEWAY]}
        assert kept[SERVICE] == kept[GATEWAY]
        assert 5 < len(kept[GATEWAY]) < 40
        assert len([entry for entry in program.log if entry.get("request_id", "").startswith("bad-") and entry["message"] == "request"]) == 5


def test_text_is_in_the_log_only_where_somebody_asks():
    secret = "nobody-may-read-this"
    with serve("--log-level=debug", "--", "--access-log=all", "--log-level=debug") as program:
        classify(program, secret, x_request_id="quiet")
        with programs.Http(program.port) as connection:
            connection.send("POST", "/invocations", f'{{"text": {secret}', Content_Type="application/json")
            connection.send("POST", "/invocations", json.dumps({"nonsense": secret}), Content_Type="application/json")
        await_line(program, message="call", request_id="quiet")
        assert program.stop() == 0
        assert secret not in json.dumps(program.log)
    with serve("--", "--access-log=all", "--log-request-text=12") as program:
        classify(program, secret, x_request_id="loud")
        assert await_line(program, message="call", request_id="loud")["texts"] == [secret[:12]]
        assert [entry for entry in program.log if entry["level"] == "WARNING" and "--log-request-text" in entry["message"]]
        assert secret not in json.dumps(program.log)


def test_the_start_tells_the_whole_configuration_and_plan():
    with serve("--http-threads=2", OTEL_EXPORTER_OTLP_HEADERS="authorization=hidden", LOG_LEVEL="20") as program:
        options = {process: await_line(program, message="options", process=process) for process in [SERVICE, GATEWAY]}
        plan = await_line(program, message="plan", process=SERVICE)
        gateway_plan = await_line(program, message="plan", process=GATEWAY)
    assert options[GATEWAY]["options"]["http-threads"] == "2"
    assert options[GATEWAY]["set_by"]["http-threads"] == "flag"
    assert options[GATEWAY]["set_by"]["log-level"] == "LOG_LEVEL"
    assert options[SERVICE]["options"]["otlp-headers"] == options[GATEWAY]["options"]["otlp-headers"] == "(secret)"
    assert "hidden" not in json.dumps(program.log)
    assert options[SERVICE]["set_by"]["model-dir"] == "VERDICT_MODEL_DIR"
    for program_name, process in [("verdict-service", SERVICE), ("verdict-gateway", GATEWAY)]:
        offered = subprocess.run([programs.BINARIES / program_name, "--help"], capture_output=True, text=True, check=True).stdout
        assert all(f"--{name} " in offered or f"--{name}" in offered for name in options[process]["options"])
    assert plan["memory_limit_bytes"] > plan["memory_used_bytes"] > 0
    assert plan["kernels"] in plan["instruction_sets"] and plan["threads"] >= 1 and plan["precision"] == "fp32"
    assert plan["models"][0]["name"] == "default" and plan["models"][0]["memory_bytes"] > 0
    assert gateway_plan["port"] == program.port and "sagemaker" in gateway_plan["dialects"]


def test_a_reader_that_stops_costs_lines_and_no_request():
    reader, writer = os.pipe()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("VERDICT_", "SM_", "SAGEMAKER_"))}
    process = subprocess.Popen([*programs.DIE_WITH_PARENT, programs.BINARIES / SERVICE, "serve"], stderr=writer,
                               env={**clean, "VERDICT_MODEL_DIR": str(programs.MODEL), "VERDICT_HTTP_LISTEN": "127.0.0.1:0"})
    os.close(writer)
    try:
        log = b""
        while b'"listening"' not in log:
            log += os.read(reader, 4096)
        port = next(json.loads(line)["port"] for line in log.splitlines() if b'"listening"' in line)
        programs.await_ping(port)
        # Nobody reads any more: some megabytes of lines, far beyond pipe and queue.
        with programs.Http(port) as connection:
            for number in range(8000):
                assert connection.send("GET", "/ping/" + "x" * 190)[0] == 404
            assert connection.classify("still answered")[0] == 200
        process.terminate()
        rest = bytearray()
        while piece := os.read(reader, 1 << 16):
            rest += piece
        assert process.wait(programs.STOP_TIMEOUT) == 0
        entries = [json.loads(line) for line in (log + bytes(rest)).splitlines()]  # none is torn
        assert any(entry["message"].startswith("log lines were dropped") and entry["dropped"] > 100 for entry in entries)
    finally:
        process.kill()
        process.wait()
        os.close(reader)
