"""How the programs start, fail, restart and end."""

import os
import pathlib
import queue
import shutil
import signal
import socket

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

import programs
from load import Load
from process_figures import children


def state(pid):
    """The state letter of a process (Z: zombie), or nothing when it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def service_of(program):
    """The process id of the service below a `serve`."""
    return programs.eventually(lambda: next(iter(children(program.process.pid)), None), "the supervised service runs")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_service_ends_cleanly(number):
    with programs.service() as program:
        program.await_log("ready")
        program.signal(number)
        assert program.wait() == 0


def test_streams_that_stay_open_do_not_keep_the_service_from_ending():
    with programs.service("--drain-timeout-ms=60000") as program, \
            grpc.insecure_channel(f"127.0.0.1:{program.await_log('ready')['port']}") as channel:
        questions = queue.Queue()
        reflection = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter(questions.get, None))
        questions.put(reflection_pb2.ServerReflectionRequest(list_services=""))
        assert next(reflection).list_services_response.service
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        program.signal()
        assert program.wait() == 0  # half a minute at most, which is less than the drain may take
        questions.put(None)


def test_connections_that_say_nothing_do_not_keep_the_service_from_ending():
    with programs.service("--drain-timeout-ms=20000") as service, \
            socket.create_connection(("127.0.0.1", service.await_log("ready")["port"])):
        service.signal()
        assert service.wait(timeout=12) == 0


def test_a_service_that_is_given_up_has_no_lame_duck(tmp_path):
    with programs.serve(model=tmp_path / "none", environment={"VERDICT_LAME_DUCK_MS": "15000"}) as program:
        assert program.wait(timeout=12) == 1


def test_a_lame_duck_that_outlasts_the_drain_is_refused_by_both_programs():
    for program in (programs.service("--lame-duck-ms=30000"), programs.gateway(1, "--lame-duck-ms=30000")):
        with program:
            assert program.wait() != 0
            programs.eventually(lambda: program.log, "it says why")
            assert "--lame-duck-ms: must be less than --drain-timeout-ms, of which it is a part" in program.log[0]["message"]


def test_the_gateway_without_a_service_listens_but_is_not_ready():
    with programs.gateway(1) as program:
        port = program.await_log("listening")["port"]
        assert programs.ping(port) == 503
        with programs.Http(port) as connection:
            assert connection.classify("a")[0] == 503
        assert program.stop() == 0


def test_sigterm_under_load_loses_no_request(serve):
    with Load(serve.port) as load:
        load.await_answers(100)
        serve.signal()
        assert serve.wait() == 0
        load.join()
    assert load.failures == []
    assert load.answered >= 100


def test_serve_leaves_nobody_behind(serve):
    service = service_of(serve)
    assert serve.stop() == 0
    assert state(service) is None


def test_a_killed_service_is_replaced_and_ping_tells_meanwhile(serve):
    serve.await_log("service ready")
    first = service_of(serve)
    os.kill(first, signal.SIGKILL)
    programs.await_ping(serve.port, 503)
    programs.await_ping(serve.port, 200)
    assert state(first) is None, "no zombie"
    second = service_of(serve)
    assert second != first
    with programs.Http(serve.port) as connection:
        assert connection.classify("a")[0] == 200
    assert serve.stop() == 0


def test_the_service_does_not_outlive_a_killed_gateway(serve):
    service = service_of(serve)
    serve.signal(signal.SIGKILL)
    assert serve.wait() == -signal.SIGKILL
    programs.eventually(lambda: state(service) in (None, "Z"), "the service has ended too")


def test_serve_obeys_sagemakers_environment():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {"SAGEMAKER_BIND_TO_PORT": str(port), "SM_MODEL_DIR": str(programs.MODEL), "SM_LOG_LEVEL": "20"}
    with programs.Program("verdict-service", "serve", environment=environment) as program:
        assert program.await_log("listening")["port"] == port
        programs.await_ping(port)
        assert program.stop() == 0


def damage_missing(model):
    shutil.rmtree(model)


def damage_config(model):
    (model / "config.json").write_text("{")


def damage_architecture(model):
    (model / "config.json").write_text('{"model_type": "abacus"}')


def damage_weights(model):
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def damage_tokenizer(model):
    for name in ["tokenizer.json", "vocab.txt"]:
        (model / name).unlink(missing_ok=True)


@pytest.mark.parametrize("damage,named", [
    (damage_missing, "model"), (damage_config, "config.json"), (damage_architecture, "abacus"), (damage_weights, "model.safetensors"),
    (damage_tokenizer, "vocab.txt")])
def test_a_damaged_model_directory_is_one_clear_line_and_an_exit_code(tmp_path, damage, named):
    model = tmp_path / "model"
    shutil.copytree(programs.MODEL, model)
    damage(model)
    with programs.service(model=model) as program:
        assert program.wait() == 1
        error = program.await_log("cannot start")["error"]
        assert named in error
        assert "\n" not in error


def test_a_port_in_use_is_one_clear_line_and_an_exit_code(service):
    with programs.Program("verdict-service", f"--model-dir={programs.MODEL}", f"--grpc-listen=127.0.0.1:{service.port}") as program:
        assert program.wait() == 1
        assert str(service.port) in program.await_log("cannot start")["error"]


def test_weights_laid_out_once_are_found_by_the_next_start(tmp_path):
    environment = {"VERDICT_PREPARED_WEIGHTS": str(tmp_path)}
    answers = []
    for message in ("prepared weights kept for the next start", "prepared weights taken"):
        with programs.serve(environment=environment) as program:
            port = program.await_log("listening")["port"]
            programs.await_ping(port)
            line = program.await_log(message)
            assert line["file"] == str(tmp_path / "demo-fp32.prepared")
            with programs.Http(port) as connection:
                answers.append(connection.classify("I lost my card yesterday")[2])
    assert answers[0] == answers[1]


def test_the_log_says_why_a_service_cannot_be_reached_and_callers_are_not_told():
    with programs.gateway(1) as gateway:  # nobody listens there
        port = gateway.await_log("listening")["port"]
        entry = gateway.await_log("a service does not serve")
        assert (entry["level"], "cannot be reached" in entry["error"], "refused" in entry["reason"]) == ("INFO", True, True), entry
        with programs.Http(port) as connection:
            assert "127.0.0.1" not in connection.send("GET", "/readyz")[2].decode()
