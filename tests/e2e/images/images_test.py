"""The images, run as platforms run them. scripts/test_images.sh builds them first."""

import json
import os
import signal
import subprocess
import tarfile
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

import programs
from images.docker import GATEWAY, SERVICE, TORCHSCRIPT, Container, docker, inspect
from load import Load

TEXT = "I lost my card yesterday, can I get a new one?"
BUNDLE = programs.ROOT / "tests/golden/torchscript_tiny"


def label(port):
    with programs.Http(port) as connection:
        status, _, body = connection.classify(TEXT)
    assert status == 200, body
    return json.loads(body)["prediction"]["label"]


def files(container):
    with subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as export:
        with tarfile.open(fileobj=export.stdout, mode="r|") as archive:
            return [member.name for member in archive if not member.isdir()]


@pytest.mark.parametrize("image,megabytes", [(SERVICE, 44), (TORCHSCRIPT, 500), (GATEWAY, 36)])
def test_an_image_is_small(image, megabytes):
    assert inspect(image)["Size"] <= megabytes * 1_000_000


@pytest.mark.parametrize("image", [SERVICE, TORCHSCRIPT, GATEWAY])
def test_an_image_holds_the_program_and_no_tools(image):
    container = docker("create", image).stdout.strip()
    try:
        listing = files(container)
    finally:
        docker("rm", container)
    programs_inside = {name.rpartition("/")[2] for name in listing if "bin" in name.split("/")}
    assert programs_inside == ({"verdict-gateway"} if image == GATEWAY else {"verdict-service", "verdict-gateway"})
    libtorch = {name.rpartition("/")[2] for name in listing if "torch" in name and ".so" in name}
    assert libtorch == ({"libverdict_torchscript.so", "libtorch_cpu.so"} if image == TORCHSCRIPT else set())
    assert "etc/ssl/certs/ca-certificates.crt" in listing
    assert {"usr/share/doc/verdict/LICENSE", "usr/share/doc/verdict/api_docs/swagger-ui.txt", "usr/share/doc/libc6/copyright",
            "usr/share/common-licenses/LGPL-2.1"} <= set(listing)
    assert any(name.startswith("usr/share/doc/libtorch/") for name in listing) == (image == TORCHSCRIPT)


@pytest.mark.parametrize("image", [SERVICE, TORCHSCRIPT, GATEWAY])
def test_an_image_runs_as_nobody_special_and_gets_signals_itself(image):
    config = inspect(image)["Config"]
    assert config["User"] == "1001:1001"
    assert config["Entrypoint"][0].startswith("/usr/local/bin/verdict-")
    assert config["Labels"]["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"
    assert config["Labels"].get("com.amazonaws.sagemaker.capabilities.multi-models") == (None if image == GATEWAY else "true")


@pytest.mark.parametrize("image, command", [(SERVICE, ["serve"]), (SERVICE, []), (TORCHSCRIPT, ["serve"])])
def test_serve_is_the_word_and_the_default(image, command):
    with Container(image, *command) as container:
        assert "card" in label(container.await_ready())


def test_the_default_answers_grpc_callers_too(stubs):
    with Container(SERVICE) as container:
        container.await_ready()
        with grpc.insecure_channel(f"127.0.0.1:{container.port(50051)}") as channel:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("user", ["0:0", "4242:4242"])
def test_any_user_will_do(user):
    with Container(SERVICE, "serve", options=[f"--user={user}"]) as container:
        assert "card" in label(container.await_ready())


def test_the_port_is_the_platforms_choice():
    with Container(SERVICE, "serve", options=["--env=SAGEMAKER_BIND_TO_PORT=9000", "--publish=127.0.0.1::9000"]) as container:
        port = container.port(9000)
        programs.await_ping(port)
        assert "card" in label(port)


def test_sigterm_under_load_loses_no_request():
    with Container(SERVICE, "serve") as container, Load(container.await_ready()) as load:
        load.await_answers(100)
        begin = time.monotonic()
        container.kill("TERM")
        assert container.wait() == 0
        seconds = time.monotonic() - begin
        load.join()
        assert load.failures == []
        assert seconds < 25
        print(f"{load.answered} answered, none lost; ended {seconds:.1f} s after SIGTERM")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may kill a process of a container")
def test_a_killed_service_is_replaced_inside_the_container():
    with Container(SERVICE, "serve") as container:
        port = container.await_ready()
        first = container.processes()["verdict-service"]
        os.kill(first, signal.SIGKILL)
        programs.await_ping(port, 503)
        programs.await_ping(port, 200)
        processes = container.processes()
        assert sorted(processes) == ["verdict-gateway", "verdict-service"], "no zombie"
        assert processes["verdict-service"] != first


def test_a_container_without_a_model_says_so_and_ends():
    with Container(SERVICE, "serve", model=None) as container:
        assert container.wait() != 0
        assert "/opt/ml/model" in container.logs()


@pytest.mark.parametrize("allowed,why", [("false", "--allow-torchscript"), ("true", "TorchScript bundles need LibTorch")])
def test_a_bundle_without_leave_or_libtorch_is_refused_in_one_line(allowed, why):
    with Container(SERVICE, "serve", model=BUNDLE, options=[f"--env=VERDICT_ALLOW_TORCHSCRIPT={allowed}"]) as container:
        assert container.wait() == 1
        [line] = (line for line in container.logs().splitlines() if json.loads(line)["message"] == "cannot start")
        assert why in json.loads(line)["error"]


def test_the_image_of_target_torchscript_answers_a_bundle_as_transformers_does():
    options = [f"--volume={BUNDLE}.jsonl:/golden.jsonl:ro", "--env=VERDICT_VERIFY_AT_LOAD=/golden.jsonl"]
    with Container(TORCHSCRIPT, "serve", model=BUNDLE, options=options) as container:
        label(container.await_ready())


def test_the_gateway_alone_is_not_ready_without_a_service():
    with Container(GATEWAY, "--service-address=127.0.0.1:1", model=None) as container:
        programs.await_ping(container.port(), 503)
        container.kill("TERM")
        assert container.wait() == 0
