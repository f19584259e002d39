"""deploy/compose.yaml: service and gateway side by side, up to a classified text."""

import json
import os
import subprocess

import pytest

import programs

COMPOSE_FILE = programs.ROOT / "deploy/compose.yaml"


def compose_command():
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
    return ["docker", "compose"] if plugin else ["docker-compose"]


@pytest.fixture(params=["service", "torchscript"])
def stack(request):
    """The HTTP port of a running stack, and how to command it."""
    http_port, grpc_port = programs.free_ports(2)
    settings = {"VERDICT_HTTP_PORT": str(http_port), "VERDICT_GRPC_PORT": str(grpc_port), "VERDICT_MODEL_DIR": str(programs.MODEL),
                "VERDICT_TARGET": request.param}
    command = [*compose_command(), "--project-name", f"verdict-test-{os.getpid()}", "--file", str(COMPOSE_FILE)]

    def compose(*arguments):
        return subprocess.run([*command, *arguments], env={**os.environ, **settings}, capture_output=True, text=True, timeout=300, check=False)
    try:
        up = compose("up", "--detach", "--no-build")
        assert up.returncode == 0, up.stderr
        yield int(settings["VERDICT_HTTP_PORT"]), compose
    finally:
        compose("down", "--timeout=30", "--volumes")


def test_compose_up_classifies_a_text_and_outlives_a_restart_of_the_service(stack):
    port, compose = stack
    programs.await_ping(port)
    with programs.Http(port) as connection:
        status, _, body = connection.classify("I lost my card yesterday, can I get a new one?")
    assert status == 200
    assert "card" in json.loads(body)["prediction"]["label"]

    assert compose("restart", "service").returncode == 0
    programs.await_ping(port)
    with programs.Http(port) as connection:
        assert connection.classify("How do I change my PIN?")[0] == 200
